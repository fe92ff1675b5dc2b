"""What a person has typed or chosen: the ``state.values`` of views and messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.slack.render import text_of

Json = dict[str, Any]

# Element type -> (field of its value in the state, field of its initial value).
_FIELDS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "file_input": ("files", "initial_files"),
}
_LISTS = ("selected_options", "selected_users", "files")
_TEXTS = ("plain_text_input", "number_input", "email_text_input", "url_text_input")


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Give every interactive element with its block."""
    for block in blocks:
        if block.get("accessory", {}).get("type") not in (None, "image"):
            yield block, block["accessory"]
        if block["type"] == "input":
            yield block, block["element"]
        if block["type"] == "actions":
            yield from ((block, element) for element in block["elements"])


def blank_values(blocks: list[Json]) -> Json:
    """Build the state of blocks that nobody has touched: initial values, else null or empty."""
    values: Json = {}
    for block, element in elements(blocks):
        if element["type"] in _FIELDS:
            states = values.setdefault(block["block_id"], {})
            states[element["action_id"]] = _blank(element)
    return values


def _blank(element: Json) -> Json:
    field, initial = _FIELDS[element["type"]]
    nothing: Any = [] if field in _LISTS else None
    return {"type": element["type"], field: element.get(initial, nothing)}


def kept_values(blocks: list[Json], before: Json) -> Json:
    """Build the state of updated blocks: inputs that keep both ids keep what was typed."""
    values = blank_values(blocks)
    for block_id, states in values.items():
        for action_id, state in states.items():
            old = before.get(block_id, {}).get(action_id)
            if old and old["type"] == state["type"]:
                states[action_id] = old
    return values


def state_of(element: Json, given: Any) -> Json:
    """Build the state of an element to which a person gave a value.

    Args:
        given: text; an option's text or value; a list of these; a date; empty for nothing.
    """
    field, _initial = _FIELDS[element["type"]]
    return {"type": element["type"], field: _content(element, field, given)}


def _content(element: Json, field: str, given: Any) -> Any:
    if field == "selected_option":
        return option_of(element, given) if given not in (None, "") else None
    if field == "selected_options":
        return [option_of(element, item) for item in _as_list(given)]
    if field in _LISTS:
        return _as_list(given)
    if given in (None, ""):
        return None
    return int(given) if field == "selected_date_time" else str(given)


def _as_list(given: Any) -> list[Any]:
    if given in (None, ""):
        return []
    return given if isinstance(given, list) else [given]


def options(element: Json) -> list[Json]:
    """Give the options of a select, overflow, radio or checkbox element, groups flattened."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def option_of(element: Json, given: Any) -> Json:
    """Find an option by its text or its value; ValueError if there is none."""
    wanted = given["value"] if isinstance(given, dict) else str(given)
    for option in options(element):
        if wanted in (option["text"]["text"], text_of(option["text"]), option.get("value")):
            return option
    known = ", ".join(text_of(option["text"]) for option in options(element))
    raise ValueError(f"no option {wanted!r}; there are: {known}")


def is_stateful(element: Json) -> bool:
    """Tell whether an element has a value (a button has none)."""
    return element["type"] in _FIELDS


def own_errors(block: Json, state: Json) -> str:
    """Say what Slack itself would put under a field before sending the form, or nothing."""
    element = block["element"]
    field, _initial = _FIELDS[element["type"]]
    content = state[field]
    if not content:
        return "" if block.get("optional") else "この項目は必須です。"
    if element["type"] in _TEXTS:
        return _text_error(element, content)
    return ""


def _text_error(element: Json, content: str) -> str:
    least, most = int(element.get("min_length", 0)), int(element.get("max_length", 3000))
    if not least <= len(content) <= most:
        return f"{least} 文字以上 {most} 文字以下で入力してください。"
    if element["type"] == "number_input":
        try:
            number = float(content)
        except ValueError:
            return "数字を入力してください。"
        low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
        if not low <= number <= high:
            return "範囲外の数字です。"
    return ""
