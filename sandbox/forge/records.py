"""What a forge remembers beside the repository: issues, pull requests, comments, statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Issue:
    """An issue; a pull request is one too, so that both share their numbers."""

    number: int
    title: str
    body: str | None
    login: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether work on it goes on."""
        return self.closed_at is None


@dataclass
class Pull(Issue):
    """A pull request. ``base_sha`` follows its branch until the request is closed or merged."""

    head: str = ""
    base: str = ""
    head_sha: str = ""
    base_sha: str = ""
    draft: bool = False
    merged_at: datetime | None = None
    merged_by: str = ""
    merge_commit: str | None = None  # while it is open: of the merge that was tried
    mergeable: bool | None = None
    looked_at: tuple[str, str] = ("", "")  # the two commits that ``mergeable`` speaks of


@dataclass
class Comment:
    """A comment on an issue or pull request."""

    comment_id: int
    number: int
    login: str
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Status:
    """What a checker says of a commit. ``state``: error, failure, pending or success."""

    status_id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    login: str
    created_at: datetime


@dataclass
class Records:
    """All of it. Whoever changes it holds the forge's lock."""

    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    last_number: int = 0
    last_id: int = 1_000_000

    def next_number(self) -> int:
        """Give the next number of an issue or pull request."""
        self.last_number += 1
        return self.last_number

    def next_id(self) -> int:
        """Give the next id of a comment or status."""
        self.last_id += 1
        return self.last_id

    def pulls(self) -> list[Pull]:
        """Give the pull requests in the order of their numbers."""
        return [issue for issue in self.issues.values() if isinstance(issue, Pull)]

    def pull(self, number: int) -> Pull:
        """Give a pull request.

        Raises:
            KeyError: there is none of this number.
        """
        found = self.issues.get(number)
        if not isinstance(found, Pull):
            raise KeyError(f"no pull request #{number}")
        return found

    def comments_on(self, number: int) -> list[Comment]:
        """Give the comments on an issue or pull request, oldest first."""
        return [comment for comment in self.comments.values() if comment.number == number]

    def statuses_of(self, sha: str) -> list[Status]:
        """Give all statuses of a commit, newest first."""
        return [status for status in reversed(self.statuses) if status.sha == sha]

    def latest_statuses(self, sha: str) -> list[Status]:
        """Give the status that holds for each context, oldest context first."""
        latest: dict[str, Status] = {}
        for status in reversed(self.statuses_of(sha)):
            latest[status.context] = status
        return list(latest.values())

    def combined(self, sha: str) -> str:
        """Give what all contexts come to.

        Source: REST page commits/statuses#get-the-combined-status-for-a-specific-reference.
        """
        states = {status.state for status in self.latest_statuses(sha)}
        if states & {"error", "failure"}:
            return "failure"
        return "success" if states == {"success"} else "pending"
