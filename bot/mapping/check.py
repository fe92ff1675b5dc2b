"""Checks one state of the mapping repository and finds everything that is wrong with it."""

from __future__ import annotations

import contextlib
import fnmatch
import gc
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.mapping import keys
from bot.mapping.codes import CodeRule
from bot.mapping.fields import Fields, Notes, texts_of
from bot.mapping.load import Node, Table, Text
from bot.mapping.meet import check_codes, check_listings, check_sets
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Team
from bot.mapping.problem import Level, Problem, has_errors
from bot.mapping.products import Catalogue
from bot.mapping.shops import read_defaults, read_names, read_shops
from bot.mapping.source import MAX_FILES, Source
from bot.mapping.stock import Standing, Stock
from bot.mapping.team import read_team

MAPPING_FILE = "mappings.yaml"
TEAM_FILE = "team.yaml"
_INCLUDE = re.compile(keys.INCLUDE_FORM)


@dataclass(frozen=True)
class Checked:
    """The outcome: everything found, and the values where none of it is an error."""

    mapping: CodeMapping | None
    team: Team | None
    problems: tuple[Problem, ...]


def check(
    source: Source, malls: Mapping[str, CodeRule] | None = None, standing: Standing | None = None
) -> Checked:
    """Read and check everything; stops at no problem.

    Args:
        malls: the malls that there are adapters for, with what each accepts as a code; None
            accepts any name of a mall and any length of a code.
        standing: what an earlier commit left, for not reading it again; the mapping then holds the
            products that were read.
    """
    problems: list[Problem] = []
    with _collector_at_rest():
        mapping = _check_mapping(source, malls, problems, standing or Standing())
        team = _check_team(source, mapping, problems)
    return _checked(mapping, team, problems)


def check_kept(
    head: Table, team: Table | None, malls: Mapping[str, CodeRule] | None, warnings: Iterable[Problem]
) -> Checked:
    """Read the settings and the team of a commit that was found good before; it gets no products."""
    problems = list(warnings)
    mapping = _settings(Notes(MAPPING_FILE, problems), head, malls)
    members = _team(team, mapping, problems) if team else _no_team(problems)
    return _checked(mapping, members, problems)


def _checked(mapping: CodeMapping | None, team: Team, problems: list[Problem]) -> Checked:
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
    source: Source, malls: Mapping[str, CodeRule] | None, problems: list[Problem], standing: Standing
) -> CodeMapping | None:
    root = standing.head() or _open(source, MAPPING_FILE, problems)
    if root is None:
        return None
    settings = _settings(Notes(MAPPING_FILE, problems), root, malls)
    used = {shop.mall for shop in settings.shops.values()}
    rules = {mall: malls[mall] for mall in used if mall in malls} if malls else {}  # each asked for once
    standing.begin(settings.shops, rules, problems)
    catalogue = Catalogue(settings.shops, rules, standing.known)
    reading = _Reading(source, catalogue, standing, problems)
    reading.file(MAPPING_FILE, root)
    for path in _included(source, Notes(MAPPING_FILE, problems), root.entries.get("include")):
        reading.file(path)
    standing.take(root, catalogue.entries)
    stock = Stock(catalogue.entries, standing)
    check_codes(stock)
    check_sets(stock)
    check_listings(stock, settings.shops.values(), rules)
    return replace(settings, products=tuple(entry.product for entry in catalogue.entries))


def _settings(notes: Notes, root: Table, malls: Mapping[str, CodeRule] | None) -> CodeMapping:
    """Read all of the first file but its products."""
    fields = Fields(notes, root, keys.MAPPING)
    _check_version(notes, fields)
    shops = read_shops(notes, fields, malls)
    if "include" not in root.entries:
        fields.require("products")
    payments, deliveries = read_names(notes, fields, "payments"), read_names(notes, fields, "deliveries")
    return CodeMapping(shops, (), payments, deliveries, read_defaults(notes, fields))


class _Reading:
    """Reads the products, one file after the other, unless they stand."""

    def __init__(
        self, source: Source, catalogue: Catalogue, standing: Standing, problems: list[Problem]
    ) -> None:
        self._source = source
        self._catalogue = catalogue
        self._standing = standing
        self._problems = problems

    def file(self, path: str, root: Table | None = None) -> None:
        """Read the next file."""
        kept, before = self._standing.keeps(path), len(self._problems)
        if kept is not None:
            self._problems.extend(kept)
            self._catalogue.skip()
            return
        notes = Notes(path, self._problems)
        table = root or _open(self._source, path, self._problems)
        if table is not None:
            # The first file's other keys were read before.
            fields = Fields(notes, table, table.entries.keys() if root else keys.INCLUDED)
            if root is None:
                fields.require("products")
            self._catalogue.read(notes, fields.node("products"))
        self._standing.told(path, self._problems[before:])


def _check_version(notes: Notes, fields: Fields) -> None:
    node = fields.node("version")
    version = fields.text("version")
    if fields.require("version") and node and version and version != keys.VERSION:
        notes.error(node, "version", value=version, known=keys.VERSION)


def _included(source: Source, notes: Notes, entry: tuple[Text, Node] | None) -> Iterator[str]:
    taken: set[str] = {MAPPING_FILE, TEAM_FILE}
    for text, pattern in texts_of(notes, entry[1] if entry else None, "include"):
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


def _check_team(source: Source, mapping: CodeMapping | None, problems: list[Problem]) -> Team:
    if source.parsed(TEAM_FILE) is None:
        return _no_team(problems)
    return _team(_open(source, TEAM_FILE, problems), mapping, problems)


def _no_team(problems: list[Problem]) -> Team:
    problems.append(Problem(TEAM_FILE, 1, 1, Level.WARNING, "team_missing"))
    return Team()


def _team(root: Table | None, mapping: CodeMapping | None, problems: list[Problem]) -> Team:
    if root is None:
        return Team()
    notes = Notes(TEAM_FILE, problems)
    _check_version(notes, Fields(notes, root, root.entries.keys()))
    return read_team(notes, root, mapping.shops if mapping else None)
