"""The pages say what the code says."""

import re
from pathlib import Path

import pytest

from adapters import registry
from docs.generate import PAGES as GENERATED
from docs.generate import filled, schema_files

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.ja.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_tables_of_a_page_are_as_the_code_gives_them(page):
    text = page.read_text("utf-8")
    assert filled(text, GENERATED[page]) == text, "run: make docs"


def test_schemas_for_editors_are_as_the_code_gives_them():
    for path, text in schema_files().items():
        assert path.read_text("utf-8") == text, "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_named_files_exist(page):
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (page.parent / target).exists(), target
    for name in re.findall(r"`((?:adapters|bot|sandbox|tests|docs|state)/[\w/.]*)`", text):
        assert (ROOT / name).exists(), name


def test_both_readmes_open_with_the_two_commands():
    for name in ("README.md", "README.ja.md"):
        head = (ROOT / name).read_text("utf-8").split("\n\n")[2]
        assert "make demo" in head
        assert "make test" in head


@pytest.mark.parametrize("mall", [name for name in registry.MALLS if name != "memory"])
def test_every_option_of_a_mall_stands_in_its_readme(mall):
    code = "".join(path.read_text("utf-8") for path in (ROOT / "adapters" / mall).glob("*.py"))
    text = (ROOT / "adapters" / mall / "README.md").read_text("utf-8")
    for option in set(re.findall(r'options(?:\.get\(|\[)"(\w+)"', code)):
        assert f"`{option}`" in text, option


def test_names_that_the_walk_through_gives_are_in_the_code():
    text = (ROOT / "docs" / "a-run.md").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    for name in re.findall(r"`(?:\w+\.)*(\w+)(?:\(.*?\))?`", text):
        if name.isidentifier() and name not in {"tmp", "calendar", "mapping", "watch", "app"}:
            assert re.search(rf"\b{name}\b", code + str(list((ROOT / "adapters").iterdir()))), name
