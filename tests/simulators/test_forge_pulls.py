"""Pull requests at the sandbox forge: opened, pushed to, merged, closed, talked about, checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forge_ground import READ, WRITE, Ground

from sandbox.world import ControlError


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with Ground(tmp_path).running() as made:
        yield made


def error_of(reply: Any) -> dict[str, str]:
    assert reply.status_code == 422, reply.text
    assert reply.json()["message"] == "Validation Failed"
    return dict(reply.json()["errors"][0])


# ------------------------------------------------------------------ opening


def test_a_pull_request_is_opened_between_two_branches(ground: Ground) -> None:
    commit = ground.branch()
    pull = ground.open(body="説明")
    assert (pull["number"], pull["state"], pull["merged"]) == (1, "open", False)
    assert (pull["head"]["sha"], pull["head"]["label"]) == (commit, "merchant:propose")
    assert pull["base"]["ref"] == "main"
    assert pull["user"]["login"] == "tanaban-bot"
    assert ground.do("pulls")[0]["body"] == "説明"


def test_the_head_may_name_its_owner_but_no_other(ground: Ground) -> None:
    ground.branch()
    other = {"title": "x", "head": "stranger:propose", "base": "main"}
    assert error_of(ground.call("POST", "pulls", json=other))["field"] == "head"
    assert ground.open(head="merchant:propose")["head"]["ref"] == "propose"


def test_a_second_one_for_the_same_branches_is_refused(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    body = {"title": "また", "head": "propose", "base": "main"}
    found = error_of(ground.call("POST", "pulls", json=body))
    assert found == {
        "resource": "PullRequest",
        "code": "custom",
        "message": "A pull request already exists for merchant:propose.",
    }
    ground.do("close", number=number)
    assert ground.open()["number"] == number + 1


def test_a_branch_that_brings_nothing_is_refused(ground: Ground) -> None:
    main = ground.do("branches")["main"]
    ground.call("POST", "git/refs", json={"ref": "refs/heads/same", "sha": main})
    found = error_of(ground.call("POST", "pulls", json={"title": "x", "head": "same", "base": "main"}))
    assert found["message"] == "No commits between main and same"


@pytest.mark.parametrize(("field", "values"), [("head", ("none", "main")), ("base", ("propose", "none"))])
def test_an_unknown_branch_is_refused(ground: Ground, field: str, values: tuple[str, str]) -> None:
    ground.branch()
    body = {"title": "x", "head": values[0], "base": values[1]}
    found = error_of(ground.call("POST", "pulls", json=body))
    assert found == {"resource": "PullRequest", "code": "invalid", "field": field}


def test_a_needed_field_that_is_absent_is_named(ground: Ground) -> None:
    reply = ground.call("POST", "pulls", json={"title": "x", "base": "main"})
    assert (reply.status_code, reply.json()["message"]) == (
        422,
        'Invalid request.\n\n"head" wasn\'t supplied.',
    )
    reply = ground.call("POST", "pulls", json={"title": 1, "head": "a", "base": "main"})
    assert "is not a string" in reply.json()["message"]
    assert (
        error_of(ground.call("POST", "pulls", json={"head": "a", "base": "main"}))["code"] == "missing_field"
    )


def test_numbers_are_shared_with_issues(ground: Ground) -> None:
    assert ground.do("open_issue", title="相談")["number"] == 1
    ground.branch()
    number = ground.open()["number"]
    assert number == 2
    assert ground.call("GET", "pulls/1").status_code == 404
    assert "pull_request" not in ground.call("GET", "issues/1").json()
    assert ground.call("GET", f"issues/{number}").json()["pull_request"]["merged_at"] is None


# ------------------------------------------------------------------ finding and changing


def test_lists_are_narrowed_by_state_head_and_base(ground: Ground) -> None:
    for name in ("one", "two", "three"):
        ground.branch(name, **{name: "x\n"})
        ground.open(name)
    ground.do("close", number=2)

    def numbers(query: str) -> list[int]:
        return [row["number"] for row in ground.call("GET", f"pulls?{query}").json()]

    assert numbers("") == [3, 1]
    assert numbers("state=closed") == [2]
    assert numbers("state=all&direction=asc") == [1, 2, 3]
    assert numbers("head=merchant:one&base=main") == [1]
    assert numbers("head=stranger:one") == []
    assert numbers("head=one") == [3, 1]  # without its owner the branch is not heeded
    assert numbers("base=other") == []


def test_a_pull_request_is_changed_closed_and_taken_up_again(ground: Ground) -> None:
    ground.branch()
    number = ground.open(body="前")["number"]
    path = f"pulls/{number}"
    changed = ground.call("PATCH", path, json={"title": "新しい題", "body": "後"}).json()
    assert (changed["title"], changed["body"]) == ("新しい題", "後")
    closed = ground.call("PATCH", path, json={"state": "closed"}).json()
    assert (closed["state"], closed["merged"]) == ("closed", False)
    assert closed["closed_at"] is not None
    assert ground.call("PATCH", path, json={"state": "open"}).json()["state"] == "open"
    ground.do("delete_branch", branch="propose")
    assert ground.do("pull", number=number)["state"] == "closed"
    found = error_of(ground.call("PATCH", path, json={"state": "open"}))
    assert found["message"] == "state cannot be changed. The propose branch has been deleted."


@pytest.mark.parametrize(("name", "length"), [("title", 256), ("body", 65_536)])
def test_titles_and_bodies_have_a_longest_form(ground: Ground, name: str, length: int) -> None:
    ground.branch()
    path = f"pulls/{ground.open()['number']}"
    assert ground.call("PATCH", path, json={name: "字" * length}).status_code == 200
    found = error_of(ground.call("PATCH", path, json={name: "字" * (length + 1)}))
    assert found["message"] == f"{name} is too long (maximum is {length} characters)"


def test_changed_files_are_told_with_their_patches(ground: Ground) -> None:
    before = ground.do("file", path="team.yaml")
    files = {"new.yaml": "a: 1\nb: 2\n", "mappings.yaml": None, "team.yaml": before.replace("ja", "en")}
    ground.do("push", branch="propose", files=files)
    ground.do("commit", files={"unrelated.yaml": "x\n"})
    number = ground.open()["number"]
    rows = {row["filename"]: row for row in ground.call("GET", f"pulls/{number}/files").json()}
    assert {path: row["status"] for path, row in rows.items()} == {
        "new.yaml": "added",
        "mappings.yaml": "removed",
        "team.yaml": "modified",
    }
    assert rows["new.yaml"]["additions"] == 2
    assert rows["new.yaml"]["patch"] == "@@ -0,0 +1,2 @@\n+a: 1\n+b: 2"
    assert "-language: ja\n+language: en" in rows["team.yaml"]["patch"]
    assert ground.call("GET", f"pulls/{number}").json()["changed_files"] == 3


def test_a_renamed_file_tells_both_names(ground: Ground) -> None:
    text = ground.do("file", path="team.yaml")
    ground.do("push", branch="propose", files={"team.yaml": None, "people.yaml": text})
    row = ground.call("GET", f"pulls/{ground.open()['number']}/files").json()[0]
    assert (row["status"], row["filename"], row["previous_filename"]) == (
        "renamed",
        "people.yaml",
        "team.yaml",
    )


def test_commits_come_oldest_first(ground: Ground) -> None:
    first = ground.branch()
    second = ground.branch(b="2\n")
    rows = ground.call("GET", f"pulls/{ground.open()['number']}/commits").json()
    assert [row["sha"] for row in rows] == [first, second]
    assert rows[0]["commit"]["author"]["name"] == "bob"


# ------------------------------------------------------------------ merging


def test_a_merge_writes_a_merge_commit_on_the_base(ground: Ground) -> None:
    head = ground.branch()
    main = ground.do("commit", files={"b.yaml": "b: 1\n"})["commit"]
    number = ground.open()["number"]
    done = ground.call("PUT", f"pulls/{number}/merge", json={"sha": head})
    assert (done.status_code, done.json()["merged"]) == (200, True)
    commit = done.json()["sha"]
    assert ground.do("branches")["main"] == commit
    found = ground.call("GET", "branches/main").json()["commit"]
    assert [parent["sha"] for parent in found["parents"]] == [main, head]
    assert found["commit"]["message"] == "Merge pull request #1 from merchant/propose\n\n提案"
    assert (ground.do("file", path="a.yaml"), ground.do("file", path="b.yaml")) == ("a: 1\n", "b: 1\n")
    pull = ground.call("GET", f"pulls/{number}").json()
    assert (pull["state"], pull["merged"], pull["merge_commit_sha"]) == ("closed", True, commit)
    assert pull["merged_by"]["login"] == "tanaban-bot"
    assert (pull["commits"], pull["changed_files"]) == (1, 1)
    assert ground.call("GET", f"pulls/{number}/merge").status_code == 204


def test_a_person_merges_and_reverts(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    merged = ground.do("merge", number=number, by="alice")["commit"]
    ground.do("commit", files={"later.yaml": "x\n"})
    assert ground.do("log")[1]["commit"] == merged
    assert ground.do("log")[1]["author"] == "alice"
    ground.do("revert", number=number, by="bob")
    assert ground.do("log")[0]["author"] == "bob"
    assert ground.do("file", path="later.yaml") == "x\n"
    with pytest.raises(ControlError):
        ground.do("file", path="a.yaml")
    with pytest.raises(ControlError):
        ground.do("revert", number=number)
    pull = ground.call("GET", f"pulls/{number}").json()
    assert (pull["merged"], pull["merged_by"]["login"]) == (True, "alice")


def test_whether_it_can_be_merged_is_known_at_the_second_look(ground: Ground) -> None:
    ground.branch()
    pull = ground.open()
    assert pull["mergeable"] is None
    path = f"pulls/{pull['number']}"
    assert ground.call("GET", path).json()["mergeable_state"] == "unknown"
    known = ground.call("GET", path).json()
    assert (known["mergeable"], known["mergeable_state"]) == (True, "clean")
    assert (known["merge_commit_sha"] is not None, known["merged"]) == (True, False)
    ground.branch(b="1\n")
    assert ground.call("GET", path).json()["mergeable"] is None


def test_a_conflict_is_not_merged(ground: Ground) -> None:
    ground.branch(**{"mappings.yaml": "version: 2\n"})
    number = ground.open()["number"]
    ground.do("commit", files={"mappings.yaml": "version: 3\n"})
    assert not ground.mergeable(number)
    reply = ground.call("PUT", f"pulls/{number}/merge", json={})
    assert (reply.status_code, reply.json()["message"]) == (405, "Pull Request is not mergeable")
    with pytest.raises(ControlError):
        ground.do("merge", number=number)
    assert ground.do("file", path="mappings.yaml") == "version: 3\n"


def test_a_head_that_moved_is_not_merged(ground: Ground) -> None:
    old = ground.branch()
    number = ground.open()["number"]
    ground.branch(b="1\n")
    assert ground.call("PUT", f"pulls/{number}/merge", json={"sha": old}).status_code == 409
    assert ground.do("pull", number=number)["state"] == "open"


def test_a_closed_one_is_not_merged_and_a_merged_one_stays_merged(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    ground.do("close", number=number)
    assert ground.call("PUT", f"pulls/{number}/merge", json={}).status_code == 405
    ground.do("reopen", number=number)
    ground.do("merge", number=number)
    assert ground.call("PUT", f"pulls/{number}/merge", json={}).status_code == 405
    found = error_of(ground.call("PATCH", f"pulls/{number}", json={"state": "open"}))
    assert found["field"] == "state"


def test_other_ways_of_merging_are_not_allowed_here(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    reply = ground.call("PUT", f"pulls/{number}/merge", json={"merge_method": "squash"})
    assert (reply.status_code, reply.json()["message"]) == (
        405,
        "Squash merges are not allowed on this repository.",
    )


# ------------------------------------------------------------------ pushing


def push(ground: Ground, refs: str, *, token: str = WRITE, path: str = "new.yaml") -> Any:
    ground.hand.git("clone", "--quiet", "URL", "copy", token=token)
    (ground.folder / "copy" / path).write_text("pushed-by-hand: 1\n", encoding="utf-8")
    ground.hand.git("-C", "copy", "add", ".", token=None)
    ground.hand.git("-C", "copy", "commit", "--quiet", "-m", "変更", token=None)
    return ground.hand.git("-C", "copy", "push", "URL", refs, token=token)


def test_a_push_makes_a_branch_and_moves_its_pull_request(ground: Ground) -> None:
    ground.branch("hand")
    number = ground.open("hand")["number"]
    done = push(ground, "+HEAD:hand")
    assert done.returncode == 0, done.stderr
    head = ground.do("branches")["hand"]
    assert ground.call("GET", f"pulls/{number}").json()["head"]["sha"] == head
    listed = ground.hand.git("ls-remote", "URL", "refs/pull/*", token=READ).stdout
    assert f"{head}\trefs/pull/{number}/head" in listed
    assert ground.do("seen", text="pushed-by-hand: 1")
    assert ground.do("violations") == []


def test_the_protected_branch_is_not_pushed_to(ground: Ground) -> None:
    before = ground.do("branches")
    done = push(ground, "HEAD:main")
    assert done.returncode != 0
    assert "remote: error: GH006: Protected branch update failed for refs/heads/main." in done.stderr
    assert "[remote rejected]" in done.stderr
    assert ground.do("branches") == before


def test_the_forges_own_references_are_not_pushed_to(ground: Ground) -> None:
    assert push(ground, "HEAD:refs/pull/1/head").returncode != 0


def test_an_unprotected_main_takes_pushes(tmp_path: Path) -> None:
    with Ground(tmp_path, protected=False).running() as ground:
        assert push(ground, "HEAD:main").returncode == 0
        assert ground.do("file", path="new.yaml") == "pushed-by-hand: 1\n"


def test_a_reader_pushes_nothing(ground: Ground) -> None:
    assert push(ground, "HEAD:hand", token=READ).returncode != 0
    assert list(ground.do("branches")) == ["main"]


def test_a_branch_that_reached_main_by_another_way_counts_as_merged(ground: Ground) -> None:
    ground.branch("first")
    ground.do("push", branch="second", files={"b.yaml": "x\n"})
    one = ground.open("first")["number"]
    ground.call("POST", "git/refs", json={"ref": "refs/heads/both", "sha": ground.do("branches")["first"]})
    ground.do("push", branch="both", files={"c.yaml": "x\n"})
    two = ground.open("both")["number"]
    ground.do("merge", number=two, by="alice")
    assert [ground.do("pull", number=number)["state"] for number in (one, two)] == ["merged", "merged"]


def test_a_rewritten_main_leaves_pull_requests_that_cannot_be_merged(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    ground.do("force_push", files={"mappings.yaml": "version: 9\n"})
    assert ground.do("pull", number=number)["state"] == "open"
    assert not ground.mergeable(number)


def test_the_long_address_is_cloned_from_too(ground: Ground) -> None:
    ground.hand.url = ground.forge.addresses()["clone_url"]
    assert ground.hand.git("ls-remote", "URL", token=READ).returncode == 0


# ------------------------------------------------------------------ comments and statuses


def test_comments_are_written_changed_and_deleted(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    made = ground.call("POST", f"issues/{number}/comments", json={"body": "計画"})
    assert (made.status_code, made.json()["user"]["login"]) == (201, "tanaban-bot")
    path = f"issues/comments/{made.json()['id']}"
    assert ground.call("PATCH", path, json={"body": "新しい計画"}).json()["body"] == "新しい計画"
    rows = ground.call("GET", f"issues/{number}/comments").json()
    assert [row["body"] for row in rows] == ["新しい計画"]
    assert ground.do("view")["pulls"][0]["comments"][0]["body"] == "新しい計画"
    assert ground.call("GET", f"pulls/{number}").json()["comments"] == 1
    assert ground.call("DELETE", path).status_code == 204
    assert ground.call("GET", path).status_code == 404
    assert ground.call("POST", "issues/99/comments", json={"body": "x"}).status_code == 404


def test_a_comment_has_at_most_65536_characters(ground: Ground) -> None:
    ground.do("open_issue", title="x")
    assert ground.call("POST", "issues/1/comments", json={"body": "字" * 65_536}).status_code == 201
    found = error_of(ground.call("POST", "issues/1/comments", json={"body": "字" * 65_537}))
    assert found["message"] == "Body is too long (maximum is 65536 characters)"
    blank = error_of(ground.call("POST", "issues/1/comments", json={"body": " "}))
    assert blank["message"] == "Body cannot be blank"


def test_statuses_are_kept_by_context_and_combined(ground: Ground) -> None:
    sha = ground.branch()
    ground.open()

    def say(state: str, context: str) -> None:
        body = {"state": state, "context": context, "description": state, "target_url": "https://x.invalid"}
        made = ground.call("POST", f"statuses/{sha}", json=body)
        assert (made.status_code, made.json()["creator"]["login"]) == (201, "tanaban-bot")

    def combined() -> Any:
        return ground.call("GET", "commits/propose/status").json()

    assert (combined()["state"], combined()["total_count"]) == ("pending", 0)
    say("pending", "a")
    say("success", "b")
    assert combined()["state"] == "pending"
    say("success", "a")
    assert combined()["state"] == "success"
    say("failure", "b")
    assert (combined()["state"], combined()["total_count"]) == ("failure", 2)
    rows = ground.call("GET", f"commits/{sha}/statuses").json()
    assert [row["state"] for row in rows] == ["failure", "success", "success", "pending"]
    shown = ground.do("view")["pulls"][0]
    assert (shown["status"], len(shown["statuses"])) == ("failure", 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"state": "good"}, "state"),
        ({"state": "success", "description": "字" * 141}, "description"),
        ({"state": "success", "target_url": "ftp://x.invalid"}, "target_url"),
    ],
)
def test_a_status_that_says_too_much_is_refused(ground: Ground, body: dict[str, str], field: str) -> None:
    main = ground.do("branches")["main"]
    found = error_of(ground.call("POST", f"statuses/{main}", json=body))
    assert (found["resource"], found["field"]) == ("Status", field)
    assert ground.call("POST", f"statuses/{main}", json={"state": "success"}).json()["context"] == "default"


def test_a_status_needs_a_commit(ground: Ground) -> None:
    reply = ground.call("POST", f"statuses/{'0' * 40}", json={"state": "success"})
    assert (reply.status_code, reply.json()["message"]) == (422, f"No commit found for SHA: {'0' * 40}")
