"""Proposals for the mapping: edits on a branch of their own, and a pull request where a forge is set.

The branch that is followed is never written to: what is proposed comes into force when a person merges it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.answers import Refused
from bot.config import ForgeSettings
from bot.following import MappingInForce
from bot.mapping.branch import CommitFiles, Person, product_files, push_files
from bot.mapping.change import Add, Change
from bot.mapping.check import MAPPING_FILE, check
from bot.mapping.codes import CodeRule
from bot.mapping.edit import EditRefusedError, edit
from bot.mapping.forge import Forge
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.problem import Level, Problem
from bot.mapping.propose import Draft, Snapshot, Wanted, draft_copy, draft_import, draft_set
from bot.mapping.repo import MappingRepository
from bot.mapping.wording import body, title
from bot.store import products
from bot.store.database import reading


@dataclass(frozen=True)
class Proposed:
    """What became of a proposal.

    Args:
        branch: where it stands; "" where there was nothing to change, or for a look only.
        url: of its pull request; None where no forge is set.
        changes: so many lines of the table; 0: nothing to change.
        text: the pull request's body.
        diff: what the files become, as a unified diff.
        already: the same was proposed before, so nothing was pushed.
    """

    branch: str
    url: str | None
    changes: int
    title: str
    text: str
    diff: str
    already: bool = False


@dataclass(frozen=True)
class _Head:
    commit: str
    mapping: CodeMapping
    language: str


class Proposing:
    """Makes proposals.

    Args:
        malls: mall -> what it accepts as a code: nothing is proposed that the check would refuse.
        forge: gives the forge, or None where none is set; asked only when a request is opened.
        email: what stands beside the author's name.
    """

    def __init__(
        self,
        engine: Engine,
        repository: MappingRepository,
        in_force: Callable[[], MappingInForce],
        clock: Clock,
        *,
        malls: Mapping[str, CodeRule] | None,
        forge: Callable[[], Forge | None],
        email: str,
    ) -> None:
        self._engine = engine
        self._repository = repository
        self._in_force = in_force
        self._clock = clock
        self._malls = malls
        self._forge = forge
        self._email = email

    def propose(self, shop: str, who: str, *, dry_run: bool = False) -> Proposed:
        """Propose what a shop's product list has and the mapping does not know.

        Raises:
            Refused: no such shop, no list, or the mapping cannot be edited so.
        """
        head = self._head(dry_run=dry_run)
        draft = draft_import(head.mapping, shop, self._snapshots(head.mapping.shops))
        return self._make(head, draft, f"import-{shop}", who, dry_run=dry_run)

    def copy(
        self, source: str, target: str, who: str, *, unlink_missing: bool = False, dry_run: bool = False
    ) -> Proposed:
        """Propose that a shop's codes are linked on another that lists the same SKUs.

        Raises:
            Refused: as ``propose``.
        """
        head = self._head(dry_run=dry_run)
        snapshots = self._snapshots([target])
        draft = draft_copy(head.mapping, source, target, snapshots, unlink_missing=unlink_missing)
        return self._make(head, draft, f"copy-{source}-{target}", who, dry_run=dry_run)

    def set_(self, code: str, wanted: Wanted, who: str, *, dry_run: bool = False) -> Proposed:
        """Propose another listing or value of one code.

        Raises:
            Refused: as ``propose``, or the code is unknown, or the listing is another's.
        """
        head = self._head(dry_run=dry_run)
        draft = draft_set(head.mapping, code, wanted)
        return self._make(head, draft, f"set-{code}", who, dry_run=dry_run)

    # ------------------------------------------------------------------ what it stands on

    def _head(self, *, dry_run: bool) -> _Head:
        """Give the branch's head as it is now; for a look, the mapping in force, without the remote."""
        if dry_run:
            now = self._in_force()
            return _Head(now.commit, now.mapping, now.team.language)
        found = self._repository.refresh()
        if found.mapping is None or found.team is None:
            raise Refused("proposal_head_bad", commit=found.commit[:10], problem=_first(found.problems, "ja"))
        return _Head(found.commit, found.mapping, found.team.language)

    def _snapshots(self, shops: Iterable[str]) -> dict[str, Snapshot]:
        found = {}
        with reading(self._engine) as connection:
            for shop in shops:
                read_at = products.read_at(connection, shop)
                if read_at is not None:
                    found[shop] = Snapshot(products.all_of(connection, shop), read_at)
        return found

    # ------------------------------------------------------------------ making it

    def _make(self, head: _Head, draft: Draft, slug: str, who: str, *, dry_run: bool) -> Proposed:
        name = who.removeprefix("shell:")
        source = CommitFiles(self._repository, head.commit)
        before, after = self._edited(source, draft.changes)
        subject, text = title(draft, head.language), body(draft, name, head.language)
        if not after:
            return Proposed("", None, 0, subject, text, "")
        self._refuse_broken(head, after)
        made = Proposed("", None, len(draft.rows), subject, text, _diff(before, after))
        return made if dry_run else self._send(head, made, after, slug, name)

    def _edited(
        self, source: CommitFiles, changes: Sequence[Change]
    ) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Give the files that change: path -> content, before and after."""
        before, after = dict[str, bytes](), dict[str, bytes]()
        for path, own in _by_file(source, changes).items():
            content = source.content(path)
            try:
                new = edit(path, content, own)
            except EditRefusedError as error:
                raise Refused(
                    "proposal_edit", file=error.file, line=str(error.line), why=error.why
                ) from error
            if new != content:
                before[path], after[path] = content, new
        return before, after

    def _refuse_broken(self, head: _Head, files: Mapping[str, bytes]) -> None:
        found = check(CommitFiles(self._repository, head.commit, files), self._malls)
        if found.mapping is None:
            raise Refused("proposal_broken", problem=_first(found.problems, head.language))

    def _send(
        self, head: _Head, made: Proposed, files: Mapping[str, bytes], slug: str, name: str
    ) -> Proposed:
        pushed = push_files(
            self._repository,
            head.commit,
            files,
            slug=slug,
            message=made.title,
            author=Person(name, self._email),
            now=self._clock.now(),
        )
        url, opened = self._request(pushed.branch, made)
        already = pushed.already and not opened
        return Proposed(pushed.branch, url, made.changes, made.title, made.text, made.diff, already)

    def _request(self, branch: str, made: Proposed) -> tuple[str | None, bool]:
        """Give the address of the branch's pull request, and whether it was opened just now."""
        forge = self._forge()
        if forge is None:
            return None, False
        try:
            found = forge.find_request(branch)
            if found is not None:
                return found.url, False
            return forge.open_request(branch, self._repository.branch, made.title, made.text).url, True
        finally:
            forge.close()


def _by_file(source: CommitFiles, changes: Sequence[Change]) -> dict[str, list[Change]]:
    """Part the changes by the file they belong in; new products go to the last file that has some."""
    if not changes:
        return {}
    files = product_files(source)
    holder = {code: path for path, codes in files.items() for code in codes}
    home = [MAPPING_FILE, *(path for path, codes in files.items() if codes)][-1]
    found: dict[str, list[Change]] = {}
    for change in changes:
        path = home if isinstance(change, Add) else holder[change.product]
        found.setdefault(path, []).append(change)
    return found


def _first(problems: Sequence[Problem], language: str) -> str:
    errors = [problem for problem in problems if problem.level is Level.ERROR]
    return errors[0].render(language) if errors else ""


def _diff(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    found = list[str]()
    for path in sorted(after):
        old, new = (content[path].decode("utf-8").splitlines(keepends=True) for content in (before, after))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
            found.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(found)


def forge_of(settings: ForgeSettings, token: Secret | None) -> Forge | None:
    """Give the forge of the settings; None where none is set.

    Raises:
        ConfigError: a half of it is set, or there is no token.
    """
    if not settings.api and not settings.repository:
        return None
    if not settings.api or not settings.repository:
        raise ConfigError("forge.api and forge.repository belong together; set both, or neither")
    if token is None:
        raise ConfigError(
            "no forge token; set TANABAN_FORGE_TOKEN or run: tanaban credentials set forge token"
        )
    return Forge(settings.api, settings.repository, token, ca_file=settings.ca_file)
