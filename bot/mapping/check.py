"""Checks one state of the mapping repository and finds everything that is wrong with it."""

from __future__ import annotations

import contextlib
import fnmatch
import gc
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.mapping.codes import CodeRule
from bot.mapping.fields import Fields, Notes, texts_of
from bot.mapping.load import Table
from bot.mapping.meet import check_codes, check_listings, check_sets
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Team
from bot.mapping.problem import Level, Problem, has_errors
from bot.mapping.products import Catalogue
from bot.mapping.shops import read_defaults, read_names, read_shops
from bot.mapping.source import MAX_FILES, Source
from bot.mapping.team import read_team

MAPPING_FILE = "mappings.yaml"
TEAM_FILE = "team.yaml"
_VERSION = "1"
_KEYS = ("version", "shops", "defaults", "products", "include", "payments", "deliveries")
# Folders by name and a wildcard in the last part only: a folder tree is never walked.
_INCLUDE = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_*?-][A-Za-z0-9._*?-]*\.ya?ml")


@dataclass(frozen=True)
class Checked:
    """The outcome: everything found, and the values where none of it is an error."""

    mapping: CodeMapping | None
    team: Team | None
    problems: tuple[Problem, ...]


def check(source: Source, malls: Mapping[str, CodeRule] | None = None) -> Checked:
    """Read and check everything; stops at no problem.

    Args:
        malls: the malls that there are adapters for, with what each accepts as a code; None
            accepts any name of a mall and any length of a code.
    """
    problems: list[Problem] = []
    with _collector_at_rest():
        mapping = _check_mapping(source, malls, problems)
        team = _check_team(source, mapping, problems)
    found = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column)))
    if has_errors(found):
        return Checked(None, None, found)
    return Checked(mapping, team, found)


@contextlib.contextmanager
def _collector_at_rest() -> Iterator[None]:
    # All that is made here is kept; the collector would walk a large catalogue again and again.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _open(source: Source, path: str, problems: list[Problem]) -> Table | None:
    parsed = source.parsed(path)
    if parsed is None:
        problems.append(Problem(path, 1, 1, Level.ERROR, "file_missing"))
        return None
    problems.extend(parsed.problems)
    if isinstance(parsed.root, Table):
        return parsed.root
    if not parsed.problems:
        problems.append(
            Problem(path, parsed.root.line, parsed.root.column, Level.ERROR, "not_table", {"name": path})
        )
    return None


def _check_mapping(
    source: Source, malls: Mapping[str, CodeRule] | None, problems: list[Problem]
) -> CodeMapping | None:
    root = _open(source, MAPPING_FILE, problems)
    if root is None:
        return None
    notes = Notes(MAPPING_FILE, problems)
    fields = Fields(notes, root, _KEYS)
    _check_version(notes, fields)
    shops, rules = read_shops(notes, fields, malls), malls or {}
    catalogue = Catalogue(shops, rules)
    if "include" not in root.entries:
        fields.require("products")
    catalogue.read(notes, fields.node("products"))
    for path in _included(source, notes, fields):
        _check_included(source, path, catalogue, problems)
    check_sets(catalogue, check_codes(catalogue))
    check_listings(catalogue, rules)
    return CodeMapping(
        shops,
        tuple(entry.product for entry in catalogue.entries),
        read_names(notes, fields, "payments"),
        read_names(notes, fields, "deliveries"),
        read_defaults(notes, fields),
    )


def _check_version(notes: Notes, fields: Fields) -> None:
    node = fields.node("version")
    version = fields.text("version")
    if fields.require("version") and node and version and version != _VERSION:
        notes.error(node, "version", value=version, known=_VERSION)


def _included(source: Source, notes: Notes, fields: Fields) -> Iterator[str]:
    taken: set[str] = {MAPPING_FILE, TEAM_FILE}
    for text, pattern in texts_of(notes, fields.node("include"), "include"):
        if not _INCLUDE.fullmatch(pattern):
            notes.error(text, "include_form", value=pattern)
            continue
        folder = pattern.rpartition("/")[0]
        paths = [path for path in source.files(folder) if fnmatch.fnmatchcase(path, pattern)]
        fresh = [path for path in paths if path not in taken]
        taken.update(fresh)
        if not paths:
            notes.error(text, "include_nothing", value=pattern)
        elif len(taken) > MAX_FILES:
            notes.error(text, "too_many_files", limit=MAX_FILES)
        else:
            yield from fresh


def _check_included(source: Source, path: str, catalogue: Catalogue, problems: list[Problem]) -> None:
    root = _open(source, path, problems)
    if root is not None:
        notes = Notes(path, problems)
        fields = Fields(notes, root, ("products",))
        fields.require("products")
        catalogue.read(notes, fields.node("products"))


def _check_team(source: Source, mapping: CodeMapping | None, problems: list[Problem]) -> Team:
    if source.parsed(TEAM_FILE) is None:
        problems.append(Problem(TEAM_FILE, 1, 1, Level.WARNING, "team_missing"))
        return Team()
    root = _open(source, TEAM_FILE, problems)
    if root is None:
        return Team()
    notes = Notes(TEAM_FILE, problems)
    _check_version(notes, Fields(notes, root, root.entries.keys()))
    return read_team(notes, root, mapping.shops if mapping else None)
