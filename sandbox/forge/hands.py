"""What people do at the forge: its control verbs for branches and pull requests."""

from __future__ import annotations

from threading import RLock
from typing import Any

from sandbox.forge.desk import Desk
from sandbox.forge.repository import BRANCH, HEADS
from sandbox.world import ControlError, World

_RECENT = 3


class Hands:
    """Verbs over the pull requests of a forge. ``by`` and ``author`` are login names."""

    _world: World
    _desk: Desk
    _lock: RLock

    def do_pulls(self, state: str = "all") -> list[dict[str, Any]]:
        """Give the pull requests (``state``: open, closed, merged or all), by number."""
        with self._lock:
            rows = [self._desk.row(pull) for pull in self._desk.records.pulls()]
        return [row for row in rows if state in ("all", row["state"])]

    def do_pull(self, number: int) -> dict[str, Any]:
        """Give one pull request."""
        with self._lock:
            return self._desk.row(self._desk.records.pull(number))

    def do_push(
        self,
        branch: str,
        files: dict[str, str | None],
        author: str = "alice",
        message: str = "マッピングの変更",
    ) -> dict[str, str]:
        """Put a commit on a branch; a new branch begins at ``main``."""
        with self._lock:
            at = self._world.clock.now()
            commit = self._desk.repository.commit(files, message, author=author, at=at, branch=branch)
            self._desk.follow(author)
        self._world.notify()
        return {"commit": commit}

    def do_delete_branch(self, branch: str, by: str = "alice") -> None:
        """Take a branch away; its pull requests close."""
        with self._lock:
            if branch == BRANCH or not self._desk.repository.head(branch):
                raise ControlError(f"no branch {branch!r} to take away")
            self._desk.repository.move(HEADS + branch, None)
            self._desk.follow(by)
        self._world.notify()

    def do_branches(self) -> dict[str, str]:
        """Give every branch and the commit it points to."""
        return self._desk.repository.branches()

    def do_open_pull(
        self, title: str, head: str, base: str = BRANCH, body: str | None = None, by: str = "alice"
    ) -> dict[str, int]:
        """Open a pull request."""
        with self._lock:
            pull = self._desk.open_pull(title=title, body=body, head=head, base=base, login=by)
        self._world.notify()
        return {"number": pull.number}

    def do_open_issue(self, title: str, body: str | None = None, by: str = "alice") -> dict[str, int]:
        """Open an issue: it takes a number that no pull request gets then."""
        with self._lock:
            issue = self._desk.open_issue(title, body, by)
        self._world.notify()
        return {"number": issue.number}

    def do_merge(self, number: int, by: str = "alice") -> dict[str, str]:
        """Merge a pull request by a merge commit."""
        with self._lock:
            commit = self._desk.merge(self._desk.records.pull(number), by)
        self._world.notify()
        return {"commit": commit}

    def do_revert(self, number: int, by: str = "alice") -> dict[str, str]:
        """Undo a merged pull request by a commit on its base."""
        with self._lock:
            commit = self._desk.revert(self._desk.records.pull(number), by)
        self._world.notify()
        return {"commit": commit}

    def do_close(self, number: int) -> None:
        """Close a pull request without merging."""
        with self._lock:
            self._desk.close(self._desk.records.pull(number))
        self._world.notify()

    def do_reopen(self, number: int) -> None:
        """Take up a closed pull request again."""
        with self._lock:
            self._desk.reopen(self._desk.records.pull(number))
        self._world.notify()

    def do_comment(self, number: int, body: str, by: str = "alice") -> dict[str, int]:
        """Write a comment on a pull request or issue."""
        with self._lock:
            comment = self._desk.comment(self._desk.records.issues[number], body, by)
        self._world.notify()
        return {"id": comment.comment_id}

    def _shown_pulls(self) -> dict[str, list[dict[str, Any]]]:
        rows = self.do_pulls()
        merged = [row for row in rows if row["state"] == "merged"]
        return {
            "pulls": [row for row in rows if row["state"] == "open"],
            "merged": merged[::-1][:_RECENT],
        }
