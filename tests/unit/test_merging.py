"""A merge comes into force: what was foreseen happens, it is told once, and a revert undoes it."""

from __future__ import annotations

import pytest

from tests.unit.review_ground import BROKEN, LESS, MOVED, SHOPS, serving, standing


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("served")) as made:
        yield made


@pytest.fixture
def ground(tmp_path, served):
    with standing(tmp_path, served) as made:
        yield made


def test_merge_is_applied_and_told_in_one_line_and_revert_undoes_it(ground):  # D8
    before = ground.stocks()
    number = ground.propose(LESS)
    ground.review()
    ground.merge()
    assert {name: stock["tee"] for name, stock in ground.stocks().items()} == {"a": 7, "b": 7}
    ((key, told),) = ground.news()
    assert key == "mapping_merged"
    assert told["author"] == "alice"
    assert told["request"].startswith(f" #{number} https://")
    assert [told[name] for name in ("added", "removed", "listings", "settings")] == ["0", "0", "0", "1"]
    ground.do("revert", number=number)
    assert ground.look_at_branch()
    ground.quiet()
    assert ground.stocks() == before
    assert [key for key, _ in ground.news()] == ["mapping_merged"]


def test_numbers_of_the_comment_are_those_of_the_merge(ground):  # D8
    ground.propose(MOVED)
    ground.review()
    said = ground.comment()
    assert "| `a` | `tee` | `tee` | 10 | 0 | another listing |" in said
    assert "| `a` | `tee` | `tee-2` | — | 10 | another listing |" in said
    assert "`tee` on `a` (`tee`, from now on `tee-2`): set to 0." in said
    assert "`tee` on `b` (`tee`, from now on `tee-2`): stays as it is." in said
    ground.merge()
    assert ground.malls["a"].stock == {"mug": 10, "tee": 0, "tee-2": 10}
    assert ground.malls["b"].stock == {"mug": 10, "tee": 10, "tee-2": 10}
    told = dict(ground.news())
    assert told["mapping_left_zero"]["lines"] == "\n• a tee (tee → tee-2)"
    assert told["mapping_left_stays"]["lines"] == "\n• b tee (tee → tee-2)"


def test_revert_of_a_moved_listing_leaves_no_stale_number(ground):  # D8
    ground.propose(MOVED)
    ground.merge()
    ground.do("revert", number=1)
    ground.look_at_branch()
    ground.quiet()
    assert ground.malls["a"].stock == {"mug": 10, "tee": 10, "tee-2": 0}


def test_code_that_leaves_the_mapping_goes_to_zero_or_stays(ground):  # D8
    ground.propose(SHOPS + "products:\n  - code: mug\n")
    ground.review()
    assert "| `a` | `tee` | `tee` | 10 | 0 | no longer linked |" in ground.comment()
    ground.merge()
    assert (ground.shown("tee", "a"), ground.shown("tee", "b")) == (0, 10)
    assert [key for key, _ in ground.news()] == ["mapping_merged", "mapping_left_zero", "mapping_left_stays"]


def test_merge_is_told_after_a_restart_too_and_never_twice(ground):
    ground.propose(LESS)
    ground.do("merge", number=1)
    ground.clock.advance(60)
    ground.following.look(ground.sync.mark_all)
    ground.restart()
    told = []
    ground.merging.tell(lambda key, params: told.append(key))
    ground.merging.tell(lambda key, params: told.append(key))
    assert told == ["mapping_merged"]


def test_merge_is_told_without_its_request_where_the_forge_is_silent(ground):
    ground.do("commit", files={"mappings.yaml": LESS}, author="dave")
    ground.clock.advance(60)
    assert ground.following.look(ground.sync.mark_all)
    ground.do("fault", name="bad_credentials")
    ground.merging.tell(lambda key, params: ground.said.append((key, params)))
    ((_, told),) = ground.news()
    assert (told["author"], told["request"]) == ("dave", "")


def test_first_mapping_of_all_is_no_merge(ground):
    assert ground.news() == []


def test_broken_merge_changes_nothing_and_is_no_merge_line(ground):
    before = ground.stocks()
    ground.propose(BROKEN)
    ground.do("merge", number=1)
    ground.look_at_branch()
    ground.quiet()
    assert (ground.stocks(), ground.news()) == (before, [])
    assert "mapping_rejected" in ground.open_causes("")
