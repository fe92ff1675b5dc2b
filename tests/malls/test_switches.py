"""Every switch of a simulator stands for something unknown: an adapter must be tried on both sides of it."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMES = {"shop_number", "store_name", "buyer"}
"""What things are called: no test needs them otherwise."""

NOT_CALLED = {
    "amazon": {"rotation_queue": "the adapter rotates no secret"},
    "yahoo": {
        "unknown_api_status": "the adapter calls no function that is not there",
        "token_error_status": "the adapter sends no malformed request for a token",
        "upload_s": "the adapter uploads no file",
        "upload_locks": "the adapter uploads no file; a shop that is being published says the same",
    },
}
"""What concerns calls that the adapter never makes."""


@pytest.mark.parametrize("mall", ["amazon", "rakuten", "roomclip", "yahoo"])
def test_adapter_is_driven_against_every_switch_of_its_simulator(mall: str) -> None:
    switches = {each.name for each in fields(import_module(f"sandbox.malls.{mall}.settings").Settings)}
    excused = set(NOT_CALLED.get(mall, {}))
    tests = "\n".join(path.read_text("utf-8") for path in HERE.glob(f"*{mall}*.py"))
    driven = {name for name in switches if re.search(rf"\b{name}\b", tests)}
    assert switches - driven - NAMES == excused
