"""The app's manifest, built from the registry of verbs and the table of methods. Pure.

Source: docs.slack.dev, app manifest reference (schema 1.0.0); verified 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.methods import scopes
from bot.slack.verbs import LOOKUP, VERBS
from bot.slack.voice import Voice

EVENTS = "/slack/events"
"""Where Slack posts to in HTTP mode, under the address of the bot."""

LIMITS: Mapping[str, int] = {
    "name": 35,
    "description": 140,
    "display_name": 80,
    "command": 32,
    "command.description": 2000,
    "usage_hint": 1000,
}
MOST_COMMANDS, MOST_SCOPES = 50, 255


def manifest(voice: Voice, http_url: str = "") -> dict[str, Any]:
    """Build the manifest.

    Args:
        http_url: the https address of the bot, where Slack is to call it; "" for Socket Mode.
    """
    url = http_url.rstrip("/") + EVENTS if http_url else ""
    about = voice("manifest.description")
    command = {"command": voice.command, "description": about, "usage_hint": usage_hint(voice)}
    events: dict[str, Any] = {"bot_events": ["app_home_opened"]}
    tab = {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    return {
        "display_information": {"name": voice("manifest.name"), "description": about},
        "features": {
            "bot_user": {"display_name": voice.command.lstrip("/"), "always_online": True},
            "app_home": tab,
            "slash_commands": [{**command, "should_escape": True, **({"url": url} if url else {})}],
        },
        "oauth_config": {"scopes": {"bot": scopes()}},
        "settings": {
            "event_subscriptions": {**({"request_url": url} if url else {}), **events},
            "interactivity": {"is_enabled": True, **({"request_url": url} if url else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def usage_hint(voice: Voice) -> str:
    """Give what Slack shows while the command is typed; it is cut on a narrow screen."""
    first = voice("form.lookup").split(" ")[0]
    return " | ".join([first, *(verb.name for verb in VERBS if verb is not LOOKUP)])


def problems(made: Mapping[str, Any]) -> Iterator[str]:
    """Name what Slack would refuse of a manifest."""
    shown, features = made["display_information"], made["features"]
    yield from _too_long("name", shown["name"])
    yield from _too_long("description", shown["description"])
    yield from _too_long("display_name", features["bot_user"]["display_name"])
    for command in features["slash_commands"]:
        yield from _too_long("command", command["command"], least=2)
        yield from _too_long("command.description", command["description"])
        yield from _too_long("usage_hint", command["usage_hint"])
        if not command["command"].startswith("/"):
            yield "command: must begin with /"
    if len(features["slash_commands"]) > MOST_COMMANDS:
        yield "slash_commands: too many"
    if len(made["oauth_config"]["scopes"]["bot"]) > MOST_SCOPES:
        yield "scopes: too many"
    for url in _urls(made):
        if not url.startswith("https://"):
            yield f"{url}: must be https"


def _too_long(name: str, text: str, least: int = 1) -> Iterator[str]:
    if not least <= len(text) <= LIMITS[name]:
        yield f"{name}: {len(text)} characters, not {least} to {LIMITS[name]}"


def _urls(made: Mapping[str, Any]) -> Iterator[str]:
    settings = made["settings"]
    places = [*made["features"]["slash_commands"], settings["event_subscriptions"], settings["interactivity"]]
    for place in places:
        yield from (place[key] for key in ("url", "request_url") if key in place)
