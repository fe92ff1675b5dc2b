"""The benchmarks run and say what they promise to; never how fast anything was."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TINY = ("--changed", "20", "--latency", "0.01", "--rates", "20")


def run(name, *arguments):
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def pushed(*arguments):
    return run("push", *TINY, *arguments)


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


def test_the_last_lines_of_turns_are_the_cost_of_each_size():
    rows = [
        json.loads(line)
        for line in run("turn", "--codes", "100", "200", "--changed", "3", "--rounds", "1")[-2:]
    ]
    assert [row["codes"] for row in rows] == [100, 200]
    for row in rows:
        assert {"turn_cpu_ms", "rss_mb", "idle_cpu_percent"} < set(row)
        assert all(row[name] > 0 for name in row)


def oversold(*arguments):
    command = [sys.executable, "-m", "benchmarks.oversell", *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def test_the_last_line_of_a_sell_out_is_its_figures():
    row = json.loads(oversold("--sellouts", "3", "--pieces", "3")[-1])
    names = {"oversold_per_sellout", "unsold", "turned_away", "writes"}
    assert set(row) == names | {"blind_oversold", "blind_writes", "formula"}
    assert row["formula"] == 0.1832
    assert row["writes"] > 0


def test_a_sell_out_can_be_lived_again_by_its_seed():
    lines = oversold("--seed", "1", "--trace", "--pieces", "3")
    assert any("write" in line for line in lines)
    assert lines[-1].startswith("Figures(")


def test_the_last_line_of_the_hostile_files_says_that_each_was_refused():
    found = json.loads(run("hostile", "--no-volume")[-1])
    assert found["refused"] == found["hostile"] > 16
    assert {"worst_ms", "worst_mb", "volume_worst_ms", "volume_worst_mb", "inputs"} <= found.keys()


def test_the_last_line_of_the_mapping_is_its_figures():
    row = json.loads(run("mapping", "--listed", "2000", "--rules", "8000")[-1])
    sizes = {"listed_100k_s", "listed_100k_mb", "versus_csafe", "rules_1m_s", "open_1m_ms", "open_1m_mb"}
    assert set(row) == sizes | {"touch_one_ms"}
    assert all(isinstance(figure, float) for figure in row.values())


def test_the_last_line_of_slack_is_its_acknowledgements():
    found = json.loads(run("slack", "--codes", "50", "--commands", "32", "--refreshes", "2")[-1])
    assert {"ack_p50_ms", "ack_p99_ms", "ack_max_ms", "bare_p99_ms", "lost"} < set(found)
    assert all(found[name] > 0 for name in found if name.startswith(("ack", "bare", "refresh", "behind")))
    assert found["lost"] == 0
