"""Every mall stands in all the places that CONTRIBUTING.md lists for a new one."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from adapters import registry
from benchmarks.cron import SCRIPTS
from benchmarks.malls import WAYS
from sandbox.server import PARTS
from sandbox.shops import SHOPS

ROOT = Path(__file__).parent.parent
MALLS = [name for name in registry.MALLS if name != "memory"]
VERBS = (
    *("order", "cancel", "stock", "set_stock", "add_product", "view"),
    *("fault", "clear_faults", "journal", "violations", "seen"),
)
NOT_IN_THE_DEMO = {
    "yahuoku": "a delegated listing needs no settings and no credentials",
    "ponpare": "archived: the mall has probably closed",
}
NOT_MEASURED = {
    "yahuoku": "no call is ever made",
    "ponpare": "a file at a time: the mall takes it when it likes",
    "roomclip": "a file at a time: TEMPOSTAR takes it when it likes",
}


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("mall", MALLS)
def test_mall_has_its_folder_its_simulator_and_its_place_in_the_demo(mall: str) -> None:
    for name in ("__init__.py", "adapter.py", "README.md"):
        assert (ROOT / "adapters" / mall / name).exists(), name
    module, name = PARTS[mall]
    assert module == f"malls.{mall}.part"
    part = getattr(import_module(f"sandbox.{module}"), name)
    assert [verb for verb in VERBS if not hasattr(part, f"do_{verb}")] == []
    assert (ROOT / "sandbox" / "malls" / mall / "settings.py").exists()
    assert re.search(rf"\bmall: {mall}\b", page("mappings.yaml"))
    assert (mall in {shop.part for shop in SHOPS}) is (mall not in NOT_IN_THE_DEMO)


@pytest.mark.parametrize("mall", MALLS)
def test_mall_is_tested_at_both_ends_of_its_wire(mall: str) -> None:
    tests = [path.read_text("utf-8") for path in (ROOT / "tests" / "malls").glob(f"test_{mall}*.py")]
    assert any("(AdapterContract)" in text for text in tests)
    assert list((ROOT / "tests" / "simulators").glob(f"test_{mall}*.py"))


@pytest.mark.parametrize("mall", MALLS)
def test_mall_is_measured_beside_a_plain_script(mall: str) -> None:
    ways = {name for name, way in WAYS.items() if way.mall == mall}
    assert bool(ways) is (mall not in NOT_MEASURED)
    assert ways <= SCRIPTS.keys()


@pytest.mark.parametrize("mall", MALLS)
def test_mall_is_named_on_the_pages(mall: str) -> None:
    can = registry.abilities(mall)
    assert f"(adapters/{mall}/README.md)" in page("README.md")
    assert can.name_ja in page("README.ja.md")


def test_every_place_that_is_looked_at_stands_on_the_checklist() -> None:
    text = page("CONTRIBUTING.md").partition("## Add a mall")[2].partition("## ")[0]
    for name in (
        "adapters/registry.py",
        "sandbox/server.py",
        "sandbox/shops.py",
        "mappings.yaml",
        "benchmarks/malls.py",
        "benchmarks/cron.py",
        "tests/contract.py",
        "README.md",
        "README.ja.md",
        "CHANGELOG.md",
    ):
        assert f"`{name}`" in text, name
    assert ", ".join(VERBS) in text
