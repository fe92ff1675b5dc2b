"""The sandbox forge's REST interface: who may ask, limits, pages, tags, faults, places."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from forge_ground import READ, WRITE, Ground

from sandbox.world import ControlError


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with Ground(tmp_path).running() as made:
        yield made


# ------------------------------------------------------------------ who asks


@pytest.mark.parametrize("scheme", ["Bearer", "token", "bearer"])
def test_both_words_before_a_token_are_taken(ground: Ground, scheme: str) -> None:
    reply = ground.call("GET", headers={"Authorization": f"{scheme} {READ}"})
    assert reply.status_code == 200
    assert reply.json()["default_branch"] == "main"
    assert reply.json()["permissions"]["push"] is False


def test_a_wrong_token_is_refused_and_noted(ground: Ground) -> None:
    reply = ground.call("GET", token="wrong")
    assert (reply.status_code, reply.json()["message"]) == (401, "Bad credentials")
    assert reply.json()["documentation_url"].startswith("https://docs.github.com/rest")
    assert "wrong token" in ground.do("violations")[0]


def test_without_a_token_nothing_is_told(ground: Ground) -> None:
    reply = ground.call("GET", token=None)
    assert (reply.status_code, reply.json()["message"]) == (401, "Requires authentication")


def test_a_reader_does_not_write(ground: Ground) -> None:
    reply = ground.call("POST", "pulls", token=READ, json={"title": "x", "head": "x", "base": "main"})
    assert reply.status_code == 403
    assert reply.json()["message"] == "Resource not accessible by personal access token"
    assert reply.json()["documentation_url"].endswith("pulls/pulls#create-a-pull-request")


@pytest.mark.parametrize("path", ["repos/merchant/other", "repos/other/mappings", "repos", "repositories/1"])
def test_what_is_not_there_is_not_found(ground: Ground, path: str) -> None:
    api = ground.forge.addresses()["api"]
    reply = ground.call("GET", f"{api}/{path}")
    assert (reply.status_code, reply.json()["message"]) == (404, "Not Found")


def test_a_request_must_name_its_agent(ground: Ground) -> None:
    assert ground.call("GET", headers={"User-Agent": ""}).status_code == 403


def test_the_account_behind_a_token_is_told(ground: Ground) -> None:
    api = ground.forge.addresses()["api"]
    assert ground.call("GET", f"{api}/user").json()["login"] == "tanaban-bot"


@pytest.mark.parametrize(
    ("body", "message"), [("{", "Problems parsing JSON"), ("[]", "Body should be a JSON object")]
)
def test_a_body_must_be_a_json_object(ground: Ground, body: str, message: str) -> None:
    reply = ground.call("POST", "pulls", data=body)
    assert (reply.status_code, reply.json()["message"]) == (400, message)


def test_an_open_repository_is_read_without_a_token(tmp_path: Path) -> None:
    with Ground(tmp_path, token=None).running() as ground:
        assert ground.call("GET", token=None).status_code == 200
        assert ground.call("POST", "git/refs", token=None, json={}).status_code == 403


# ------------------------------------------------------------------ limits


def test_every_answer_tells_what_is_left_of_the_hour(ground: Ground) -> None:
    first, second = ground.call("GET").headers, ground.call("GET", "pulls/99").headers
    assert int(first["X-RateLimit-Remaining"]) - int(second["X-RateLimit-Remaining"]) == 1
    assert int(first["X-RateLimit-Limit"]) == 5000


def test_the_hours_requests_run_out_and_come_back(tmp_path: Path) -> None:
    with Ground(tmp_path, rate_limit=2).running() as ground:
        assert [ground.call("GET").status_code for _ in range(3)] == [200, 200, 403]
        last = ground.call("GET")
        assert "rate limit exceeded" in last.json()["message"]
        assert last.headers["X-RateLimit-Remaining"] == "0"
        now = ground.world.clock.now().timestamp()
        ground.world.clock.advance(int(last.headers["X-RateLimit-Reset"]) - now + 1)
        assert ground.call("GET").status_code == 200


def test_the_limit_can_be_switched_on_until_its_reset(ground: Ground) -> None:
    ground.do("fault", name="limit", seconds=90)
    reply = ground.call("GET")
    assert (reply.status_code, reply.headers["X-RateLimit-Remaining"]) == (403, "0")
    left = int(reply.headers["X-RateLimit-Reset"]) - ground.world.clock.now().timestamp()
    assert 85 < left <= 91
    ground.world.clock.advance(92)
    assert ground.call("GET").status_code == 200


@pytest.mark.parametrize("status", [403, 429])
def test_the_secondary_limit_says_how_long_to_wait(ground: Ground, status: int) -> None:
    ground.do("fault", name="secondary_limit", seconds=30, status=status, where="POST")
    reply = ground.call("POST", "pulls", json={})
    assert reply.status_code == status
    assert 25 < int(reply.headers["Retry-After"]) <= 30
    assert "secondary rate limit" in reply.json()["message"]
    assert ground.call("GET").status_code == 200


def test_the_secondary_limit_may_be_silent_about_the_wait(ground: Ground) -> None:
    ground.do("fault", name="secondary_limit", says_when=False)
    assert "Retry-After" not in ground.call("GET").headers


# ------------------------------------------------------------------ tags and pages


def test_an_unchanged_answer_is_not_sent_again_and_costs_nothing(ground: Ground) -> None:
    ground.branch()
    first = ground.call("GET", "branches/propose")
    same = {"If-None-Match": first.headers["ETag"]}
    again = ground.call("GET", "branches/propose", headers=same)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["X-RateLimit-Remaining"] == first.headers["X-RateLimit-Remaining"]
    ground.branch(b="1")
    assert ground.call("GET", "branches/propose", headers=same).status_code == 200


def test_rows_come_in_pages_that_name_each_other(ground: Ground) -> None:
    ground.branch()
    number = ground.open()["number"]
    for text in "abcde":
        ground.do("comment", number=number, body=text)
    reply = ground.call("GET", f"issues/{number}/comments?per_page=2")
    pages = [reply.json()]
    assert set(reply.links) == {"next", "last"}
    while "next" in reply.links:
        reply = ground.call("GET", reply.links["next"]["url"])
        pages.append(reply.json())
    assert ["".join(row["body"] for row in page) for page in pages] == ["ab", "cd", "e"]
    assert set(reply.links) == {"prev", "first"}


def test_a_page_has_thirty_rows_and_never_more_than_a_hundred(ground: Ground) -> None:
    number = ground.do("open_issue", title="長い話")["number"]
    for turn in range(101):
        ground.do("comment", number=number, body=str(turn))
    assert len(ground.call("GET", f"issues/{number}/comments").json()) == 30
    assert len(ground.call("GET", f"issues/{number}/comments?per_page=500").json()) == 100


# ------------------------------------------------------------------ faults


def test_refused_tokens_are_good_again_afterwards(ground: Ground) -> None:
    ground.do("fault", name="bad_credentials")
    assert ground.call("GET").json()["message"] == "Bad credentials"
    assert ground.hand.git("ls-remote", "URL", token=READ).returncode != 0
    ground.do("clear_faults")
    assert ground.call("GET").status_code == 200
    assert ground.do("violations") == []


def test_an_outage_answers_with_a_page_for_people(ground: Ground) -> None:
    ground.do("fault", name="outage", times=1)
    reply = ground.call("GET")
    assert (reply.status_code, reply.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert ground.call("GET").status_code == 200


def test_a_lost_answer_leaves_the_work_done(ground: Ground) -> None:
    ground.branch()
    ground.do("fault", name="lost", where="POST /api/v3", times=1)
    with pytest.raises(requests.ConnectionError):
        ground.open()
    assert [row["head"] for row in ground.do("pulls")] == ["propose"]


def test_a_held_request_goes_on_when_the_fault_ends(ground: Ground) -> None:
    ground.do("fault", name="hang", where="/pulls")
    with pytest.raises(requests.ReadTimeout):
        ground.session.get(f"{ground.repository}/pulls", timeout=0.3)
    assert ground.call("GET").status_code == 200
    assert ground.do("view")["faults"] == ["hang"]
    ground.do("clear_faults")
    assert ground.call("GET", "pulls").status_code == 200


def test_an_unknown_fault_is_refused(ground: Ground) -> None:
    with pytest.raises(ControlError):
        ground.do("fault", name="rain")


# ------------------------------------------------------------------ what was asked


def test_what_was_sent_can_be_searched_for(ground: Ground) -> None:
    ground.branch()
    number = ground.open(body='一行目\n二行目 "引用"')["number"]
    ground.call("GET", f"pulls/{number}?note=in-the-query")
    assert ground.do("seen", text='一行目\n二行目 "引用"')
    assert ground.do("seen", text="in-the-query")
    assert ground.do("seen", text=WRITE)
    assert not ground.do("seen", text="never-sent")


def test_the_journal_tells_functions_and_outcomes(ground: Ground) -> None:
    ground.call("GET", "pulls/7?x=1")
    last = ground.do("journal")[-1]
    assert (last["function"], last["status"]) == ("GET /api/v3/repos/merchant/mappings/pulls/7", 404)


# ------------------------------------------------------------------ branches and files


def test_a_branch_is_told_with_its_commit(ground: Ground) -> None:
    commit = ground.branch("feature/x")
    for path in ("branches/feature/x", "branches/feature%2Fx"):
        found = ground.call("GET", path).json()
        assert (found["name"], found["commit"]["sha"], found["protected"]) == ("feature/x", commit, False)
    assert ground.call("GET", "branches/main").json()["protected"] is True
    assert ground.call("GET", "git/ref/heads/feature/x").json()["object"]["sha"] == commit
    assert ground.call("GET", "branches/none").json()["message"] == "Branch not found"
    assert ground.call("GET", "git/ref/heads/none").status_code == 404


def test_a_branch_is_made_and_taken_away(ground: Ground) -> None:
    main = ground.do("branches")["main"]
    made = ground.call("POST", "git/refs", json={"ref": "refs/heads/new", "sha": main})
    assert made.status_code == 201
    again = ground.call("POST", "git/refs", json={"ref": "refs/heads/new", "sha": main})
    assert (again.status_code, again.json()["message"]) == (422, "Reference already exists")
    assert ground.call("DELETE", "git/refs/heads/new").status_code == 204
    assert ground.call("DELETE", "git/refs/heads/main").status_code == 422
    assert list(ground.do("branches")) == ["main"]


def test_a_file_is_read_as_of_a_branch(ground: Ground) -> None:
    commit = ground.branch(products_a="品: 1\n")
    found = ground.call("GET", f"contents/products/a?ref={commit}").json()
    assert base64.b64decode(found["content"]).decode() == "品: 1\n"
    folder = ground.call("GET", "contents/products?ref=propose").json()
    assert [(entry["path"], entry["type"]) for entry in folder] == [("products/a", "file")]
    assert {entry["name"] for entry in ground.call("GET", "contents/").json()} == {
        "mappings.yaml",
        "team.yaml",
    }
    assert ground.call("GET", "contents/products/a").status_code == 404
    assert ground.call("GET", "contents/team.yaml?ref=none").status_code == 404
    raw = {"Accept": "application/vnd.github.raw+json"}
    assert ground.call("GET", "contents/products/a?ref=propose", headers=raw).text == "品: 1\n"


def test_a_file_is_written_only_over_the_one_that_was_read(ground: Ground) -> None:
    ground.branch()
    body = {"message": "変更", "content": base64.b64encode(b"b: 2\n").decode(), "branch": "propose"}
    made = ground.call("PUT", "contents/b.yaml", json=body)
    assert made.status_code == 201
    assert ground.do("branches")["propose"] == made.json()["commit"]["sha"]
    unread = ground.call("PUT", "contents/b.yaml", json=body)
    assert (unread.status_code, "wasn't supplied" in unread.json()["message"]) == (422, True)
    assert ground.call("PUT", "contents/b.yaml", json={**body, "sha": "0" * 40}).status_code == 409
    sha = made.json()["content"]["sha"]
    assert ground.call("PUT", "contents/b.yaml", json={**body, "sha": sha}).status_code == 200


def test_files_of_the_protected_branch_are_not_written(ground: Ground) -> None:
    body = {"message": "変更", "content": base64.b64encode(b"x").decode()}
    reply = ground.call("PUT", "contents/b.yaml", json=body)
    assert (reply.status_code, "through a pull request" in reply.json()["message"]) == (409, True)
