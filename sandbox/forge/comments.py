"""Issues and their comments over REST; a pull request is an issue here too.

Source: REST pages issues/issues and issues/comments, version 2022-11-28.
"""

from __future__ import annotations

from typing import Any

from sandbox.forge.answers import BODY_MAX, Answer, Call, Listed, Reply, Route, invalid, not_found
from sandbox.forge.desk import Desk
from sandbox.forge.records import Comment, Issue, Pull
from sandbox.forge.shapes import Shapes, moment


class CommentCalls:
    """Reads issues; reads, writes, changes and deletes comments."""

    def __init__(self, desk: Desk, shapes: Shapes) -> None:
        self._desk = desk
        self._shapes = shapes

    def routes(self) -> list[Route]:
        """Give the functions of these pages."""
        page = "issues/comments#"
        one = "issues/comments/{number}"
        return [
            Route("GET", one, f"{page}get-an-issue-comment", self.get),
            Route("PATCH", one, f"{page}update-an-issue-comment", self.update),
            Route("DELETE", one, f"{page}delete-an-issue-comment", self.delete),
            Route("GET", "issues/{number}/comments", f"{page}list-issue-comments", self.list_all),
            Route("POST", "issues/{number}/comments", f"{page}create-an-issue-comment", self.create),
            Route("GET", "issues/{number}", "issues/issues#get-an-issue", self.issue),
        ]

    def issue(self, call: Call) -> Reply:
        """Give an issue or a pull request's side as one."""
        issue = self._issue(call)
        return Answer(self._shapes.issue(issue, len(self._desk.records.comments_on(issue.number))))

    def list_all(self, call: Call) -> Reply:
        """Give the comments, oldest first; ``since`` leaves out what was not changed since."""
        rows = self._desk.records.comments_on(self._issue(call).number)
        if since := call.query.get("since"):
            rows = [comment for comment in rows if (moment(comment.updated_at) or "") >= since]
        return Listed(rows, self._form)

    def create(self, call: Call) -> Reply:
        """Write one."""
        issue = self._issue(call)
        comment = self._desk.comment(issue, _body(call), call.account.login)
        shown = self._form(comment)
        return Answer(shown, 201, {"Location": shown["url"]})

    def get(self, call: Call) -> Reply:
        """Give one."""
        return Answer(self._form(self._comment(call)))

    def update(self, call: Call) -> Reply:
        """Replace its text."""
        comment = self._comment(call)
        comment.body = _body(call)
        comment.updated_at = self._desk.now
        return Answer(self._form(comment))

    def delete(self, call: Call) -> Reply:
        """Take it away."""
        del self._desk.records.comments[self._comment(call).comment_id]
        return Answer(status=204)

    def _issue(self, call: Call) -> Issue:
        issue = self._desk.records.issues.get(call.number)
        if issue is None:
            raise not_found()
        return issue

    def _comment(self, call: Call) -> Comment:
        comment = self._desk.records.comments.get(call.number)
        if comment is None:
            raise not_found()
        return comment

    def _form(self, comment: Comment) -> dict[str, Any]:
        on_pull = isinstance(self._desk.records.issues[comment.number], Pull)
        return self._shapes.comment(comment, on_pull=on_pull)


def _body(call: Call) -> str:
    body = call.needed("body")
    if not body.strip():
        raise invalid("IssueComment", "data", "unprocessable", "Body cannot be blank")
    if len(body) > BODY_MAX:
        message = f"Body is too long (maximum is {BODY_MAX} characters)"
        raise invalid("IssueComment", "data", "unprocessable", message)
    return body
