"""The six scenes of the tour, played against the real bot and the sandbox, each process its own."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox import tour
from sandbox.demo import Demo
from sandbox.shops import SHOPS

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("demo"), ROOT) as demo:
        yield tour.Stage(demo)


def test_an_order_travels(stage):
    tour.an_order_travels(stage)


def test_a_cancellation_comes_back(stage):  # C1
    tour.a_cancellation_comes_back(stage)


def test_the_key_dies_on_a_sunday(stage):  # A16, A20, A22, B22
    tour.the_key_dies_on_a_sunday(stage)


def test_a_pause(stage):  # B21
    tour.a_pause(stage)


def test_a_mapping_change(stage):
    tour.a_mapping_change(stage)


def test_the_plug_is_pulled(stage):
    tour.the_plug_is_pulled(stage)


def test_the_bot_kept_to_every_contract(stage):
    """Whatever the scenes did: no mall, nor Slack, saw a request that its contract does not allow."""
    for part in (*(shop.part for shop in SHOPS), "slack", "forge"):
        assert stage.demo.driver.call(part, "violations") == [], part


def test_the_bot_has_no_child_of_the_sandbox(stage):
    children = subprocess.run(
        ["ps", "-o", "args=", "--ppid", str(stage.demo.bot.pid)], capture_output=True, text=True, check=False
    ).stdout
    assert "sandbox" not in children
    assert os.getpgid(stage.demo.bot.pid)  # it lives, after all of that


def test_no_credential_is_found_outside_the_vault(stage):
    """Every secret the bot was given, searched in its state, its log and what it sent to Slack."""
    named = {"user", "shop_code", "shop_key", "client_id", "public_key_version"}  # names, no secrets
    given = stage.demo.credentials()
    secrets = [value for kinds in given.values() for kind, value in kinds.items() if kind not in named]
    assert len(secrets) > 10
    kept = [path for path in (stage.demo.folder / "state").rglob("*") if path.is_file()]
    assert any(path.name == "vault" for path in kept)
    for secret in secrets:
        for path in [*kept, stage.demo.folder / "bot.log", stage.demo.config]:
            assert secret.encode() not in path.read_bytes(), path.name
        assert not stage.slack.seen(secret)


def test_buyers_are_found_nowhere(stage):
    """The malls' orders hold a made-up buyer; nothing of her passes the wire."""
    kept = [path for path in (stage.demo.folder / "state").rglob("*") if path.is_file()]
    for path in [*kept, stage.demo.folder / "bot.log"]:
        assert "山田" not in path.read_bytes().decode("utf-8", "ignore"), path.name
    assert not stage.slack.seen("山田")


def test_sigterm_ends_the_bot_in_time_and_cleanly(stage):
    stage.demo.bot.terminate()
    assert stage.demo.bot.wait(6) == 0
