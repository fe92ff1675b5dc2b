"""The benchmarks run and say what they promise to; never how fast anything was."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TINY = ("--changed", "20", "--latency", "0.01", "--rates", "20")


def pushed(*arguments):
    command = [sys.executable, "-m", "benchmarks.push", *TINY, *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def test_the_last_line_of_a_push_is_its_figures_by_mall():
    found = json.loads(pushed("--malls", "rakuten", "--versus", "cron")[-1])
    assert list(found) == ["malls"]
    assert list(found["malls"]) == ["rakuten"]
    row = found["malls"]["rakuten"]
    counts = {"codes", "requests", "refused", "wrong"}
    shares = {"floor_s", "wall_s", "efficiency", "cron_efficiency"}
    assert set(row) == counts | shares
    assert all(isinstance(row[name], int) for name in counts)
    assert all(isinstance(row[name], float) for name in shares)
    assert (row["codes"], row["wrong"]) == (20, 0)


def test_a_push_without_the_script_leaves_its_share_out():
    lines = pushed("--malls", "amazon")
    row = json.loads(lines[-1])["malls"]["amazon"]
    assert row["cron_efficiency"] is None
    assert any(line.startswith("| amazon | 20 |") for line in lines)
    assert row["wrong"] == 0
