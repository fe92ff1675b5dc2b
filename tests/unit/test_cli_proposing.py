"""Proposals typed at the shell: what is printed, what is pushed, what a look leaves alone."""

import subprocess
from datetime import UTC, datetime

import pytest

from adapters.contract import Product
from bot.store import products
from bot.store.database import open_database
from tests.unit.shell import MAPPING

SHORT = MAPPING.replace("  - code: tee\n  - {code: gift, set: {tee: 1, mug: 2}}\n", "")


@pytest.fixture
def mapping(shell):
    """Type ``tanaban mapping ...`` where the shop lists mug, tee and gift, and the mapping has mug alone."""
    shell.commit(SHORT)
    listed = [Product(code, (code,), code) for code in ("mug", "tee", "gift")]
    engine = open_database(shell.state)
    with engine.begin() as connection:
        products.replace(connection, "a", listed, datetime.now(UTC))
    engine.dispose()
    return lambda *words: shell("mapping", *words, "--config", str(shell.config))


def branches(shell):
    command = ["git", "-C", str(shell.repository), "for-each-ref", "--format=%(refname:short)", "refs/heads"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_proposal_is_pushed_and_its_branch_is_told(shell, mapping):
    status, out, _err = mapping("propose", "a")
    assert status == 0
    [branch] = [name for name in branches(shell) if name.startswith("tanaban/import-a-")]
    assert f"Pushed as branch {branch} (2 changes)" in out
    again = mapping("propose", "a")[1]
    assert "is there already" in again
    assert len(branches(shell)) == 2


def test_look_prints_the_diff_and_pushes_nothing(shell, mapping):
    status, out, _err = mapping("propose", "a", "--dry-run")
    assert status == 0
    assert "+  - code: tee\n" in out
    assert "--- a/mappings.yaml" in out
    assert branches(shell) == ["main"]


def test_one_code_is_set(shell, mapping):
    status, out, _err = mapping("set", "mug", "--name", "Cup", "--safety-stock", "2", "--last-units", "off")
    assert status == 0
    assert "(3 changes)" in out
    text = subprocess.run(
        ["git", "-C", str(shell.repository), "show", f"{branches(shell)[1]}:mappings.yaml"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "- {code: mug, name: Cup, safety_stock: 2, last_units: off}" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("propose", "b"), "There is no shop “b”"),
        (("copy", "--from", "a", "--to", "a"), "nothing to copy"),
        (("set", "mug"), "Say what to change"),
        (("set", "cap", "--name", "x"), "cap"),
        (("set", "mug", "--safety-stock", "-1"), "pieces, from 0"),
        (("set", "mug", "--last-units", "some"), "auto, off or a number"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(shell, mapping, words, said):
    status, _out, err = mapping(*words)
    assert status == 2
    assert said in err
    assert branches(shell) == ["main"]
