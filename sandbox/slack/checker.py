"""The small checks of which the checks of blocks are made; each failure says where, as Slack does."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

Json = dict[str, Any]


class Checker:
    """Collects problems in Slack's words: ``[ERROR] … [json-pointer:/blocks/0/text]``."""

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.problems: list[str] = []
        self.block_ids: set[str] = set()

    def fail(self, pointer: str, text: str) -> None:
        """Note one problem."""
        self.problems.append(f"[ERROR] {text} [json-pointer:{pointer}]")

    def mapping(self, value: Any, pointer: str) -> bool:
        """Require a JSON object."""
        if isinstance(value, dict):
            return True
        self.fail(pointer, "must be a valid object")
        return False

    def keys(self, value: Json, pointer: str, *, required: str, optional: str = "") -> bool:
        """Require the named fields (words in one text) and refuse all that are not named."""
        wanted, allowed = required.split(), {*required.split(), *optional.split(), "type"}
        for key in value:
            if key not in allowed:
                self.fail(pointer, f"invalid additional property: {key}")
        missing = [key for key in wanted if value.get(key) is None]
        for key in missing:
            self.fail(pointer, f"missing required field: {key}")
        return not missing

    def string(self, value: Any, pointer: str, most: int, least: int = 1) -> None:
        """Require a text of ``least`` to ``most`` characters; None passes."""
        if value is None:
            return
        if not isinstance(value, str):
            self.fail(pointer, "must be a valid string")
        elif len(value) > most:
            self.fail(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            self.fail(pointer, f"must be more than {least - 1} characters")

    def number(self, value: Any, pointer: str, least: int, most: int) -> None:
        """Require a whole number in a range; None passes."""
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(pointer, "must be a valid integer")
        elif not least <= value <= most:
            self.fail(pointer, f"must be between {least} and {most}")

    def choice(self, value: Any, pointer: str, allowed: Collection[str]) -> None:
        """Require one of a few words; None passes."""
        if value is not None and value not in allowed:
            self.fail(pointer, f"must be one of: {', '.join(sorted(allowed))}")

    def text(self, value: Any, pointer: str, most: int, kinds: str = "plain_text mrkdwn") -> None:
        """Require a text object; None passes."""
        if value is None or not self.mapping(value, pointer):
            return
        if value.get("type") not in kinds.split():
            self.fail(f"{pointer}/type", f"must be one of: {kinds.replace(' ', ', ')}")
            return
        extra = "emoji" if value["type"] == "plain_text" else "verbatim"
        if self.keys(value, pointer, required="text", optional=extra):
            self.string(value["text"], f"{pointer}/text", most)

    def items(self, value: Any, pointer: str, most: int, least: int = 1) -> Iterator[tuple[str, Any]]:
        """Require a list of ``least`` to ``most`` items and give each with its pointer; None passes."""
        if value is None:
            return
        if not isinstance(value, list):
            self.fail(pointer, "must be a valid array")
            return
        if len(value) > most:
            self.fail(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            self.fail(pointer, f"must have at least {least} items")
        for number, item in enumerate(value):
            yield f"{pointer}/{number}", item
