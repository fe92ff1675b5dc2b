"""Freshness on the wire-level sandbox: the benchmark runs and says what it promises to."""

import json

from tests.test_benchmarks import run


def test_the_last_line_of_freshness_is_its_figures_by_destination():
    terms = ("--poll", "1", "--orders", "60/min", "--amazon", "0/min", "--minutes", "0.05", "--codes", "2")
    found = json.loads(run("freshness", *terms, "--latency", "0.01")[-1])
    assert set(found) >= {"p50_s", "p99_s", "malls", "amazon", "wrong"}
    assert list(found["malls"]) == ["rakuten", "yahoo", "futureshop", "qoo10"]
    assert (found["wrong"], found["never"], found["amazon"]) == (0, 0, None)
    assert all(set(row) > {"p50_s", "p99_s", "delay_s"} for row in found["malls"].values())
