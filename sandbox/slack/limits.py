"""What Slack refuses to show: the checks of messages and views. Source: spec 7.3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.slack.checker import Checker
from sandbox.slack.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, MAX_ID, check_element, check_image
from sandbox.slack.tables import check_chart, check_data_table, check_table

Json = dict[str, Any]

MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MAX_ATTACHMENTS = 100
MAX_VIEW_BYTES = 250_000
MAX_BLOCK_TEXT = 12_000
MAX_MARKDOWN = 12_000
MAX_TEXT = 40_000
MAX_UPDATE_TEXT = 4_000
MAX_CHARTS = 2

ALL = ("message", "modal", "home")
Check = Callable[[Checker, Json, str], None]


def check_message(blocks: Any, attachments: Any) -> list[str]:
    """Give what is wrong with a message's blocks and attachments; empty is good."""
    checker = Checker("message")
    _check_blocks(checker, blocks, "/blocks")
    for place, item in checker.items(attachments, "/attachments", MAX_ATTACHMENTS, least=0):
        if checker.mapping(item, place):
            _check_blocks(checker, item.get("blocks"), f"{place}/blocks")
    return checker.problems


def check_view(view: Any, kinds: tuple[str, ...]) -> list[str]:
    """Give what is wrong with a view; ``kinds`` says whether it may be a modal or a Home."""
    checker = Checker(view.get("type", "") if isinstance(view, dict) else "")
    if not checker.mapping(view, "/view"):
        return checker.problems
    if checker.surface not in kinds:
        checker.fail("/view/type", f"must be one of: {', '.join(kinds)}")
        return checker.problems
    _check_frame(checker, view)
    _check_blocks(checker, view.get("blocks"), "/view/blocks")
    return checker.problems


def _check_frame(checker: Checker, view: Json) -> None:
    modal = "title submit close clear_on_close notify_on_close submit_disabled"
    common = "blocks private_metadata callback_id external_id"
    is_modal = checker.surface == "modal"
    required = "title blocks" if is_modal else "blocks"
    checker.keys(view, "/view", required=required, optional=f"{common} {modal if is_modal else ''}")
    for part in ("title", "submit", "close"):
        checker.text(view.get(part), f"/view/{part}", 24, "plain_text")
    checker.string(view.get("private_metadata"), "/view/private_metadata", 3000, least=0)
    for part in ("callback_id", "external_id"):
        checker.string(view.get(part), f"/view/{part}", MAX_ID, least=0)
    kinds = [block.get("type") for block in view.get("blocks") or [] if isinstance(block, dict)]
    if is_modal and "input" in kinds and not view.get("submit"):
        checker.fail("/view", "missing required field: submit")


def _check_blocks(checker: Checker, blocks: Any, pointer: str) -> None:
    for place, block in checker.items(blocks, pointer, MAX_BLOCKS[checker.surface], least=0):
        if checker.mapping(block, place):
            _check_block(checker, block, place)
    if isinstance(blocks, list):
        _check_totals(checker, [block for block in blocks if isinstance(block, dict)], pointer)


def _check_block(checker: Checker, block: Json, pointer: str) -> None:
    required, optional, surfaces, check = _BLOCKS.get(str(block.get("type")), ("", "", (), None))
    if check is None or checker.surface not in surfaces:
        checker.fail(pointer, f"unsupported type: {block.get('type')}")
        return
    if not checker.keys(block, pointer, required=required, optional=f"block_id {optional}"):
        return
    block_id = block.get("block_id")
    checker.string(block_id, f"{pointer}/block_id", MAX_ID, least=0)
    if block_id and block_id in checker.block_ids:
        checker.fail(f"{pointer}/block_id", f"block_id {block_id!r} already exists")
    checker.block_ids.add(str(block_id))
    check(checker, block, pointer)


def _check_totals(checker: Checker, blocks: list[Json], pointer: str) -> None:
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MAX_MARKDOWN:
        checker.fail(pointer, f"markdown blocks must be less than {MAX_MARKDOWN + 1} characters")
    if sum(block.get("type") == "data_visualization" for block in blocks) > MAX_CHARTS:
        checker.fail(pointer, f"no more than {MAX_CHARTS} data_visualization blocks allowed")
    for kind, most in (("table", 10_000), ("data_table", 20_000)):
        total = sum(_text_length(block) for block in blocks if block.get("type") == kind)
        if total > most:
            checker.fail(pointer, f"{kind} cells must be less than {most + 1} characters")


def block_text_length(blocks: list[Json]) -> int:
    """Count the characters of all texts in blocks, those of tables apart."""
    return sum(_text_length(b) for b in blocks if b["type"] not in ("table", "data_table"))


def _text_length(value: Any) -> int:
    if isinstance(value, list):
        return sum(_text_length(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = len(value["text"]) if isinstance(value.get("text"), str) else 0
    return own + sum(_text_length(item) for item in value.values())


def view_is_too_large(view: Any) -> bool:
    """Tell whether a view is above 250 kB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > MAX_VIEW_BYTES


def _section(checker: Checker, block: Json, pointer: str) -> None:
    if not block.get("text") and not block.get("fields"):
        checker.fail(pointer, "missing required field: text or fields")
    checker.text(block.get("text"), f"{pointer}/text", 3000)
    for place, field in checker.items(block.get("fields"), f"{pointer}/fields", 10):
        checker.text(field, place, 2000)
    if block.get("accessory") is not None:
        check_element(checker, block["accessory"], f"{pointer}/accessory", IN_SECTION)


def _context(checker: Checker, block: Json, pointer: str) -> None:
    for place, item in checker.items(block["elements"], f"{pointer}/elements", 10):
        if isinstance(item, dict) and item.get("type") == "image":
            check_element(checker, item, place, ["image"])
        else:
            checker.text(item, place, 3000)


def _actions(checker: Checker, block: Json, pointer: str) -> None:
    known: set[str] = set()
    for place, item in checker.items(block["elements"], f"{pointer}/elements", 25):
        check_element(checker, item, place, IN_ACTIONS)
        action_id = item.get("action_id") if isinstance(item, dict) else None
        if action_id and action_id in known:
            checker.fail(f"{place}/action_id", f"action_id {action_id!r} already exists")
        known.add(str(action_id))


def _input(checker: Checker, block: Json, pointer: str) -> None:
    checker.text(block["label"], f"{pointer}/label", 2000, "plain_text")
    checker.text(block.get("hint"), f"{pointer}/hint", 2000, "plain_text")
    check_element(checker, block["element"], f"{pointer}/element", IN_INPUT)


def _image(checker: Checker, block: Json, pointer: str) -> None:
    check_image(checker, block, pointer)
    checker.text(block.get("title"), f"{pointer}/title", 2000, "plain_text")


def _markdown(checker: Checker, block: Json, pointer: str) -> None:
    checker.string(block["text"], f"{pointer}/text", MAX_MARKDOWN)


def _alert(checker: Checker, block: Json, pointer: str) -> None:
    checker.text(block["text"], f"{pointer}/text", 200)
    levels = ("default", "info", "warning", "error", "success")
    checker.choice(block.get("level"), f"{pointer}/level", levels)


def _header(checker: Checker, block: Json, pointer: str) -> None:
    checker.text(block["text"], f"{pointer}/text", 150, "plain_text")
    checker.number(block.get("level"), f"{pointer}/level", 1, 6)


def _nothing(_checker: Checker, _block: Json, _pointer: str) -> None:
    pass


# Block type -> (required fields, further fields, where it may stand, its own check).
_BLOCKS: dict[str, tuple[str, str, tuple[str, ...], Check | None]] = {
    "section": ("", "text fields accessory expand", ALL, _section),
    "header": ("text", "level", ALL, _header),
    "context": ("elements", "", ALL, _context),
    "actions": ("elements", "", ALL, _actions),
    "input": ("label element", "hint optional dispatch_action", ALL, _input),
    "divider": ("", "", ALL, _nothing),
    "image": ("alt_text", "image_url slack_file title", ALL, _image),
    "rich_text": ("elements", "", ALL, _nothing),
    "markdown": ("text", "", ("message",), _markdown),
    "table": ("rows", "column_settings", ("message", "home"), check_table),
    "data_table": (
        "rows caption",
        "page_size row_header_column_index",
        ("message", "home"),
        check_data_table,
    ),
    "data_visualization": ("title chart", "", ("message",), check_chart),
    "alert": ("text", "level", ("modal",), _alert),
}
