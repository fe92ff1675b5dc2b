"""The shell for every test that types commands."""

import logging

import pytest

from tests.unit.shell import Shell


@pytest.fixture
def own_logging():
    """A bot sets the process's logging up; give it back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.Logger.manager.loggerDict)}
    yield
    root.handlers, level = before
    root.setLevel(level)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def fresh(tmp_path, capsys, monkeypatch, own_logging):
    """Only a settings file."""
    for name in ("TANABAN_VAULT_KEY", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "TANABAN_MAPPING_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys, monkeypatch)


@pytest.fixture
def shell(fresh):
    """Initialised, with a mapping to follow."""
    fresh.commit()
    assert fresh("init")[0] == 0
    return fresh
