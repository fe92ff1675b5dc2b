"""The log of changed numbers: one shape at every mall that is measured."""

from __future__ import annotations

import pytest

from sandbox.driver import Driver, SandboxError
from sandbox.server import build

MALLS = ("rakuten", "yahoo", "futureshop", "qoo10")


@pytest.fixture
def driver(tmp_path):
    with build(tmp_path) as sandbox:
        yield Driver(sandbox.url)


@pytest.mark.parametrize("name", MALLS)
def test_sales_and_edits_are_logged_with_what_buyers_see_from_then_on(driver, name):
    mall = driver.mall(name)
    assert [row["code"] for row in mall.call("changes", codes=["mug"], since="2000-01-01T00:00+00:00")] == [
        "mug"
    ] * (name in ("rakuten", "yahoo"))  # their shelves are filled when the mall opens
    mall.call("set_stock", code="mug", quantity=9)
    mall.call("set_stock", code="tee-red-s", quantity=1)
    edited = mall.call("changes", codes=["mug"], since="2000-01-01T00:00+00:00")[-1]
    mall.order("mug", 2)
    rows = mall.call("changes", codes=["mug"], since=edited["at"])
    assert [(row["code"], row["quantity"]) for row in rows] == [("mug", 9), ("mug", 7)]
    assert rows[-1]["at"] > edited["at"]
    with pytest.raises(SandboxError, match="nothing-such"):
        mall.call("changes", codes=["nothing-such"], since=edited["at"])


def test_many_things_may_be_asked_at_once(driver):
    calls = [(name, "set_stock", {"code": "mug", "quantity": 3}) for name in MALLS]
    assert driver.batch([*calls, ("rakuten", "orders", {})]) == [None, None, None, None, []]
    assert [driver.mall(name).stock("mug") for name in MALLS] == [3, 3, 3, 3]
