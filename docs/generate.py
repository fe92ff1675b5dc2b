"""Writes what the code itself can give: tables of the pages, the schemas; ``make docs`` runs it."""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from adapters import registry
from adapters.contract import KnownError
from adapters.table import abilities_table
from bot.app import CodeRules
from bot.cli import parser
from bot.config import (
    CredentialSettings,
    ForgeSettings,
    GuardSettings,
    MappingSettings,
    ShopConfig,
    SlackSettings,
    StateSettings,
    SyncSettings,
)
from bot.mapping.schema import SCHEMAS
from bot.messages import LANGUAGES, say
from bot.messages.mapping import MESSAGES

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ROOMS = (
    *(
        "bot",
        "bot/sync",
        "bot/mapping",
        "bot/store",
        "bot/credentials",
        "bot/slack",
        "bot/cli",
        "bot/messages",
    ),
    *("adapters", "sandbox", "sandbox/slack", "benchmarks"),
)
SECTIONS = {
    "state": StateSettings,
    "slack": SlackSettings,
    "credentials": CredentialSettings,
    "mapping": MappingSettings,
    "forge": ForgeSettings,
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
            for name in summaries:  # not the aliases
                child = action.choices[name]
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


def mapping_keys(language: str) -> str:
    """Give every key of the mapping files: what it takes and what it means."""
    head = {"ja": "| ファイル | キー | 書けるもの | 意味 |", "en": "| file | key | takes | means |"}[language]
    rows = [head, "| --- | --- | --- | --- |"]
    for name, schema in schemas().items():
        if name != "products":
            file = {"mapping": "mappings.yaml", "team": "team.yaml"}[name]
            rows += [
                f"| {file} | `{key}` | {takes} | {means} |"
                for key, takes, means in _keys(schema, "", language)
            ]
    return "\n".join(rows)


def _keys(schema: Any, at: str, language: str) -> Iterator[tuple[str, str, str]]:
    for name, part in schema.get("properties", {}).items():
        key = at + name + ("*" if name in schema.get("required", ()) else "")
        yield key, _takes(part), _means(part, language)
        yield from _inside(part, at + name, language)


def _inside(part: Any, at: str, language: str) -> Iterator[tuple[str, str, str]]:
    yield from _keys(part, f"{at}.", language)
    yield from _keys(part.get("items", {}), f"{at}[].", language)
    named = part.get("additionalProperties") or {}
    if "description" in named:
        yield f"{at}.NAME", _takes(named), _means(named, language)
    for table in (named, *named.get("anyOf", ())):
        yield from _keys(table, f"{at}.NAME.", language)
        for inner in table.get("anyOf", ()):
            yield from _keys(inner, f"{at}.NAME.", language)


def _means(part: Any, language: str) -> str:
    ja, en = part["description"].split("\n")
    return {"ja": ja, "en": en}[language]


def _takes(part: Any) -> str:
    if "enum" in part:
        words = (
            word if isinstance(word, str) and len(word) > 1 else json.dumps(word) for word in part["enum"]
        )
        return ", ".join(dict.fromkeys(f"`{word}`" for word in words if word != '"1"'))
    if "anyOf" in part:
        return " / ".join(_takes(one) for one in part["anyOf"])
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    if "minimum" in part:
        return f"{part['minimum']} - {part['maximum']}"
    if "exclusiveMinimum" in part:
        return "> 0"
    if part.get("type") in ("object", "array"):
        return {"object": "table", "array": "list"}[part["type"]]
    return "text"


def mapping_problems() -> str:
    """Give every sentence of the check by its key."""
    rows = ["| key | English | 日本語 |", "| --- | --- | --- |"]
    for key, texts in MESSAGES.items():
        if not key.startswith("level_"):
            en, ja = (texts[language].strip().replace("|", "\\|") for language in ("en", "ja"))
            rows.append(f"| `{key}` | {en} | {ja} |")
    return "\n".join(rows)


def schemas() -> dict[str, Any]:
    """Give the JSON Schema of each mapping file."""
    return {name: give(CodeRules()) for name, give in SCHEMAS.items()}


Tables = Mapping[str, Callable[[], str]]


def errors() -> str:
    """Give every known error of every mall, with its cause and its cure."""
    head = "| the mall says | class | cause | cure |\n| --- | --- | --- | --- |"
    parts = []
    for can in registry.all_abilities():
        rows = [_error_row(known) for known in registry.known_errors(can.mall)]
        parts.append("\n".join([f"## {can.name_ja} ({can.name_en})\n", head, *rows]))
    return "\n\n".join(parts)


def _error_row(known: KnownError) -> str:
    said = "anything" if known.pattern == "~" else f"`{known.pattern}`"
    said = f"… `{known.pattern[1:]}` …" if known.pattern[:1] == "~" and known.pattern[1:] else said
    texts = [_both(f"error.{known.key}.{part}") for part in ("cause", "cure")]
    return f"| {' | '.join([said, known.cause, *texts])} |"


def _both(key: str) -> str:
    return "<br>".join(say(key, lang, command="tanaban", shop="SHOP") for lang in LANGUAGES)


def rooms() -> str:
    """Give every module with the first words of its docstring, folder by folder."""
    parts = []
    for folder in ROOMS:
        paths = sorted(path for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py")
        rows = [f"| `{path.name}` | {_first_words(path)} |" for path in paths]
        parts.append("\n".join([f"## {folder}/\n", f"{_first_words(ROOT / folder / '__init__.py')}\n"]))
        parts.append("\n".join(["| room | what it is for |", "| --- | --- |", *rows]))
    return "\n\n".join(part.rstrip() for part in parts)


def _first_words(path: Path) -> str:
    words = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return " ".join(words.split("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


TABLES: Tables = {"commands": commands, "settings": settings, "abilities": abilities}
PAGES: Mapping[Path, Tables] = {
    README: TABLES,
    ROOT / "docs" / "mapping.md": {"keys": lambda: mapping_keys("en"), "problems": mapping_problems},
    ROOT / "docs" / "errors.md": {"errors": errors},
    ROOT / "docs" / "rooms.md": {"rooms": rooms},
    ROOT / "docs" / "mapping.ja.md": {"keys": lambda: mapping_keys("ja")},
}


def filled(text: str, tables: Tables = TABLES) -> str:
    """Give a page with the tables between its marks as they should be."""
    for name, give in tables.items():
        marks = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text, count = re.subn(marks, lambda m, give=give: m[1] + give() + "\n" + m[2], text, flags=re.S)
        assert count == 1, f"no place for {name}"
    return text


def schema_files() -> dict[Path, str]:
    """Give the schemas that are shipped, as text."""
    return {
        ROOT / "docs" / f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for name, schema in schemas().items()
    }


if __name__ == "__main__":
    for page, tables in PAGES.items():
        page.write_text(filled(page.read_text("utf-8"), tables), "utf-8")
    for file, text in schema_files().items():
        file.write_text(text, "utf-8")
