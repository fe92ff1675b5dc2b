"""The mapping in force: followed from a real repository, a bad commit told once, nothing lost."""

import os
import subprocess

import pytest

from adapters.clock import ManualClock
from bot.following import Following
from bot.mapping.follow import MappingFollower
from bot.mapping.repo import Access, MappingRepository
from bot.store.database import ChangeWatch, open_database
from bot.store.incidents import Incidents
from bot.store.notes import Remembered
from bot.sync.values import Why
from tests.unit.house import make_state

SHOPS = "shops:\n  a: {mall: memory, orders: api}\n  b: {mall: memory, orders: api}\n"
GOOD = f"version: 1\n{SHOPS}products:\n  - code: mug\n"
MORE = GOOD + "  - code: tee\n"
BAD = GOOD + "  - code: t_shirt\n"


def pulled_plug(codes, why):
    """Stand for the end of the process while codes are marked."""
    raise KeyboardInterrupt


class Ground:
    """A repository of the merchant's, and a bot that follows it."""

    def __init__(self, folder):
        self.repository, self.folder = folder / "merchant", folder / "state"
        self.repository.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.clock, self.marked = ManualClock(), []
        make_state(self.folder)
        self.open()

    def open(self):
        self.engine = open_database(self.folder)
        self.incidents = Incidents(self.engine)
        access = Access(allow_file=True)
        kept = {"access": access, "compiled": self.folder / "mapping.sqlite3"}
        repository = MappingRepository(str(self.repository), "main", self.folder / "repo.git", **kept)
        remembered = Remembered(self.engine)
        follower = MappingFollower(repository, remembered)
        self.following = Following(follower, remembered, self.incidents, self.clock)

    def restart(self):
        self.engine.dispose()
        self.open()
        self.following.restore()

    def git(self, *arguments):
        who = {"GIT_AUTHOR_NAME": "dave", "GIT_AUTHOR_EMAIL": "dave@example.com", "GIT_CONFIG_NOSYSTEM": "1"}
        who |= {
            "GIT_COMMITTER_NAME": "dave",
            "GIT_COMMITTER_EMAIL": "dave@example.com",
            "HOME": "/nonexistent",
        }
        command = ["git", "-C", str(self.repository), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=os.environ | who
        ).stdout.strip()

    def commit(self, text, *arguments):
        (self.repository / "mappings.yaml").write_text(text, encoding="utf-8")
        self.git("add", "mappings.yaml")
        self.git("commit", "--quiet", "--message", "change", *arguments)
        return self.git("rev-parse", "HEAD")

    def look(self):
        self.clock.advance(60)
        return self.following.look(self.mark)

    def mark(self, codes, why):
        self.marked.append(({shop: list(own) for shop, own in codes.items()}, why))

    def codes(self):
        return list(self.following.mapping().codes())

    def causes(self):
        return [item.cause for item in self.incidents.open()]

    def told(self, cause):
        return [item.version for item in self.incidents.untold() if item.cause == cause]


@pytest.fixture
def ground(tmp_path):
    ground = Ground(tmp_path)
    yield ground
    ground.engine.dispose()


def test_before_the_first_commit_there_are_no_shops(ground):
    assert (ground.following.mapping().shops, ground.following.in_force().commit) == ({}, "")
    ground.following.restore()
    assert ground.codes() == []


def test_new_commit_lets_what_it_changes_be_compared(ground):
    ground.commit(GOOD)
    assert ground.look()
    assert ground.marked == [({"a": ["mug"], "b": ["mug"]}, Why.MAPPING)]
    commit = ground.commit(MORE)
    assert ground.look()
    assert ground.marked[1:] == [({"a": ["tee"], "b": ["tee"]}, Why.MAPPING)]
    assert ground.following.in_force().commit == commit


def test_change_that_concerns_every_shop_lets_every_code_be_compared(ground):
    ground.commit(GOOD)
    ground.look()
    every = {"a": ["mug", "tee"], "b": ["mug", "tee"]}
    ground.commit(MORE)
    ground.look()
    ground.commit(MORE + "defaults: {safety_stock: 2}\n")
    ground.look()
    ground.commit(MORE.replace("api}", "api, share: 3}", 1) + "defaults: {safety_stock: 2}\n")
    ground.look()
    assert [codes for codes, _ in ground.marked[2:]] == [every, every]


def test_change_of_a_set_lets_what_it_shares_be_compared(ground):
    products = "  - code: mug\n  - code: cap\n  - code: hat\n  - {code: pair, set: {mug: 2}}\n"
    boxed = f"{SHOPS}products:\n{products}  - {{code: box, set: {{mug: 1, cap: 1}}}}\n"
    ground.commit(f"version: 1\n{boxed}")
    ground.look()
    ground.commit(f"version: 1\n{boxed}".replace("cap: 1", "cap: 2"))
    ground.look()
    assert ground.marked[-1][0]["a"] == ["box", "cap", "mug", "pair"]


def test_code_that_leaves_a_shop_is_not_marked_there(ground):
    ground.commit(MORE)
    ground.look()
    ground.commit(MORE.replace("- code: tee", "- {code: tee, listings: {a: false}}"))
    ground.look()
    assert ground.marked[-1] == ({"a": [], "b": ["tee"]}, Why.MAPPING)


def test_commit_after_one_that_was_not_marked_lets_every_code_be_compared(ground):
    ground.commit(GOOD)
    ground.look()
    ground.commit(MORE)
    with pytest.raises(KeyboardInterrupt):
        ground.following.look(pulled_plug)
    ground.restart()
    ground.look()
    assert ground.marked[-1][0] == {"a": ["mug", "tee"], "b": ["mug", "tee"]}


def test_restart_opens_what_was_compiled_without_git_or_yaml(ground, monkeypatch):
    ground.commit(MORE)
    ground.look()
    monkeypatch.setattr("bot.mapping.compiled_update.load_table", None)
    monkeypatch.setattr("bot.mapping.repo.parse", None)
    monkeypatch.setattr("bot.mapping.repo.MappingRepository._git", None)
    ground.restart()
    assert ground.codes() == ["mug", "tee"]
    assert not (ground.folder / "mapping.sqlite3").stat().st_mode & 0o077


def test_compiled_mapping_may_be_deleted_at_any_time(ground):
    ground.commit(MORE)
    ground.look()
    (ground.folder / "mapping.sqlite3").unlink()
    assert ground.codes() == ["mug", "tee"]
    ground.restart()
    assert ground.codes() == ["mug", "tee"]
    assert (ground.folder / "mapping.sqlite3").exists()


def test_mapping_is_kept_in_memory_where_it_cannot_be_written(ground):
    (ground.folder / "mapping.sqlite3").mkdir()
    ground.commit(MORE)
    assert ground.look()
    assert ground.codes() == ["mug", "tee"]


def test_same_commit_is_applied_once_restarts_included(ground):
    ground.commit(GOOD)
    assert [ground.look(), ground.look()] == [True, False]
    ground.restart()
    assert ground.codes() == ["mug"]
    assert not ground.look()
    assert len(ground.marked) == 1


def test_commit_whose_marking_was_cut_short_is_applied_at_the_next_start(ground):
    ground.commit(GOOD)
    ground.clock.advance(60)

    with pytest.raises(KeyboardInterrupt):
        ground.following.look(pulled_plug)
    ground.restart()
    assert ground.look()
    assert len(ground.marked) == 1


def test_bad_commit_stays_out_and_is_told_once_with_its_lines(ground):  # D8
    ground.commit(GOOD)
    ground.look()
    bad = ground.commit(BAD)
    assert [ground.look() for _ in range(4)] == [False] * 4
    (incident,) = ground.incidents.open()
    assert (incident.cause, incident.count) == ("mapping_rejected", 1)
    assert (incident.params["commit"], incident.params["author"]) == (bad[:10], "dave")
    assert incident.params["lines"].startswith("mappings.yaml:7:")
    assert (ground.codes(), ground.following.in_force().rejected) == (["mug"], True)
    assert len(ground.marked) == 1


def test_bad_commit_stays_told_over_a_restart_and_recovers_with_a_good_one(ground):
    ground.commit(GOOD)
    ground.look()
    ground.commit(BAD)
    ground.look()
    ground.restart()
    ground.look()
    assert (ground.causes(), ground.told("mapping_rejected")) == (["mapping_rejected"], [1])
    ground.commit(MORE)
    assert ground.look()
    assert (ground.causes(), ground.following.in_force().rejected) == ([], False)


def test_next_bad_commit_is_told_anew(ground):
    ground.commit(GOOD)
    ground.look()
    ground.commit(BAD)
    ground.look()
    other = ground.commit(BAD + "  - code: mug\n")
    ground.look()
    ground.look()
    (incident,) = ground.incidents.open()
    assert (incident.params["commit"], incident.count) == (other[:10], 2)


def test_bad_first_commit_leaves_the_bot_without_shops(ground):
    ground.commit(BAD)
    assert not ground.look()
    assert (ground.codes(), ground.causes()) == ([], ["mapping_rejected"])


def test_repository_out_of_reach_is_told_only_when_it_lasts(ground):
    ground.commit(GOOD)
    ground.look()
    away = ground.repository.rename(ground.repository.with_name("away"))
    for _ in range(2):
        ground.look()
    assert (ground.causes(), ground.codes()) == ([], ["mug"])
    ground.look()
    assert ground.causes() == ["mapping"]
    away.rename(ground.repository)
    ground.look()
    assert ground.causes() == []


def test_repository_never_reached_is_told_at_once(ground):
    ground.repository.rename(ground.repository.with_name("away"))
    assert not ground.look()
    assert ground.causes() == ["mapping"]


def test_repository_out_of_reach_at_a_start_stops_nothing(ground):
    ground.commit(GOOD)
    ground.look()
    ground.repository.rename(ground.repository.with_name("away"))
    ground.restart()
    assert ground.codes() == ["mug"]


def test_rewritten_branch_waits_for_a_person_to_accept_that_head(ground):
    ground.commit(GOOD)
    ground.look()
    head = ground.commit(MORE, "--amend")
    ground.look()
    ground.look()
    (incident,) = ground.incidents.open()
    assert (incident.cause, incident.count) == ("mapping_rewritten", 1)
    assert (incident.params["commit"], ground.codes()) == (head[:10], ["mug"])
    ground.following.accept("0123456789")
    assert not ground.look()
    ground.following.accept(incident.params["commit"])
    assert ground.look()
    assert (ground.codes(), ground.causes()) == (["mug", "tee"], [])


def test_accepted_head_that_moved_meanwhile_is_told_instead(ground):
    ground.commit(GOOD)
    ground.look()
    seen = ground.commit(MORE, "--amend")
    ground.look()
    ground.following.accept(seen[:10])
    moved = ground.commit(MORE + "  - code: cap\n", "--amend")
    assert not ground.look()
    (incident,) = ground.incidents.open()
    assert (incident.params["commit"], ground.codes()) == (moved[:10], ["mug"])


def test_alert_of_a_bad_head_ends_when_that_head_is_gone(ground):
    """One alert at a time speaks of the branch: the one that is true of its head."""
    ground.commit(GOOD)
    ground.look()
    ground.commit(MORE)
    ground.look()
    ground.commit(BAD)
    ground.look()
    ground.git("reset", "--quiet", "--hard", "HEAD~2")
    ground.look()
    assert ground.causes() == ["mapping_rewritten"]
    ground.commit(BAD)
    ground.look()
    assert ground.causes() == ["mapping_rejected"]


def test_look_at_an_unchanged_branch_leaves_no_trace(ground):
    ground.commit(GOOD)
    ground.look()
    for text in (GOOD, BAD):
        watch = ChangeWatch(ground.folder)
        ground.look()
        ground.look()
        assert not watch.changed()
        watch.close()
        if text == GOOD:
            ground.commit(BAD)
            ground.look()
