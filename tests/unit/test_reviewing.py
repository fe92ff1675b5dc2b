"""Pull requests of the mapping: looked into, told in one comment and a status, whatever fails."""

from __future__ import annotations

import itertools

import pytest

from bot.mapping.reviewtext import MARKER
from bot.reviewing import AGAIN
from bot.store.notes import Remembered
from tests.unit.review_ground import BROKEN, EVEN_LESS, LESS, MAIN, SHOPS, serving, standing


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as made:
        yield made


@pytest.fixture
def ground(tmp_path, served):
    with standing(tmp_path, served) as made:
        yield made


# ---------------------------------------------------------------- the comment and the status


def test_request_gets_one_comment_that_each_push_edits(ground):  # D8
    ground.propose(LESS)
    ground.review()
    said = ground.comment()
    assert said.startswith(MARKER)
    assert "| `a` | `tee` | `tee` | 10 | 7 | other settings |" in said
    assert "| `b` | `tee` | `tee` | 10 | 7 | other settings |" in said
    assert "`mug`" not in said
    assert ground.status() == "success"
    first = ground.pull()["comments"]
    ground.push(EVEN_LESS)
    ground.review()
    (edited,) = ground.pull()["comments"]
    assert edited["id"] == first[0]["id"]
    assert "| `a` | `tee` | `tee` | 10 | 6 | other settings |" in edited["body"]
    assert ground.status() == "success"


def test_review_writes_to_no_mall_and_calls_none(ground):  # D8
    before, calls = ground.stocks(), ground.calls_of_malls()
    ground.propose(LESS)
    ground.review()
    assert (ground.stocks(), ground.calls_of_malls()) == (before, calls)
    assert ground.waiting("a") == []


def test_request_that_did_not_move_costs_one_look_at_the_list(ground):
    ground.propose(LESS)
    ground.review()
    before = ground.calls()
    ground.review()
    ground.restart()
    ground.review()
    assert [one.split("/repos/")[1] for one in ground.calls()[len(before) :]] == [
        "merchant/mappings/pulls"
    ] * 2


def test_comment_is_edited_when_the_stock_has_moved_and_not_else(ground):
    ground.propose(LESS)
    ground.review()
    writes = len(ground.calls("POST", "PATCH"))
    ground.review(AGAIN.total_seconds())
    assert len(ground.calls("POST", "PATCH")) == writes
    ground.malls["a"].order({"tee": 2})
    ground.quiet()
    ground.review(AGAIN.total_seconds())
    assert "| `a` | `tee` | `tee` | 8 | 5 | other settings |" in ground.comment()
    assert len(ground.calls("POST", "PATCH")) == writes + 1


def test_status_is_pending_while_it_is_looked_into(ground):
    ground.propose(LESS)
    ground.review()
    posts = [one for one in ground.calls("POST") if "/statuses/" in one or "/comments" in one]
    assert [("statuses" in one) for one in posts] == [True, False, True]


def test_broken_mapping_fails_with_its_line(ground):  # D8
    ground.propose(BROKEN)
    ground.review()
    assert ground.status() == "failure"
    assert "- `mappings.yaml:8:11: error: " in ground.comment()
    ground.push(LESS)
    ground.review()
    assert ground.status() == "success"
    assert "error:" not in ground.comment()


def test_code_that_a_mall_lacks_is_named_with_its_place(ground):  # A2 B9
    ground.malls["b"].stock["cap"] = 1
    ground.clock.advance(86_400)
    ground.quiet()
    ground.propose(MAIN + "  - code: cap\n")
    ground.review()
    said = ground.comment()
    assert ground.status() == "failure"
    assert "Missing on `a`: `cap`" in said
    assert "Missing on `b`" not in said
    assert "- `mappings.yaml:9:11: error: cap is not on a" in said


def test_shop_that_was_never_read_is_told_and_fails_nothing(ground):  # A3
    ground.propose(MAIN.replace("defaults:", "  c: {mall: memory, orders: api}\ndefaults:"))
    ground.review()
    assert "| `c` | — | — | — | no list yet (`tanaban import c`) |" in ground.comment()
    assert ground.status() == "success"


def test_old_list_is_told_with_its_age(ground):  # A3
    ground.clock.advance(8 * 86_400 + 60)
    ground.propose(LESS)
    ground.review()
    assert "(8 days old)" in ground.comment()
    assert "the product list of a is 8 days old" in ground.comment()


def test_comment_is_found_again_after_a_crash_between_post_and_record(ground):
    ground.propose(LESS)
    ground.review()
    Remembered(ground.engine).set("mapping.reviews", "{}")
    ground.restart()
    ground.review()
    assert len(ground.pull()["comments"]) == 1


def test_comment_of_somebody_else_with_our_first_line_is_left_alone(ground):
    number = ground.propose(LESS)
    ground.do("comment", number=number, body=f"{MARKER}\nhello", by="mallory")
    ground.review()
    assert [each["user"] for each in ground.pull()["comments"]] == ["mallory", ground.at["login"]]
    assert ground.pull()["comments"][0]["body"] == f"{MARKER}\nhello"


def test_merge_result_is_checked_not_the_branch_alone(ground):
    ground.propose(LESS)
    ground.do("commit", files={"products/cups.yaml": "products:\n  - code: tee-2\n"})
    more = MAIN.replace("products:", "include: [products/*.yaml]\nproducts:")
    ground.do("commit", files={"mappings.yaml": more})
    ground.look_at_branch()
    ground.review()
    assert "merged with `main`" in ground.comment()
    assert "`tee-2`" not in ground.comment()


def test_conflict_is_told_and_the_branch_checked_by_itself(ground):
    ground.propose(LESS)
    ground.do("commit", files={"mappings.yaml": EVEN_LESS})
    ground.look_at_branch()
    ground.review()
    assert "In conflict with `main`" in ground.comment()


def test_request_to_another_branch_is_not_looked_at(ground):
    ground.push(LESS, "other")
    ground.push(EVEN_LESS)
    ground.do("open_pull", title="x", head="propose", base="other")
    ground.review()
    assert ground.pull()["comments"] == []


def test_what_the_files_say_calls_nobody_and_breaks_no_table(ground):
    code = "'x | @everyone <!-- `` closes #1'"
    ground.propose(SHOPS + f"products:\n  - code: mug\n  - code: {code}\n")
    ground.review()
    (line,) = [line for line in ground.comment().splitlines() if "everyone" in line]
    assert line.startswith("- ```mappings.yaml:8:11: error")
    assert line.endswith("```")


def test_record_of_a_closed_request_is_dropped(ground):
    number = ground.propose(LESS)
    ground.review()
    ground.do("close", number=number)
    ground.review()
    assert Remembered(ground.engine).get("mapping.reviews") == "{}"


# ---------------------------------------------------------------- what fails


def test_request_that_brings_too_much_is_refused_alone(ground):
    ground.propose(LESS, "small")
    ground.max_bytes = 200_000
    ground.restart()
    noise = "".join(f"# {number * 7919 % 1_000_003:x}{number:o}\n" for number in range(120_000))
    ground.propose(LESS + noise, "large")
    ground.review()
    assert (ground.status(1), ground.status(2)) == ("success", "error")
    before = len(ground.calls())
    ground.review()
    assert len(ground.calls()) == before + 1  # not fetched again and again
    assert ground.open_causes("") == []


def test_clone_that_has_grown_is_thrown_away_and_made_again(ground):
    ground.max_bytes = 5_600
    ground.restart()
    ground.propose(LESS)
    packs = []  # after the clone is made anew, all that was pushed comes at once, and is too much
    for push in range(1, 9):
        ground.push(LESS + "".join(f"# {number * push * 7919 % 1_000_003:x}\n" for number in range(700)))
        ground.review()
        packs.append(sum(path.stat().st_size for path in (ground.folder / "reviews.git").rglob("*.pack")))
    assert any(later < earlier for earlier, later in itertools.pairwise(packs))
    assert max(packs) < 6 * ground.max_bytes


def test_comment_whose_answer_was_lost_is_not_written_twice(ground):
    number = ground.propose(LESS)
    ground.do("fault", name="lost", where=f"POST /api/v3/repos/merchant/mappings/issues/{number}/", times=1)
    ground.review()
    assert ground.status() == "pending"
    ground.review()
    assert ground.status() == "success"
    assert len(ground.pull()["comments"]) == 1


def test_so_many_are_looked_into_in_one_round_the_newest_first(ground, monkeypatch):
    monkeypatch.setattr("bot.reviewing.MOST", 1)
    for branch in ("one", "two"):
        ground.propose(LESS + f"# {branch}\n", branch)
    ground.review()
    assert [len(ground.pull(number)["comments"]) for number in (1, 2)] == [0, 1]
    ground.review()
    assert [len(ground.pull(number)["comments"]) for number in (1, 2)] == [1, 1]


def test_forge_that_fails_is_told_once_after_three_rounds_and_stops_nothing(ground):
    ground.propose(LESS)
    ground.do("fault", name="bad_credentials")
    told = []
    for _ in range(5):
        ground.review()
        told.append(ground.open_causes(""))
    assert told == [[], [], ["forge"], ["forge"], ["forge"]]
    assert [item.count for item in ground.incidents.open() if item.cause == "forge"] == [1]
    ground.malls["a"].order({"tee": 1})
    ground.quiet()
    assert ground.shown("tee", "b") == 9
    ground.do("clear_faults")
    ground.review()
    assert ground.open_causes("") == []
    assert ground.status() == "success"


def test_limit_of_the_forge_is_waited_for(ground):
    ground.propose(LESS)
    ground.do("fault", name="secondary_limit")
    ground.review()
    before = len(ground.calls())
    ground.review(30)
    assert len(ground.calls()) == before
    ground.do("clear_faults")
    ground.review(700)
    assert ground.status() == "success"
    assert ground.open_causes("") == []
