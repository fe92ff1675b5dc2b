"""Finds where a product stands in the files of the mapping."""

from __future__ import annotations

from bot.mapping.branch import product_files
from bot.mapping.load import Items, Table, Text
from bot.mapping.source import Source


def locate(source: Source, product: str) -> tuple[str, int] | None:
    """Give the file and the line of a product's code; None where no file has it."""
    for path, codes in product_files(source).items():
        if product in codes:
            parsed = source.parsed(path)
            if parsed and isinstance(parsed.root, Table):
                listed = parsed.root.entries["products"][1]
                line = _line(listed, product) if isinstance(listed, Items) else None
                if line is not None:
                    return path, line
    return None


def _line(listed: Items, product: str) -> int | None:
    for item in listed.items:
        code = item.entries["code"][1] if isinstance(item, Table) and "code" in item.entries else None
        if isinstance(code, Text) and code.value == product:
            return code.line
    return None
