"""Writes the tables of README.md that the code itself can give; ``make docs`` runs it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from adapters import registry
from adapters.table import abilities_table
from bot.cli import parser
from bot.config import GuardSettings, MappingSettings, ShopConfig, SlackSettings, StateSettings, SyncSettings

README = Path(__file__).parent.parent / "README.md"
SECTIONS = {
    "state": StateSettings,
    "slack": SlackSettings,
    "mapping": MappingSettings,
    "sync": SyncSettings,
    "guard": GuardSettings,
}


def commands() -> str:
    """Give every command of the shell with what it does."""
    rows = [f"| `tanaban {usage}` | {summary} |" for usage, summary in _leaves(parser(), "")]
    return "\n".join(["| command | does |", "| --- | --- |", *rows])


def _leaves(found: argparse.ArgumentParser, prefix: str) -> Iterator[tuple[str, str]]:
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, child in action.choices.items():
                nested = list(_leaves(child, f"{prefix}{name} "))
                yield from nested or [(prefix + name + _arguments(child), summaries.get(name, ""))]


def _arguments(found: argparse.ArgumentParser) -> str:
    names = []
    for action in found._actions:
        if isinstance(action, argparse._HelpAction) or action.dest == "config":
            continue
        name = action.dest.upper() if not action.option_strings else action.option_strings[0]
        needed = action.required and action.nargs not in ("?", "*")
        names.append(f" {name}" if needed else f" [{name}]")
    return "".join(names)


def settings() -> str:
    """Give every setting with its usual value."""
    rows = ["| setting | usually |", "| --- | --- |"]
    for section, kind in SECTIONS.items():
        for item in fields(kind):
            usual = "" if item.default in (None, "") else f"`{item.default}`"
            rows.append(f"| `{section}.{item.name}` | {usual} |")
    for item in fields(ShopConfig):
        if item.name != "options":
            rows.append(f"| `shops.SHOP.{item.name}` | as under `sync`, or the mall's own |")
    rows.append("| `shops.SHOP.*` | the mall's own settings: see its README under `adapters/` |")
    return "\n".join(rows)


def abilities() -> str:
    """Give what each mall can and cannot do, and why."""
    return abilities_table(registry.all_abilities())


TABLES = {"commands": commands, "settings": settings, "abilities": abilities}


def filled(text: str) -> str:
    """Give a page with the tables between its marks as they should be."""
    for name, give in TABLES.items():
        marks = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text, count = re.subn(marks, lambda m, give=give: m[1] + give() + "\n" + m[2], text, flags=re.S)
        assert count == 1, f"no place for {name}"
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
