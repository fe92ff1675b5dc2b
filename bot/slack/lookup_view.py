"""The answer to a bare code, as a message. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from bot.answers import Lookup, ShopLevel
from bot.messages import knows
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    escape,
    header,
    message,
    section,
)
from bot.slack.marks import MARKS, MOST_SHOPS
from bot.slack.tables import select
from bot.slack.voice import Voice


def lookup_message(found: Lookup, now: datetime, voice: Voice, shared_by: str = "") -> Message:
    """Show one code: its stock, and per shop what is shown, what should be, and how old that is.

    Args:
        shared_by: who shows it to the channel; "" for an answer to one person, with the button.
    """
    title = voice("lookup.title", code=found.code, name=found.name).strip()
    figures = _figures(found, now, voice)
    shops = [_shop_level(level, found.changed_at, now, voice) for level in found.shops]
    shops = (shops or [[voice("lookup.nowhere")]])[:MOST_SHOPS]
    shops += [[line] for line in _not_listed(found, voice)]
    foot = voice("shared_by", who=voice.person(shared_by)) if shared_by else ""
    blocks: list[Block] = [header(title), section("\n".join(figures)), divider()]
    blocks += [section("\n".join(lines)) for lines in shops]
    if shared_by:
        blocks.append(context(foot))
    else:
        blocks.append(actions(*_buttons(found, voice)))
    return message([escape(title), *figures, *(line for lines in shops for line in lines), foot], blocks)


def _buttons(found: Lookup, voice: Voice) -> Iterator[Block]:
    value = {"code": found.code}
    yield button(voice("button.share"), "show:lookup", value)
    yield button(voice("button.history"), "show:history", value)
    yield button(voice("button.chart"), "show:chart", value)
    shops = [*(level.shop for level in found.shops), *(shop.shop for shop in found.not_listed)]
    if shops:  # a menu's value is short, so the code stands in its name
        options = {shop: json.dumps({"shop": shop}, ensure_ascii=False) for shop in shops}
        yield select(f"why:shop:{found.code}", voice("select.why"), options)


def _not_listed(found: Lookup, voice: Voice) -> Iterator[str]:
    if found.not_listed:
        names = [
            voice("lookup.shop", mall=voice.label(shop.mall_ja, shop.mall_en), shop=escape(shop.shop))
            for shop in found.not_listed
        ]
        yield voice("lookup.not_listed", shops=voice("list.join").join(names))


def _figures(found: Lookup, now: datetime, voice: Voice) -> list[str]:
    parts = voice("lookup.parts", on_hand=found.on_hand, reserved=found.reserved, held=found.held)
    changed = found.changed_at
    when = voice("lookup.changed", at=voice.at(changed), ago=voice.ago(changed, now)) if changed else ""
    return [f"*{voice('lookup.available', n=found.available)}*", parts, when or voice("lookup.never")]


def _shop_level(level: ShopLevel, changed_at: datetime | None, now: datetime, voice: Voice) -> list[str]:
    mall = voice.label(level.mall_ja, level.mall_en)
    name = f"*{voice('lookup.shop', mall=mall, shop=escape(level.shop))}*"
    state = voice(f"state.{level.state}")
    lines = [
        f"{MARKS[level.state]} {name} {state}",
        voice("lookup.code", field=escape(level.code_field), code=f"`{escape(level.mall_code)}`"),
        f"{_shown(level, now, voice)} ／ {_target(level, changed_at, state, voice)}",
    ]
    if level.last_written is not None:
        outcome, at = voice(f"outcome.{level.last_outcome}"), voice.at(level.last_written_at)
        lines.append(voice("lookup.written", n=level.last_written, at=at, outcome=outcome))
    lines += [f"⏳ {voice('lookup.waiting')}"] if level.waiting else []
    if level.note:
        lines.append(voice(key) if knows(key := f"note.{level.note}") else escape(level.note))
    return lines


def _shown(level: ShopLevel, now: datetime, voice: Voice) -> str:
    if level.shown is None:
        return voice("lookup.shown_unknown")
    if level.shown_at is None:
        return voice("lookup.shown_undated", n=level.shown)
    ago = voice.ago(level.shown_at, now)
    return voice("lookup.shown", n=level.shown, at=voice.at(level.shown_at), ago=ago)


def _target(level: ShopLevel, changed_at: datetime | None, state: str, voice: Voice) -> str:
    if level.target is None:
        return voice("lookup.no_target", state=state)
    if changed_at is None:
        return voice("lookup.target", n=level.target)
    return voice("lookup.target_aged", n=level.target, at=voice.at(changed_at))
