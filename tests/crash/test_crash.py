"""The state folder survives anything at any system call. Minutes; run by ``make crash``."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.crash import runs
from tests.crash.tracing import usable

STRIDE = int(os.environ.get("TANABAN_CRASH_STRIDE", "1"))
"""1 plays every point; more is for a quick look."""

if (why := usable()) and not os.environ.get("CI"):
    pytest.skip(why, allow_module_level=True)


@pytest.fixture(scope="module")
def bases():
    with runs.beginnings() as found:
        yield found


@pytest.fixture(scope="module")
def figures(request):
    """What each test found; told in one line of JSON once all are done."""
    found = {}
    yield found
    told = {name: row | {"bad": len(row["bad"])} if "bad" in row else row for name, row in found.items()}
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write(f"\n{json.dumps(told)}\n")


def test_a_kill_a_full_disk_and_a_failing_disk_at_any_call_lose_nothing(bases, figures):
    found = figures["every_call"] = runs.every_call(bases, STRIDE)
    assert found["bad"] == []


def test_a_power_cut_at_any_moment_loses_nothing(bases, figures):  # A24: the vault's replacement too
    found = figures["power_cuts"] = runs.power_cuts(bases, STRIDE)
    assert found["bad"] == []


def test_a_run_that_syncs_too_little_is_found(bases, figures):
    found = figures["self_test"] = runs.weaker_is_found(bases)
    assert all(found["found_bad"].values()), found
