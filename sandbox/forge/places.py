"""The repository, its branches and its files over REST.

Source: REST pages repos/repos, branches/branches, git/refs and repos/contents, version 2022-11-28.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sandbox.forge.answers import Answer, ApiError, Call, Reply, Route, not_found
from sandbox.forge.desk import Desk
from sandbox.forge.reading import Entry, entries, one_commit
from sandbox.forge.repository import BRANCH, HEADS
from sandbox.forge.shapes import Shapes

_INLINE_MAX = 1024 * 1024  # a bigger file comes without its content
_LINE = 60  # characters of base64 in a line
_KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}


class PlaceCalls:
    """Reads the repository and its files, makes branches, writes single files."""

    def __init__(self, desk: Desk, shapes: Shapes, began: datetime) -> None:
        self._desk = desk
        self._repository = desk.repository
        self._shapes = shapes
        self._began = began

    def routes(self) -> list[Route]:
        """Give the functions of these pages."""
        refs, contents = "git/refs#", "repos/contents#"
        return [
            Route("GET", "", "repos/repos#get-a-repository", self.repository),
            Route("GET", "branches/{branch}", "branches/branches#get-a-branch", self.branch),
            Route("GET", "git/ref/heads/{branch}", f"{refs}get-a-reference", self.ref),
            Route("POST", "git/refs", f"{refs}create-a-reference", self.create_ref),
            Route("DELETE", "git/refs/heads/{branch}", f"{refs}delete-a-reference", self.delete_ref),
            Route("GET", "contents", f"{contents}get-repository-content", self.read),
            Route("GET", "contents/{path}", f"{contents}get-repository-content", self.read),
            Route("PUT", "contents/{path}", f"{contents}create-or-update-file-contents", self.write),
        ]

    def repository(self, call: Call) -> Reply:
        """Give the repository."""
        return Answer(self._shapes.repository(self._began, may_write=call.account.may_write))

    def branch(self, call: Call) -> Reply:
        """Give a branch."""
        name = call.values["branch"]
        if not (commit := self._repository.head(name)):
            raise ApiError(404, "Branch not found")
        protected = self._desk.is_protected(name)
        found = one_commit(self._repository, commit)
        return Answer(self._shapes.branch(name, found, protected=protected))

    def ref(self, call: Call) -> Reply:
        """Give the commit of a branch."""
        name = call.values["branch"]
        if not (commit := self._repository.head(name)):
            raise not_found()
        return Answer(self._shapes.ref(name, commit))

    def create_ref(self, call: Call) -> Reply:
        """Make a branch."""
        ref, sha = call.needed("ref"), call.needed("sha")
        name = ref.removeprefix(HEADS)
        if name == ref or not self._is_name(ref):
            raise ApiError(422, "Reference name is invalid")
        if self._repository.head(name):
            raise ApiError(422, "Reference already exists")
        if not self._repository.commit_id(sha) == sha:
            raise ApiError(422, "Object does not exist")
        self._repository.move(ref, sha)
        return Answer(self._shapes.ref(name, sha), 201)

    def _is_name(self, ref: str) -> bool:
        try:
            self._repository.git("check-ref-format", ref)
        except ValueError:
            return False
        return True

    def delete_ref(self, call: Call) -> Reply:
        """Take a branch away; the pull requests for it close."""
        name = call.values["branch"]
        if not self._repository.head(name):
            raise ApiError(422, "Reference does not exist")
        if self._desk.is_protected(name):
            raise ApiError(422, "Cannot delete a protected branch")
        self._repository.move(HEADS + name, None)
        self._desk.follow(call.account.login)
        return Answer(status=204)

    def read(self, call: Call) -> Reply:
        """Give a file or a folder as of ``ref``, else as of the default branch."""
        ref, path = call.query.get("ref") or BRANCH, call.values.get("path", "")
        if not (commit := self._repository.commit_id(ref.removeprefix(HEADS))):
            raise ApiError(404, f"No commit found for the ref {ref}")
        found = entries(self._repository, commit, path)
        if not found:
            raise not_found()
        if [entry.path for entry in found] != [path]:
            return Answer([self._entry(entry, ref) for entry in found])
        content = self._repository.git("cat-file", "blob", found[0].blob)
        if "raw" in call.accept:
            return Answer(raw=content)
        return Answer({**self._entry(found[0], ref), **_content(content)})

    def write(self, call: Call) -> Reply:
        """Make or change a file by a commit on a branch."""
        path, message = call.values["path"], call.needed("message")
        content, branch = _decoded(call.needed("content")), call.text("branch") or BRANCH
        if not (head := self._repository.head(branch)):
            raise ApiError(404, f"Branch {branch} not found")
        known = entries(self._repository, head, path)
        self._check_write(call, path, branch, known)
        try:
            commit = self._repository.commit(
                {path: content}, message, author=call.account.login, at=self._desk.now, branch=branch
            )
        except ValueError as error:
            raise ApiError(422, "path contains a malformed path component") from error
        self._desk.follow(call.account.login)
        entry = entries(self._repository, commit, path)[0]
        made = self._shapes.commit(one_commit(self._repository, commit))
        shown = {"content": self._entry(entry, branch), "commit": {**made.pop("commit"), **made}}
        return Answer(shown, 200 if known else 201)

    def _check_write(self, call: Call, path: str, branch: str, known: list[Entry]) -> None:
        sha = call.text("sha")
        if known and sha is None:
            raise ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
        if sha is not None and [entry.blob for entry in known] != [sha]:
            raise ApiError(409, f"{path} does not match {sha}")
        if self._desk.is_protected(branch):
            verb = "update" if known else "create"
            raise ApiError(409, f"Could not {verb} file: Changes must be made through a pull request.")

    def _entry(self, entry: Entry, ref: str) -> dict[str, Any]:
        path = quote(entry.path)
        url = f"{self._shapes.api}/contents/{path}?ref={quote(ref)}"
        git_url = f"{self._shapes.api}/git/{entry.kind}s/{entry.blob}"
        html_url = f"{self._shapes.page}/{entry.kind}/{ref}/{path}"
        return {
            "name": entry.path.rpartition("/")[2],
            "path": entry.path,
            "sha": entry.blob,
            "size": entry.size,
            "url": url,
            "html_url": html_url,
            "git_url": git_url,
            "download_url": f"{self._shapes.page}/raw/{ref}/{path}" if entry.kind == "blob" else None,
            "type": "symlink" if entry.mode == "120000" else _KINDS[entry.kind],
            "_links": {"self": url, "git": git_url, "html": html_url},
        }


def _content(content: bytes) -> dict[str, str]:
    if len(content) > _INLINE_MAX:
        return {"content": "", "encoding": "none"}
    text = base64.b64encode(content).decode()
    lines = [text[at : at + _LINE] + "\n" for at in range(0, len(text), _LINE)]
    return {"content": "".join(lines), "encoding": "base64"}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ApiError(422, "content is not valid Base64") from error
