"""Checks of the interactive elements and of what they are made of. Source: spec 7.3."""

from __future__ import annotations

from typing import Any

from sandbox.slack.checker import Checker
from sandbox.slack.inputs import options

Json = dict[str, Any]

MAX_ID = 255
MAX_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
SELECT_OPTIONS = 100
TEXT_INPUT_LENGTH = 3000

_SELECTS = "static_select users_select conversations_select channels_select"
_MULTI = "multi_static_select multi_users_select"
_PICKERS = "datepicker timepicker checkboxes radio_buttons"
_TEXTS = "plain_text_input number_input email_text_input url_text_input"

IN_ACTIONS = f"button overflow datetimepicker {_SELECTS} {_PICKERS}".split()
IN_SECTION = f"button overflow image {_SELECTS} {_MULTI} {_PICKERS}".split()
IN_INPUT = f"datetimepicker file_input {_SELECTS} {_MULTI} {_PICKERS} {_TEXTS}".split()

_COMMON = "action_id confirm focus_on_load"
# Element type -> (required fields, further fields).
_SHAPES = {
    "button": ("text", "action_id confirm url value style accessibility_label"),
    "overflow": ("options", "action_id confirm"),
    "static_select": ("", f"{_COMMON} placeholder options option_groups initial_option"),
    "multi_static_select": (
        "",
        f"{_COMMON} placeholder options option_groups initial_options max_selected_items",
    ),
    "users_select": ("", f"{_COMMON} placeholder initial_user"),
    "multi_users_select": ("", f"{_COMMON} placeholder initial_users max_selected_items"),
    "conversations_select": (
        "",
        f"{_COMMON} placeholder initial_conversation default_to_current_conversation filter",
    ),
    "channels_select": ("", f"{_COMMON} placeholder initial_channel"),
    "datepicker": ("", f"{_COMMON} placeholder initial_date"),
    "timepicker": ("", f"{_COMMON} placeholder initial_time timezone"),
    "datetimepicker": ("", f"{_COMMON} initial_date_time"),
    "checkboxes": ("options", f"{_COMMON} initial_options"),
    "radio_buttons": ("options", f"{_COMMON} initial_option"),
    "plain_text_input": (
        "",
        "action_id focus_on_load placeholder initial_value multiline min_length max_length "
        "dispatch_action_config",
    ),
    "number_input": (
        "is_decimal_allowed",
        "action_id focus_on_load placeholder initial_value min_value max_value dispatch_action_config",
    ),
    "email_text_input": ("", "action_id focus_on_load placeholder initial_value dispatch_action_config"),
    "url_text_input": ("", "action_id focus_on_load placeholder initial_value dispatch_action_config"),
    "file_input": ("", "action_id filetypes max_files"),
    "image": ("alt_text", "image_url slack_file"),
}


def check_element(checker: Checker, value: Any, pointer: str, allowed: list[str]) -> None:
    """Check one element of a block that takes the ``allowed`` types."""
    if not checker.mapping(value, pointer):
        return
    kind = value.get("type")
    if kind not in allowed or (kind == "file_input" and checker.surface != "modal"):
        checker.fail(pointer, f"unsupported type: {kind}")
        return
    required, optional = _SHAPES[kind]
    if not checker.keys(value, pointer, required=required, optional=optional):
        return
    checker.string(value.get("action_id"), f"{pointer}/action_id", MAX_ID)
    checker.text(value.get("placeholder"), f"{pointer}/placeholder", 150, "plain_text")
    _check_confirm(checker, value.get("confirm"), f"{pointer}/confirm")
    _check_by_kind(checker, value, pointer)


def _check_by_kind(checker: Checker, value: Json, pointer: str) -> None:
    kind = value["type"]
    if kind == "button":
        _check_button(checker, value, pointer)
    elif kind == "image":
        check_image(checker, value, pointer)
    elif kind == "plain_text_input":
        _check_text_input(checker, value, pointer)
    elif "options" in _SHAPES[kind][0] or "options" in _SHAPES[kind][1].split():
        _check_options(checker, value, pointer)


def _check_button(checker: Checker, value: Json, pointer: str) -> None:
    checker.text(value["text"], f"{pointer}/text", 75, "plain_text")
    checker.string(value.get("value"), f"{pointer}/value", 2000, least=0)
    checker.string(value.get("url"), f"{pointer}/url", 3000)
    checker.string(value.get("accessibility_label"), f"{pointer}/accessibility_label", 75)
    checker.choice(value.get("style"), f"{pointer}/style", ("primary", "danger"))


def check_image(checker: Checker, value: Json, pointer: str) -> None:
    """Check the address and the texts of an image, block or element."""
    checker.string(value["alt_text"], f"{pointer}/alt_text", 2000)
    checker.string(value.get("image_url"), f"{pointer}/image_url", 3000)
    if not value.get("image_url") and not value.get("slack_file"):
        checker.fail(pointer, "missing required field: image_url")


def _check_text_input(checker: Checker, value: Json, pointer: str) -> None:
    checker.number(value.get("min_length"), f"{pointer}/min_length", 0, TEXT_INPUT_LENGTH)
    checker.number(value.get("max_length"), f"{pointer}/max_length", 1, TEXT_INPUT_LENGTH)
    most = value.get("max_length") or TEXT_INPUT_LENGTH
    checker.string(value.get("initial_value"), f"{pointer}/initial_value", int(most), least=0)


def _check_options(checker: Checker, value: Json, pointer: str) -> None:
    most = MAX_OPTIONS.get(value["type"], SELECT_OPTIONS)
    marked = value["type"] in ("checkboxes", "radio_buttons")
    if not value.get("options") and not value.get("option_groups"):
        checker.fail(pointer, "missing required field: options")
        return
    before = len(checker.problems)
    for place, option in checker.items(value.get("options"), f"{pointer}/options", most):
        _check_option(checker, option, place, marked=marked)
    for place, group in checker.items(value.get("option_groups"), f"{pointer}/option_groups", SELECT_OPTIONS):
        if not checker.mapping(group, place):
            continue
        checker.text(group.get("label"), f"{place}/label", 75, "plain_text")
        for inner, option in checker.items(group.get("options"), f"{place}/options", SELECT_OPTIONS):
            _check_option(checker, option, inner, marked=marked)
    if len(checker.problems) == before:
        _check_initial(checker, value, pointer)


def _check_option(checker: Checker, option: Any, pointer: str, *, marked: bool) -> None:
    if not checker.mapping(option, pointer):
        return
    if checker.keys(option, pointer, required="text value", optional="description url"):
        kinds = "plain_text mrkdwn" if marked else "plain_text"
        checker.text(option["text"], f"{pointer}/text", 75, kinds)
        checker.string(option["value"], f"{pointer}/value", 150)
        checker.text(option.get("description"), f"{pointer}/description", 75, kinds)


def _check_initial(checker: Checker, value: Json, pointer: str) -> None:
    chosen = value.get("initial_options") or [value.get("initial_option")]
    for option in chosen:
        if option is not None and option not in options(value):
            checker.fail(f"{pointer}/initial_option", "must be one of the provided options")


def _check_confirm(checker: Checker, value: Any, pointer: str) -> None:
    if value is None or not checker.mapping(value, pointer):
        return
    if checker.keys(value, pointer, required="title text confirm deny", optional="style"):
        checker.text(value["title"], f"{pointer}/title", 100, "plain_text")
        checker.text(value["text"], f"{pointer}/text", 300)
        checker.text(value["confirm"], f"{pointer}/confirm", 30, "plain_text")
        checker.text(value["deny"], f"{pointer}/deny", 30, "plain_text")
        checker.choice(value.get("style"), f"{pointer}/style", ("primary", "danger"))
