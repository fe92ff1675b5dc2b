"""The set-up check-list of a shop: the verb, the form with its boxes, and its submission."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from bot.answers import Refused
from bot.setting_up import OWN, SetupItem, SetupList, SetupStage
from bot.slack.blocks import Block, Message, checks_input, context, cut, escape, modal, plain, section
from bot.slack.desk import Answer, Person
from bot.slack.room import Room, Words
from bot.slack.verbs import BY_NAME
from bot.slack.views import sentence
from bot.slack.voice import Voice

log = logging.getLogger(__name__)

CALLBACK = "setup"
MOST_BOXES = 10
_BOXES = "steps:"


class SetupRoom(Room):
    """``setup``."""

    def open(self, person: Person, words: Words) -> Answer | None:
        """Open the check-list of a shop."""
        self._desk.allow(person, BY_NAME["setup"])
        if not words:
            return self._usage(person, "setup")
        self._no_more(words[1:])
        return self.open_list(person, self._shop(words[0]))

    def open_list(self, person: Person, shop: str) -> Answer | None:
        """Open the check-list: what the command and the button do."""
        self._desk.allow(person, BY_NAME["setup"])
        found, voice = self._actions.setting_up.list_of(shop), self._desk.voice(person)
        if self._desk.open_view(person.trigger_id, setup_modal(found, voice)):
            return None
        return Answer(sentence("modal_late", voice))

    def submit(self, person: Person, view: Mapping[str, Any]) -> dict[str, str]:
        """Keep what was ticked and what was cleared; errors by block id, none where it is kept."""
        about, first = json.loads(view["private_metadata"]), next(iter(view["state"]["values"]), "")
        try:
            self._keep(person, about["shop"], set(about["ticked"]), _chosen(view))
        except Refused as refused:
            return {first: self._desk.voice(person)(refused.key, **refused.params)}
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("a check-list failed")
            return {first: self._desk.voice(person)("broken")}
        return {}

    def _keep(self, person: Person, shop: str, before: set[int], after: set[int]) -> None:
        """Change what this person changed: another may have ticked other steps meanwhile."""
        self._desk.allow(person, BY_NAME["setup"])
        done, undone = sorted(after - before), sorted(before - after)
        if not done and not undone:
            return
        setting_up = self._actions.setting_up
        arguments = {"shop": shop, "done": done, "undone": undone}

        def act() -> SetupList:
            keys = setting_up.numbered(shop, done), setting_up.numbered(shop, undone)
            return setting_up.tick(shop, keys[0], person.user, undone=keys[1])

        found = self._desk.change(person, BY_NAME["setup"], arguments, act)
        self._desk.tell_ops(saved(found, person.user, self._desk.voice()))


def _chosen(view: Mapping[str, Any]) -> set[int]:
    boxes = [states["value"] for block, states in view["state"]["values"].items() if block.startswith(_BOXES)]
    return {int(option["value"]) for box in boxes for option in box.get("selected_options") or ()}


# --- views


def saved(found: SetupList, who: str, voice: Voice) -> Message:
    """Tell the channel how far a set-up is."""
    numbers = {"done": found.done, "count": len(found.items)}
    return plain([voice("setup.saved", who=voice.person(who), shop=escape(found.shop), **numbers)])


def setup_modal(found: SetupList, voice: Voice) -> Block:
    """Build the form: each stage with its steps in full, then their boxes."""
    mall, shop = voice.label(found.mall_ja, found.mall_en), escape(found.shop)
    head = voice("setup.head", mall=mall, shop=shop, done=found.done, count=len(found.items))
    blocks = [section(f"*{head}*"), context(voice("setup.secret", shop=shop))]
    for number, stage in enumerate(found.stages):
        blocks += _stage(number, stage, voice)
    ticked = [item.number for item in found.items if item.who]
    words = voice("setup.title"), voice("setup.submit"), voice("renewal.close")
    return {**modal(*words, blocks, {"shop": found.shop, "ticked": ticked}), "callback_id": CALLBACK}


def _stage(number: int, stage: SetupStage, voice: Voice) -> Iterator[Block]:
    title = stage.ja if voice.lang == "ja" else stage.en
    lines = [_line(item, voice) for item in stage.items]
    yield section("\n".join([f"*{escape(title)}*", *lines]))
    for start in range(0, len(stage.items), MOST_BOXES):
        some = stage.items[start : start + MOST_BOXES]
        options = {str(item.number): f"{item.number}. {_text(item, voice)}" for item in some}
        ticked = {str(item.number) for item in some if item.who}
        yield checks_input(f"{_BOXES}{number}:{start}", voice("setup.group"), options, ticked)


def _text(item: SetupItem, voice: Voice) -> str:
    return item.step.ja if voice.lang == "ja" else item.step.en


def _line(item: SetupItem, voice: Voice) -> str:
    """Say a step with its exact values, and who ticked it."""
    lead = f"{voice.command} " if item.step.key.startswith(OWN) else ""
    values = " ".join(f"`{lead}{escape(value)}`" for value in item.step.values)
    who = voice("setup.ticked", who=voice.person(item.who), at=voice.at(item.at)) if item.who else ""
    return cut(f"{item.number}. {escape(_text(item, voice))}　{values}　{who}".rstrip("　"), 400)
