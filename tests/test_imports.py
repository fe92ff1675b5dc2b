"""The arrows of the house point one way (docs/a-run.md draws them)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("adapters", "bot", "sandbox")

_BESIDE = {"app", "scheduler", "answers", "config", "logs", "figures", "autopsy", "__init__"}
ROOMS = {f"bot.{path.stem}" for path in (ROOT / "bot").glob("*.py") if path.stem not in _BESIDE}
LAYERS = (  # each may import from those after it
    {"bot.cli"},
    {"bot.app"},
    {"bot.slack", "bot.scheduler"},
    ROOMS,  # the actions and the rooms beside them
    {"bot.credentials"},
    {"bot.store"},
    {"bot.sync"},
    {"bot.mapping", "bot.answers", "bot.config", "bot.logs", "bot.messages"} | {"bot.figures", "bot.autopsy"},
)
PURE = (
    "bot/sync/ledger.py",
    "bot/sync/targets.py",
    "bot/sync/plan.py",
    "bot/sync/outlook.py",
    "bot/sync/guard.py",
    "bot/sync/lastunits.py",
    "bot/sync/levels.py",
    "bot/sync/outage.py",
    "bot/sync/values.py",
    "bot/sync/drift.py",
    "bot/sync/questions.py",
    "bot/slack/views.py",
    "bot/slack/alerts.py",
    "bot/slack/charts.py",
    "bot/autopsy.py",
    "bot/figures.py",
)
IMPURE = {
    "time",
    "os",
    "pathlib",
    "requests",
    "socket",
    "subprocess",
    "threading",
    "random",
    "sqlalchemy",
    "sqlite3",
}


def modules():
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports_of(path):
    """Every module that a file imports, those inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def in_package(name, package):
    return name == package or name.startswith(package + ".")


def layer_of(name):
    return next((i for i, layer in enumerate(LAYERS) if any(in_package(name, part) for part in layer)), None)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_arrows_point_one_way(path):
    name, found = name_of(path), imports_of(path)
    forbidden = {"adapters": ("bot", "sandbox"), "sandbox": ("bot", "adapters"), "bot": ("sandbox",)}
    if name != "bot.cli.sandbox":  # the demo and the sandbox commands are the one way in
        for package in forbidden[name.split(".")[0]]:
            assert not {other for other in found if in_package(other, package)}
    own = layer_of(name)
    if own is not None:
        above = {other for other in found if (place := layer_of(other)) is not None and place < own}
        assert not above, f"{name} imports from above"


def test_every_module_of_the_bot_has_its_layer():
    assert {name_of(p) for p in (ROOT / "bot").rglob("*.py") if layer_of(name_of(p)) is None} == {
        "bot.__init__"
    }


@pytest.mark.parametrize("path", list((ROOT / "adapters").rglob("*.py")), ids=name_of)
def test_a_mall_never_imports_another(path):
    parts = name_of(path).split(".")
    if len(parts) < 3:
        return
    others = {name for name in imports_of(path) if name.startswith("adapters.") and name.count(".") >= 2}
    folders = {name.split(".")[1] for name in others if (ROOT / "adapters" / name.split(".")[1]).is_dir()}
    assert folders <= {parts[1]}


@pytest.mark.parametrize("path", list((ROOT / "bot" / "sync").glob("*.py")), ids=name_of)
def test_the_core_knows_the_contract_and_the_mapping_only(path):
    allowed = ("adapters.contract", "adapters.errors", "bot.mapping.model", "bot.sync")
    ours = {name for name in imports_of(path) if name.split(".")[0] in PACKAGES}
    assert all(any(in_package(name, part) for part in allowed) for name in ours)


@pytest.mark.parametrize("path", PURE)
def test_rules_read_no_clock_and_do_no_io(path):
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert not {name for name in imports_of(ROOT / path) if name.split(".")[0] in IMPURE}
    calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not calls & {"now", "utcnow", "today", "monotonic"}
    assert not names & {"open", "print", "input"}


def test_only_the_application_asks_the_registry():
    users = {name_of(path) for path in modules() if "adapters.registry" in imports_of(path)}
    assert users == {"bot.app"}


def test_nothing_in_the_bot_asks_which_mall_it_is():
    malls = {path.name for path in (ROOT / "adapters").iterdir() if (path / "adapter.py").exists()}
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Compare):
                texts = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                assert not texts & malls, f"{path}:{node.lineno} compares with a mall's name"


def test_both_ends_of_a_wire_share_no_code():
    """A misreading must not be shared: no function of some size stands in both, names aside."""
    seen = {}
    for package in ("adapters", "sandbox"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and len(node.body) > 4:
                    seen.setdefault(ast.dump(ast.Module(node.body, [])), set()).add(package)
    assert not [body for body, packages in seen.items() if len(packages) > 1]


def test_no_folder_of_the_tests_shadows_a_package():
    assert not {path.name for path in (ROOT / "tests").rglob("*") if path.is_dir()} & set(PACKAGES)
