"""Files by a form: checked first, what one would do is shown, and it is done when that is confirmed.

The file is held in memory until then, for an hour at most; a restart asks for it again.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from threading import Lock
from typing import Any

from bot.answers import FileProblem, Refused
from bot.filing import Brought, Filed, FileKind
from bot.messages import JST
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    choice_input,
    context,
    cut,
    escape,
    file_input,
    message,
    modal,
    plain,
    section,
    text_input,
)
from bot.slack.clicks import Bodies, Click
from bot.slack.desk import Desk, Person
from bot.slack.verbs import BY_NAME, COUNT
from bot.slack.views import sentence
from bot.slack.voice import Voice
from bot.store.outbox import Priority

log = logging.getLogger(__name__)

CALLBACK = "upload"
KIND_BLOCK, SHOP_BLOCK, FILE_BLOCK, TIME_BLOCK = "kind", "shop", "file", "as_of"
MOST_BYTES = 10 * 1024 * 1024
TYPES = ("csv", "xlsx")
HELD_S, MOST_HELD = 3600.0, 10
LISTED = 15
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_VERBS = {FileKind.COUNT: COUNT, FileKind.ORDERS: BY_NAME["orders"], FileKind.PRODUCTS: BY_NAME["import"]}


@dataclass(frozen=True)
class _Held:
    user: str
    file: Brought
    at: float


class Uploads:
    """The form, what it brings, and the buttons under the plan."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._actions = desk.actions
        self._held: dict[str, _Held] = {}
        self._lock = Lock()
        self.buttons: dict[str, Callable[[Person, Click], Bodies]] = {
            "upload:open": self._open,
            "upload:apply": self._apply,
            "upload:drop": self._drop,
        }

    def _open(self, person: Person, _click: Click) -> Bodies:
        self._desk.allow(person, COUNT)
        voice = self._desk.voice(person)
        if self._desk.open_view(person.trigger_id, upload_modal(self._actions.shops(), voice)):
            return []
        return [sentence("modal_late", voice).body()]

    # --- what came

    def submit(self, person: Person, view: Mapping[str, Any]) -> dict[str, str]:
        """Check a file and send the person what it would do; errors by block id."""
        voice = self._desk.voice(person)
        try:
            file = self._brought(person, view)
            filed = self._actions.filing.take(file, person.user, dry_run=True)
        except Refused as refused:
            block = TIME_BLOCK if refused.key in ("bad_time", "count_future") else FILE_BLOCK
            return {block: voice(refused.key, **refused.params)}
        except Exception:  # noqa: BLE001 - the entry point from Slack: the person must hear something
            log.exception("a file failed")
            return {FILE_BLOCK: voice("broken")}
        if filed.problems:
            return {FILE_BLOCK: "\n".join(_first(filed.problems, voice, lambda text: text))}
        shown = plan_message(file, filed, self._hold(person, file), voice)
        self._desk.outbox.put(person.user, shown.body(), Priority.NEWS, self._actions.now())
        self._desk.wake()
        return {}

    def _brought(self, person: Person, view: Mapping[str, Any]) -> Brought:
        values = {block: states["value"] for block, states in view["state"]["values"].items()}
        kind = FileKind(values[KIND_BLOCK]["selected_option"]["value"])
        self._desk.allow(person, _VERBS[kind])
        shop = "" if kind is FileKind.COUNT else str(values[SHOP_BLOCK]["selected_option"]["value"])
        if shop and shop not in self._actions.shops():
            raise Refused("changed_meanwhile")
        as_of = _time(str(values[TIME_BLOCK].get("value") or ""), self._actions.now())
        given = values[FILE_BLOCK]["files"][0]
        name = str(given["name"])
        if PurePath(name).suffix.lower().lstrip(".") not in TYPES:
            raise Refused("upload_type", types=", ".join(TYPES))
        if int(given.get("size", 0)) > MOST_BYTES:
            raise Refused("upload_size")
        content = self._desk.files.fetch(str(given["url_private_download"]), MOST_BYTES)
        return Brought(kind, name, content, as_of, shop)

    def _hold(self, person: Person, file: Brought) -> str:
        """Hold a file until it is confirmed; the oldest make room."""
        key, now = secrets.token_hex(8), self._desk.clock.monotonic()
        with self._lock:
            young = {name: held for name, held in self._held.items() if now - held.at <= HELD_S}
            self._held = dict(list(young.items())[-MOST_HELD + 1 :]) | {key: _Held(person.user, file, now)}
        return key

    # --- what was decided

    def _apply(self, person: Person, click: Click) -> Bodies:
        held = self._of(person, click)
        file = held.file
        self._desk.allow(person, _VERBS[file.kind])
        self._take_out(click)
        arguments = {"file": file.name, "shop": file.shop, "as_of": file.as_of.isoformat()}
        filing = self._actions.filing
        filed = self._desk.change(
            person, _VERBS[file.kind], arguments, lambda: filing.take(file, person.user, dry_run=False)
        )
        done = done_message(file, filed, person.user, self._desk.voice())
        self._desk.tell_ops(done)
        return [{"replace_original": True, **done.body()}]

    def _drop(self, person: Person, click: Click) -> Bodies:
        self._of(person, click)
        self._take_out(click)
        dropped = sentence("upload.dropped", self._desk.voice(person))
        return [{"replace_original": True, **dropped.body()}]

    def _of(self, person: Person, click: Click) -> _Held:
        with self._lock:
            held = self._held.get(str(click.value.get("file", "")))
        if held is None or held.user != person.user:
            raise Refused("upload_gone")
        return held

    def _take_out(self, click: Click) -> None:
        """Take the file out: of two presses one alone does it."""
        with self._lock:
            if self._held.pop(str(click.value["file"]), None) is None:
                raise Refused("upload_gone")


def _time(text: str, now: datetime) -> datetime:
    """Read when a count was made: a time of today, in Japan; now if none is given."""
    if not text.strip():
        return now
    found = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if hour > 23 or minute > 59:
        raise Refused("bad_time", text=text)
    return now.astimezone(JST).replace(hour=hour, minute=minute, second=0, microsecond=0)


# --- views


def upload_modal(shops: list[str], voice: Voice) -> Block:
    """Build the form: what it is, of which shop, when it was counted, the file."""
    kinds = {kind.value: voice(f"upload.{kind}") for kind in FileKind}
    blocks = [choice_input(KIND_BLOCK, voice("upload.kind"), kinds)]
    blocks.append(choice_input(SHOP_BLOCK, voice("upload.shop"), {shop: shop for shop in shops[:100]}))
    blocks.append({**text_input(TIME_BLOCK, voice("upload.as_of")), "optional": True})
    blocks.append(file_input(FILE_BLOCK, voice("upload.file"), TYPES))
    blocks.append(context(voice("upload.note")))
    words = voice("upload.title"), voice("upload.submit"), voice("renewal.close")
    return {**modal(*words, blocks, {}), "callback_id": CALLBACK}


def plan_message(file: Brought, filed: Filed, key: str, voice: Voice) -> Message:
    """Show what a file would do, with the buttons that do it or not."""
    head = voice(f"upload.plan_{file.kind}", **_words(file, filed))
    lines = [voice(name, **_escaped(params)) for name, params in filed.lines[:LISTED]]
    if len(filed.lines) > LISTED:
        lines.append(voice("home.more", count=len(filed.lines) - LISTED))
    lines += _first(filed.findings, voice, escape)
    row = actions(
        button(voice("upload.apply"), "upload:apply", {"file": key}, "primary"),
        button(voice("upload.drop"), "upload:drop", {"file": key}),
    )
    text = cut("\n".join([head, *lines]), 2900)
    return message([text], [section(text), row])


def done_message(file: Brought, filed: Filed, who: str, voice: Voice) -> Message:
    """Tell what a file did."""
    head = voice(f"upload.done_{file.kind}", **_words(file, filed))
    return plain([head, *_first(filed.findings, voice, escape), voice("pause.by", who=voice.person(who))])


def _words(file: Brought, filed: Filed) -> dict[str, Any]:
    known = {"name": escape(file.name), "shop": escape(file.shop), "at": file.as_of}
    return {**known, **filed.numbers}


def _first(problems: Any, voice: Voice, ready: Callable[[str], str]) -> list[str]:
    """Say the first of some problems, each with its row."""
    lines = [_problem(problem, voice, ready) for problem in problems[:LISTED]]
    more = len(problems) - LISTED
    return [*lines, voice("home.more", count=more)] if more > 0 else lines


def _problem(problem: FileProblem, voice: Voice, ready: Callable[[str], str]) -> str:
    text = voice(problem.key, **{name: ready(value) for name, value in problem.params.items()})
    code = ready(problem.params.get("code", "")) if problem.key.startswith("finding.") else ""
    row = voice("upload.row", row=problem.line) if problem.line else ""
    return " ".join(part for part in (row, code, text) if part)


def _escaped(params: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(value) for name, value in params.items()}
