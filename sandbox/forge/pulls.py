"""Pull requests over REST. Source: REST page pulls/pulls, version 2022-11-28."""

from __future__ import annotations

from typing import Any

from sandbox.forge.answers import BODY_MAX, Answer, ApiError, Call, Listed, Reply, Route, invalid, not_found
from sandbox.forge.desk import Desk, Refused
from sandbox.forge.reading import Change, changes, commits, patch
from sandbox.forge.records import Pull
from sandbox.forge.shapes import Shapes

_TITLE_MAX = 256
_STATES = ("open", "closed", "all")
_FILES_MAX, _COMMITS_MAX = 3000, 250


class PullCalls:
    """Opens, lists, changes and merges them."""

    def __init__(self, desk: Desk, shapes: Shapes) -> None:
        self._desk = desk
        self._shapes = shapes

    def routes(self) -> list[Route]:
        """Give the functions of this page."""
        page = "pulls/pulls#"
        return [
            Route("GET", "pulls", f"{page}list-pull-requests", self.list_all),
            Route("POST", "pulls", f"{page}create-a-pull-request", self.create),
            Route("GET", "pulls/{number}", f"{page}get-a-pull-request", self.get),
            Route("PATCH", "pulls/{number}", f"{page}update-a-pull-request", self.update),
            Route("GET", "pulls/{number}/commits", f"{page}list-commits-on-a-pull-request", self.commits),
            Route("GET", "pulls/{number}/files", f"{page}list-pull-requests-files", self.files),
            Route(
                "GET", "pulls/{number}/merge", f"{page}check-if-a-pull-request-has-been-merged", self.merged
            ),
            Route("PUT", "pulls/{number}/merge", f"{page}merge-a-pull-request", self.merge),
        ]

    def list_all(self, call: Call) -> Reply:
        """``head`` without ``owner:`` is not heeded, as at the real one."""
        state = call.query.get("state", "open")
        if state not in _STATES:
            raise invalid("PullRequest", "state", "invalid")
        rows = [pull for pull in self._desk.records.pulls() if state == "all" or _state(pull) == state]
        owner, colon, head = call.query.get("head", "").partition(":")
        if colon:
            rows = [pull for pull in rows if owner == self._desk.owner and pull.head == head]
        if base := call.query.get("base"):
            rows = [pull for pull in rows if pull.base == base]
        is_updated = call.query.get("sort") == "updated"
        upwards = call.query.get("direction", "desc") == "asc"
        rows.sort(
            key=lambda pull: (pull.updated_at if is_updated else pull.created_at, pull.number),
            reverse=not upwards,
        )
        return Listed(rows, self._shapes.pull)

    def create(self, call: Call) -> Reply:
        """Open one; ``head`` is a branch or ``owner:branch``."""
        head, base = call.needed("head"), call.needed("base")
        title = call.text("title")
        if not title:
            raise invalid("Issue", "title", "missing_field")
        body = call.text("body")
        _check_length(title, body)
        owner, colon, branch = head.rpartition(":")
        if colon and owner != self._desk.owner:
            raise invalid("PullRequest", "head", "invalid")
        draft = call.body.get("draft") is True
        try:
            pull = self._desk.open_pull(
                title=title, body=body, head=branch, base=base, login=call.account.login, draft=draft
            )
        except Refused as refused:
            raise _invalid(refused) from refused
        shown = self._full(pull)
        return Answer(shown, 201, {"Location": shown["url"]})

    def get(self, call: Call) -> Reply:
        """Give one, with what lists leave out."""
        pull = self._pull(call)
        self._desk.look(pull)
        return Answer(self._full(pull))

    def update(self, call: Call) -> Reply:
        """Change title, body, base or state."""
        pull = self._pull(call)
        title, body, state, base = (call.text(name) for name in ("title", "body", "state", "base"))
        if state not in (None, "open", "closed"):
            raise invalid("PullRequest", "state", "invalid")
        if title == "":
            raise invalid("Issue", "title", "missing_field")
        _check_length(title or "", body)
        try:
            if base is not None and base != pull.base:
                self._desk.retarget(pull, base)
            if state == "open":
                self._desk.reopen(pull)
        except Refused as refused:
            raise _invalid(refused) from refused
        if state == "closed":
            self._desk.close(pull)
        pull.title = title or pull.title
        pull.body = body if "body" in call.body else pull.body
        pull.updated_at = self._desk.now
        return Answer(self._full(pull))

    def commits(self, call: Call) -> Reply:
        """Give the commits that it brings, oldest first."""
        pull = self._pull(call)
        found = commits(self._desk.repository, f"{pull.base_sha}..{pull.head_sha}")
        return Listed(found[:_COMMITS_MAX], self._shapes.commit)

    def files(self, call: Call) -> Reply:
        """Give the files that it changes."""
        pull = self._pull(call)

        def form(change: Change) -> dict[str, Any]:
            text = patch(self._desk.repository, pull.base_sha, pull.head_sha, change)
            return self._shapes.change(change, pull.head_sha, text)

        return Listed(self._changes(pull)[:_FILES_MAX], form)

    def merged(self, call: Call) -> Reply:
        """204 if it is merged, else 404."""
        if self._pull(call).merged_at is None:
            raise not_found()
        return Answer(status=204)

    def merge(self, call: Call) -> Reply:
        """Merge it by a merge commit; this repository takes no other method."""
        pull = self._pull(call)
        method = call.text("merge_method") or "merge"
        if method not in ("merge", "squash", "rebase"):
            raise invalid("PullRequest", "merge_method", "invalid")
        if method != "merge":
            raise ApiError(405, f"{method.capitalize()} merges are not allowed on this repository.")
        sha, title = call.text("sha"), call.text("commit_title") or ""
        message = call.text("commit_message")
        if sha and sha != pull.head_sha and pull.is_open:
            raise ApiError(409, "Head branch was modified. Review and try the merge again.")
        try:
            commit = self._desk.merge(pull, call.account.login, title=title, message=message)
        except Refused as refused:
            raise ApiError(405, refused.message) from refused
        return Answer({"sha": commit, "merged": True, "message": "Pull Request successfully merged"})

    def _pull(self, call: Call) -> Pull:
        try:
            return self._desk.records.pull(call.number)
        except KeyError as error:
            raise not_found() from error

    def _changes(self, pull: Pull) -> list[Change]:
        return changes(self._desk.repository, pull.base_sha, pull.head_sha)

    def _full(self, pull: Pull) -> dict[str, Any]:
        changed = self._changes(pull)
        between = f"{pull.base_sha}..{pull.head_sha}"
        return {
            **self._shapes.pull(pull),
            "merged": pull.merged_at is not None,
            "mergeable": pull.mergeable,
            "rebaseable": pull.mergeable,
            "mergeable_state": self._mergeable_state(pull),
            "merged_by": self._shapes.user(pull.merged_by) if pull.merged_by else None,
            "comments": len(self._desk.records.comments_on(pull.number)),
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": int(self._desk.repository.git("rev-list", "--count", between)),
            "additions": sum(change.added for change in changed),
            "deletions": sum(change.removed for change in changed),
            "changed_files": len(changed),
        }

    def _mergeable_state(self, pull: Pull) -> str:
        if pull.mergeable is None:
            return "unknown"
        if not pull.mergeable:
            return "dirty"
        if pull.draft:
            return "draft"
        records = self._desk.records
        checked = records.latest_statuses(pull.head_sha)
        return "unstable" if checked and records.combined(pull.head_sha) != "success" else "clean"


def _state(pull: Pull) -> str:
    return "open" if pull.is_open else "closed"


def _check_length(title: str, body: str | None) -> None:
    for name, text, most in (("title", title, _TITLE_MAX), ("body", body or "", BODY_MAX)):
        if len(text) > most:
            message = f"{name} is too long (maximum is {most} characters)"
            raise invalid("Issue", name, "custom", message)


def _invalid(refused: Refused) -> ApiError:
    return invalid("PullRequest", refused.field, refused.code, refused.message)
