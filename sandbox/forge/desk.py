"""What happens to pull requests: opened, moved by pushes, merged, closed, reverted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.forge.merging import merge, revert
from sandbox.forge.reading import fork_point, is_within
from sandbox.forge.records import Comment, Issue, Pull, Records
from sandbox.forge.repository import BRANCH, HEADS, PULLS, ForgeRepository, GitError
from sandbox.world import WorldClock


class Refused(ValueError):
    """The forge does not do this. ``field`` says what is wrong with, "" for the whole request."""

    def __init__(self, message: str, field: str = "", *, code: str = "custom") -> None:
        super().__init__(message or f"{field} is {code}")
        self.message, self.field, self.code = message, field, code


class Desk:
    """The pull requests of one repository. Whoever calls holds the forge's lock."""

    def __init__(
        self, repository: ForgeRepository, clock: WorldClock, owner: str, *, protected: bool
    ) -> None:
        self.repository = repository
        self.records = Records()
        self.owner = owner
        self._protected = protected
        self._clock = clock

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return self._clock.now()

    # ------------------------------------------------------------ by people and programs

    def open_issue(self, title: str, body: str | None, login: str) -> Issue:
        """Open an issue."""
        issue = Issue(self.records.next_number(), title, body, login, self.now, self.now)
        self.records.issues[issue.number] = issue
        return issue

    def open_pull(
        self, *, title: str, body: str | None, head: str, base: str, login: str, draft: bool = False
    ) -> Pull:
        """Ask for the branch ``head`` to be merged into ``base``.

        Raises:
            Refused: a branch is unknown, brings nothing, or is asked for already.
        """
        self._check_new(head, base)
        number, now = self.records.next_number(), self.now
        pull = Pull(number, title, body, login, now, now, head=head, base=base, draft=draft)
        self.records.issues[number] = pull
        self._move(pull)
        return pull

    def _check_new(self, head: str, base: str) -> None:
        branches = self.repository.branches()
        for field, branch in (("head", head), ("base", base)):
            if branch not in branches:
                raise Refused("", field, code="invalid")
        if is_within(self.repository, branches[head], branches[base]):
            raise Refused(f"No commits between {base} and {head}")
        if self.open_between(head, base):
            raise Refused(f"A pull request already exists for {self.owner}:{head}.")

    def open_between(self, head: str, base: str) -> Pull | None:
        """Give the open pull request from one branch to another."""
        found = (pull for pull in self.records.pulls() if (pull.head, pull.base) == (head, base))
        return next((pull for pull in found if pull.is_open), None)

    def close(self, issue: Issue) -> None:
        """Close it without merging."""
        if issue.is_open:
            issue.closed_at = issue.updated_at = self.now

    def reopen(self, pull: Pull) -> None:
        """Take up a closed pull request again.

        Raises:
            Refused: it is merged, its branch is gone, or another one is open for the branch.
        """
        if pull.is_open:
            return
        if pull.merged_at:
            raise Refused("state cannot be changed. The pull request cannot be reopened.", "state")
        if not self.repository.head(pull.head):
            raise Refused(f"state cannot be changed. The {pull.head} branch has been deleted.", "state")
        if self.open_between(pull.head, pull.base):
            between = f"from {self.owner}:{pull.head} to {self.owner}:{pull.base}"
            text = f"state cannot be changed. There is already an open pull request {between}."
            raise Refused(text, "state")
        pull.closed_at = None
        self._move(pull)

    def merge(self, pull: Pull, login: str, *, title: str = "", message: str | None = None) -> str:
        """Merge it by a merge commit and give that commit's id.

        Raises:
            Refused: it is closed, a draft, or in conflict.
        """
        if not pull.is_open:
            raise Refused("Pull Request is not mergeable")
        if pull.draft:
            raise Refused("Pull Request is still a draft")
        title = title or f"Merge pull request #{pull.number} from {self.owner}/{pull.head}"
        text = f"{title}\n\n{pull.title if message is None else message}".strip() + "\n"
        try:
            commit = merge(self.repository, pull.base_sha, pull.head_sha, text, author=login, at=self.now)
        except GitError as error:
            raise Refused("Pull Request is not mergeable") from error
        self._settle(pull, commit, login)
        self.repository.move(HEADS + pull.base, commit)
        self.follow(login)
        return commit

    def revert(self, pull: Pull, login: str) -> str:
        """Undo a merged pull request by a commit on its base; gives that commit's id.

        Raises:
            Refused: it is not merged, or later changes are in the way.
        """
        if not pull.merged_at or pull.merge_commit is None:
            raise Refused("Pull Request is not merged")
        onto = self.repository.head(pull.base)
        try:
            commit = revert(self.repository, onto, pull.merge_commit, author=login, at=self.now)
        except GitError as error:
            raise Refused(f"Pull Request cannot be reverted: {error}") from error
        self.repository.move(HEADS + pull.base, commit)
        self.follow(login)
        return commit

    def retarget(self, pull: Pull, base: str) -> None:
        """Let a pull request go to another branch.

        Raises:
            Refused: it is closed, or the branch is unknown.
        """
        if not pull.is_open:
            raise Refused("Cannot change the base branch of a closed pull request.", "base", code="invalid")
        if not self.repository.head(base):
            raise Refused("", "base", code="invalid")
        pull.base = base
        self._move(pull)

    def comment(self, issue: Issue, body: str, login: str) -> Comment:
        """Write a comment on an issue or pull request."""
        comment_id, now = self.records.next_id(), self.now
        comment = Comment(comment_id, issue.number, login, body, now, now)
        self.records.comments[comment_id] = comment
        issue.updated_at = now
        return comment

    # ------------------------------------------------------------ after the branches moved

    def follow(self, login: str) -> None:
        """Bring every open pull request to where its branches are now."""
        branches = self.repository.branches()
        for pull in self.records.pulls():
            if pull.is_open:
                self._follow(pull, branches, login)

    def _follow(self, pull: Pull, branches: Mapping[str, str], login: str) -> None:
        head, base = branches.get(pull.head, ""), branches.get(pull.base, "")
        if not head or not base:
            self.close(pull)
        elif base != pull.base_sha and is_within(self.repository, pull.head_sha, base):
            # The branch reached its base by another way than the merge button: by a push, as a part
            # of another branch.
            self._settle(pull, base, login)
        elif (head, base) != (pull.head_sha, pull.base_sha):
            moved = head != pull.head_sha
            self._move(pull)
            if moved and is_within(self.repository, head, base):
                self.close(pull)

    def _move(self, pull: Pull) -> None:
        moved = pull.head_sha != self.repository.head(pull.head)
        pull.head_sha, pull.base_sha = self.repository.head(pull.head), self.repository.head(pull.base)
        if moved:
            pull.updated_at = self.now
            self.repository.move(f"{PULLS}{pull.number}/head", pull.head_sha)

    def _settle(self, pull: Pull, commit: str, login: str) -> None:
        pull.merged_at = pull.closed_at = pull.updated_at = self.now
        pull.merged_by, pull.merge_commit, pull.mergeable = login, commit, None

    def look(self, pull: Pull) -> None:
        """Find out whether it can be merged: asked for by one look, known at the next.

        Source: REST guide "Using the REST API to interact with your Git database", section "Checking
        mergeability of pull requests": null until a job in the background has tried the merge.
        """
        pair = (pull.base_sha, pull.head_sha)
        if not pull.is_open or pull.looked_at == pair and pull.mergeable is not None:
            return
        if pull.looked_at != pair:
            pull.looked_at, pull.mergeable, pull.merge_commit = pair, None, None
            return
        try:
            pull.merge_commit = merge(
                self.repository, *pair, f"Merge {pair[1]} into {pair[0]}", author=pull.login, at=self.now
            )
        except GitError:
            pull.mergeable = False
        else:
            pull.mergeable = True
            self.repository.move(f"{PULLS}{pull.number}/merge", pull.merge_commit)

    # ------------------------------------------------------------ for the page and the verbs

    def row(self, pull: Pull) -> dict[str, Any]:
        """Tell a pull request in the control verbs' words."""
        statuses = self.records.latest_statuses(pull.head_sha)
        comments = self.records.comments_on(pull.number)
        return {
            "number": pull.number,
            "title": pull.title,
            "body": pull.body or "",
            "state": "merged" if pull.merged_at else "open" if pull.is_open else "closed",
            "head": pull.head,
            "base": pull.base,
            "sha": pull.head_sha,
            "base_sha": pull.base_sha,
            "user": pull.login,
            "merged_by": pull.merged_by or None,
            "merge_commit": pull.merge_commit if pull.merged_at else None,
            "status": self.records.combined(pull.head_sha) if statuses else None,
            "statuses": [
                {
                    "context": status.context,
                    "state": status.state,
                    "description": status.description,
                    "target_url": status.target_url,
                }
                for status in statuses
            ],
            "comments": [
                {"id": comment.comment_id, "user": comment.login, "body": comment.body}
                for comment in comments
            ],
        }

    def start_of(self, pull: Pull) -> str:
        """Give the commit where the branch left its base."""
        return fork_point(self.repository, pull.base_sha, pull.head_sha)

    def is_protected(self, branch: str) -> bool:
        """Say whether a branch changes through pull requests only."""
        return self._protected and branch == BRANCH
