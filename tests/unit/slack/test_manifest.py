"""The app's manifest: within Slack's rules, and with just the scopes that our calls need."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from bot.slack.manifest import manifest, problems, usage_hint
from bot.slack.methods import COMMANDS, FILES, HELPERS, METHODS, scopes
from bot.slack.verbs import LOOKUP, VERBS
from bot.slack.voice import Voice

FACE = Path(__file__).parents[3] / "bot" / "slack"


def called() -> set[str]:
    """Give every method of Slack's that the face's code names on a client."""
    methods = {name.replace(".", "_").lower(): name for name in METHODS}
    found = set[str]()
    for path in FACE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and "client" in ast.dump(node.value).lower():
                found |= {methods[node.attr.lower()]} if node.attr.lower() in methods else set()
                found |= set(HELPERS.get(node.attr, ()))
                assert known(node.attr), f"{path.name}: {node.attr} is not in the table of methods"
    return found


def known(attribute: str) -> bool:
    """Tell whether an attribute of a client is in the table, or is no method of Slack's."""
    families = {name.partition(".")[0] for name in METHODS} | {"conversations", "reactions", "pins", "files"}
    if attribute in HELPERS or attribute.partition("_")[0] not in families or "_" not in attribute:
        return True
    return attribute.lower() in {name.replace(".", "_").lower() for name in METHODS}


def test_scopes_are_just_those_that_the_methods_we_call_need() -> None:
    assert called() == set(METHODS)
    made = manifest(Voice("ja"))["oauth_config"]["scopes"]["bot"]
    assert made == scopes()
    assert set(made) == {COMMANDS, FILES} | {METHODS[name] for name in called() if METHODS[name]}
    assert set(made) == {
        "commands",
        "chat:write",
        "users:read",
        "usergroups:read",
        "files:read",
        "files:write",
    }


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("http", ["", "https://zaiko.example"])
def test_manifest_is_within_slacks_rules(lang: str, http: str) -> None:
    made = manifest(Voice(lang), http)
    assert list(problems(made)) == []
    json.dumps(made)
    settings, command = made["settings"], made["features"]["slash_commands"][0]
    assert settings["socket_mode_enabled"] is not bool(http)
    places = [command.get("url"), settings["interactivity"].get("request_url")]
    places.append(settings["event_subscriptions"].get("request_url"))
    assert places == [f"{http}/slack/events" if http else None] * 3


def test_hint_names_every_verb() -> None:
    hint = usage_hint(Voice("ja"))
    assert all(verb.name in hint.split(" | ") for verb in VERBS if verb is not LOOKUP)


def test_what_slack_would_refuse_is_named() -> None:
    found = list(problems(manifest(Voice("ja", "/" + "z" * 40), "http://zaiko.example")))
    assert any(text.startswith("command:") for text in found)
    assert sum("must be https" in text for text in found) == 3


def test_shell_prints_it_as_yaml_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    config = tmp_path / "tanaban.toml"
    config.write_text('[slack]\ncommand = "/tana"\n', "utf-8")
    assert main(["manifest", "--config", str(config)]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == manifest(Voice("ja", "/tana"))
    arguments = ["manifest", "--json", "--http", "https://z.example/"]
    assert main([*arguments, "--config", str(tmp_path / "none.toml")]) == 0
    assert json.loads(capsys.readouterr().out) == manifest(Voice("ja"), "https://z.example")
    assert main(["manifest", "--http", "http://z.example", "--config", str(config)]) == 2
