"""The JSON forms of a repository, its people, commits, pull requests, comments and statuses.

Source: response schemas of the REST pages repos/repos, branches/branches, commits/commits, pulls/pulls,
issues/comments and commits/statuses, version 2022-11-28.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sandbox.forge.accounts import number_of
from sandbox.forge.reading import Change, Commit, Signed
from sandbox.forge.records import Comment, Issue, Pull, Status
from sandbox.forge.repository import BRANCH, HEADS

REPOSITORY_ID = 4211


class Shapes:
    """Puts what is known into the forms of the wire. ``origin``: ``https://host:port``."""

    def __init__(self, origin: str, owner: str, name: str) -> None:
        self.origin, self.owner, self.name = origin, owner, name
        self.page = f"{origin}/{owner}/{name}"
        self.root = f"{origin}/api/v3"
        self.api = f"{self.root}/repos/{owner}/{name}"

    def user(self, login: str) -> dict[str, Any]:
        """Give an account."""
        url = f"{self.root}/users/{quote(login)}"
        return {
            "login": login,
            "id": number_of(login),
            "node_id": _node("User", login),
            "avatar_url": f"{self.origin}/avatars/{number_of(login)}",
            "url": url,
            "html_url": f"{self.origin}/{quote(login)}",
            "repos_url": f"{url}/repos",
            "type": "User",
            "site_admin": False,
        }

    def repository(self, began: datetime, *, may_write: bool) -> dict[str, Any]:
        """Give the repository."""
        return {
            "id": REPOSITORY_ID,
            "node_id": _node("Repository", self.name),
            "name": self.name,
            "full_name": f"{self.owner}/{self.name}",
            "private": True,
            "visibility": "private",
            "owner": {**self.user(self.owner), "type": "Organization"},
            "html_url": self.page,
            "description": None,
            "fork": False,
            "url": self.api,
            "pulls_url": f"{self.api}/pulls{{/number}}",
            "clone_url": f"{self.page}.git",
            "created_at": moment(began),
            "archived": False,
            "disabled": False,
            "has_issues": True,
            "default_branch": BRANCH,
            "allow_merge_commit": True,
            "allow_squash_merge": False,
            "allow_rebase_merge": False,
            "delete_branch_on_merge": False,
            "permissions": {
                "admin": False,
                "maintain": False,
                "push": may_write,
                "triage": may_write,
                "pull": True,
            },
        }

    def commit(self, commit: Commit) -> dict[str, Any]:
        """Give a commit."""
        url = f"{self.api}/commits/{commit.commit}"
        return {
            "sha": commit.commit,
            "node_id": _node("Commit", commit.commit),
            "commit": {
                "author": _signed(commit.author),
                "committer": _signed(commit.committer),
                "message": commit.message,
                "tree": {"sha": commit.tree, "url": f"{self.api}/git/trees/{commit.tree}"},
                "url": f"{self.api}/git/commits/{commit.commit}",
                "comment_count": 0,
                "verification": {
                    "verified": False,
                    "reason": "unsigned",
                    "signature": None,
                    "payload": None,
                },
            },
            "url": url,
            "html_url": f"{self.page}/commit/{commit.commit}",
            "comments_url": f"{url}/comments",
            "author": None,  # no account has the mail addresses of this sandbox
            "committer": None,
            "parents": [
                {
                    "sha": parent,
                    "url": f"{self.api}/commits/{parent}",
                    "html_url": f"{self.page}/commit/{parent}",
                }
                for parent in commit.parents
            ],
        }

    def branch(self, branch: str, commit: Commit, *, protected: bool) -> dict[str, Any]:
        """Give a branch and the commit it points to."""
        url = f"{self.api}/branches/{quote(branch)}"
        return {
            "name": branch,
            "commit": self.commit(commit),
            "_links": {"self": url, "html": f"{self.page}/tree/{quote(branch)}"},
            "protected": protected,
            "protection": {
                "enabled": protected,
                "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
            },
            "protection_url": f"{url}/protection",
        }

    def ref(self, branch: str, commit: str) -> dict[str, Any]:
        """Give a reference to a branch."""
        return {
            "ref": HEADS + branch,
            "node_id": _node("Ref", branch),
            "url": f"{self.api}/git/refs/heads/{quote(branch)}",
            "object": {"type": "commit", "sha": commit, "url": f"{self.api}/git/commits/{commit}"},
        }

    def issue(self, issue: Issue, comments: int) -> dict[str, Any]:
        """Give an issue; of a pull request, its side as an issue."""
        url = f"{self.api}/issues/{issue.number}"
        pull_url, page = f"{self.api}/pulls/{issue.number}", f"{self.page}/pull/{issue.number}"
        shown = {**self._thread(issue), "url": url, "comments": comments}
        if not isinstance(issue, Pull):
            return {**shown, "html_url": f"{self.page}/issues/{issue.number}"}
        merged = moment(issue.merged_at)
        about = {"url": pull_url, "html_url": page, "merged_at": merged}
        return {**shown, "html_url": page, "pull_request": about}

    def pull(self, pull: Pull) -> dict[str, Any]:
        """Give a pull request as lists have it."""
        url, issue_url = f"{self.api}/pulls/{pull.number}", f"{self.api}/issues/{pull.number}"
        page = f"{self.page}/pull/{pull.number}"
        addresses = {
            "html": page,
            "issue": issue_url,
            "comments": f"{issue_url}/comments",
            "review_comments": f"{url}/comments",
            "commits": f"{url}/commits",
            "statuses": f"{self.api}/statuses/{pull.head_sha}",
        }
        return {
            **self._thread(pull),
            "url": url,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            **{f"{name}_url": address for name, address in addresses.items() if name != "html"},
            "draft": pull.draft,
            "merged_at": moment(pull.merged_at),
            "merge_commit_sha": pull.merge_commit,
            "requested_reviewers": [],
            "requested_teams": [],
            "auto_merge": None,
            "head": self._end(pull.head, pull.head_sha),
            "base": self._end(pull.base, pull.base_sha),
            "_links": {name: {"href": address} for name, address in {"self": url, **addresses}.items()},
        }

    def _thread(self, issue: Issue) -> dict[str, Any]:
        return {
            "id": 900_000 + issue.number,
            "node_id": _node(type(issue).__name__, str(issue.number)),
            "number": issue.number,
            "state": "open" if issue.is_open else "closed",
            "locked": False,
            "title": issue.title,
            "user": self.user(issue.login),
            "body": issue.body,
            "labels": [],
            "milestone": None,
            "assignee": None,
            "assignees": [],
            "author_association": "COLLABORATOR",
            "active_lock_reason": None,
            "created_at": moment(issue.created_at),
            "updated_at": moment(issue.updated_at),
            "closed_at": moment(issue.closed_at),
        }

    def _end(self, branch: str, sha: str) -> dict[str, Any]:
        owner = {**self.user(self.owner), "type": "Organization"}
        repository = {
            "id": REPOSITORY_ID,
            "name": self.name,
            "full_name": f"{self.owner}/{self.name}",
            "owner": owner,
            "url": self.api,
            "html_url": self.page,
            "default_branch": BRANCH,
        }
        label = f"{self.owner}:{branch}"
        return {"label": label, "ref": branch, "sha": sha, "user": owner, "repo": repository}

    def change(self, change: Change, commit: str, patch: str | None) -> dict[str, Any]:
        """Give a changed file."""
        path = quote(change.path)
        told: dict[str, Any] = {} if patch is None else {"patch": patch}
        if change.before:
            told["previous_filename"] = change.before
        return {
            "sha": change.blob,
            "filename": change.path,
            "status": change.state,
            "additions": change.added,
            "deletions": change.removed,
            "changes": change.added + change.removed,
            "blob_url": f"{self.page}/blob/{commit}/{path}",
            "raw_url": f"{self.page}/raw/{commit}/{path}",
            "contents_url": f"{self.api}/contents/{path}?ref={commit}",
            **told,
        }

    def comment(self, comment: Comment, *, on_pull: bool) -> dict[str, Any]:
        """Give a comment."""
        kind = "pull" if on_pull else "issues"
        return {
            "id": comment.comment_id,
            "node_id": _node("IssueComment", str(comment.comment_id)),
            "url": f"{self.api}/issues/comments/{comment.comment_id}",
            "html_url": f"{self.page}/{kind}/{comment.number}#issuecomment-{comment.comment_id}",
            "issue_url": f"{self.api}/issues/{comment.number}",
            "body": comment.body,
            "user": self.user(comment.login),
            "created_at": moment(comment.created_at),
            "updated_at": moment(comment.updated_at),
            "author_association": "COLLABORATOR",
            "performed_via_github_app": None,
        }

    def status(self, status: Status) -> dict[str, Any]:
        """Give a status of a commit."""
        created = moment(status.created_at)
        return {
            "url": f"{self.api}/statuses/{status.sha}",
            "avatar_url": f"{self.origin}/avatars/{number_of(status.login)}",
            "id": status.status_id,
            "node_id": _node("StatusContext", str(status.status_id)),
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": created,
            "updated_at": created,
        }


def moment(at: datetime | None) -> str | None:
    """Write a time as the wire has it: UTC, whole seconds."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed(who: Signed) -> dict[str, Any]:
    return {
        "name": who.name,
        "email": who.mail,
        "date": moment(datetime.fromtimestamp(who.seconds, UTC)),
    }


def _node(kind: str, key: str) -> str:
    digest = hashlib.sha256(f"{kind}:{key}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()
