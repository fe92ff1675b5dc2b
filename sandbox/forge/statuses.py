"""What checkers say of commits, over REST. Source: REST page commits/statuses, version 2022-11-28."""

from __future__ import annotations

from typing import Any

from sandbox.forge.answers import Answer, ApiError, Call, Listed, Reply, Route, invalid
from sandbox.forge.desk import Desk
from sandbox.forge.records import Status
from sandbox.forge.shapes import Shapes

_STATES = ("error", "failure", "pending", "success")
_DESCRIPTION_MAX = 140
_MOST = 1000  # of one commit and context


class StatusCalls:
    """Writes statuses and reads them, one by one and combined."""

    def __init__(self, desk: Desk, shapes: Shapes) -> None:
        self._desk = desk
        self._shapes = shapes

    def routes(self) -> list[Route]:
        """Give the functions of this page."""
        page = "commits/statuses#"
        combined = f"{page}get-the-combined-status-for-a-specific-reference"
        return [
            Route("POST", "statuses/{sha}", f"{page}create-a-commit-status", self.create),
            Route(
                "GET", "commits/{ref}/statuses", f"{page}list-commit-statuses-for-a-reference", self.list_all
            ),
            Route("GET", "commits/{ref}/status", combined, self.combined),
        ]

    def create(self, call: Call) -> Reply:
        """Say something of a commit."""
        sha = self._commit(call.values["sha"])
        state = call.needed("state")
        description, target = call.text("description"), call.text("target_url")
        context = call.text("context") or "default"
        _check(state, description, target)
        records = self._desk.records
        if sum(status.context == context for status in records.statuses_of(sha)) >= _MOST:
            message = "This SHA and context has reached the maximum number of statuses."
            raise invalid("Status", "", "custom", message)
        status_id, login = records.next_id(), call.account.login
        status = Status(status_id, sha, state, context, description, target, login, self._desk.now)
        records.statuses.append(status)
        return Answer(self._form(status), 201, {"Location": f"{self._shapes.api}/statuses/{sha}"})

    def list_all(self, call: Call) -> Reply:
        """Give all statuses of a commit, newest first."""
        return Listed(self._desk.records.statuses_of(self._commit(call.values["ref"])), self._form)

    def combined(self, call: Call) -> Reply:
        """Give what holds for each context, and what all come to."""
        sha = self._commit(call.values["ref"])
        rows = self._desk.records.latest_statuses(sha)
        start = (call.page - 1) * call.per_page
        value = {
            "state": self._desk.records.combined(sha),
            "statuses": [self._shapes.status(status) for status in rows[start : start + call.per_page]],
            "sha": sha,
            "total_count": len(rows),
            "repository": {
                "name": self._shapes.name,
                "full_name": f"{self._shapes.owner}/{self._shapes.name}",
                "url": self._shapes.api,
            },
            "commit_url": f"{self._shapes.api}/commits/{sha}",
            "url": f"{self._shapes.api}/commits/{sha}/status",
        }
        return Answer(value)

    def _commit(self, name: str) -> str:
        if found := self._desk.repository.commit_id(name):
            return found
        raise ApiError(422, f"No commit found for SHA: {name}")

    def _form(self, status: Status) -> dict[str, Any]:
        return {**self._shapes.status(status), "creator": self._shapes.user(status.login)}


def _check(state: str, description: str | None, target: str | None) -> None:
    if state not in _STATES:
        raise invalid("Status", "state", "custom", "state is not included in the list")
    if len(description or "") > _DESCRIPTION_MAX:
        message = f"description is too long (maximum is {_DESCRIPTION_MAX} characters)"
        raise invalid("Status", "description", "custom", message)
    if target and not target.startswith(("http://", "https://")):
        raise invalid("Status", "target_url", "custom", "target_url must use http(s) scheme")
