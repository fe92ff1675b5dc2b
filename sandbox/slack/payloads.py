"""What Slack sends to the bot: commands, interactions and events. Source: spec 3-5."""

from __future__ import annotations

from typing import Any

from sandbox.slack.people import APP, BOT, BOT_USER, DOMAIN, TEAM, Channel, Person
from sandbox.slack.room import Message
from sandbox.slack.views import View, view_object

Json = dict[str, Any]

# Slack's old verification token; nobody should look at it.
_TOKEN = "sandbox-deprecated"  # noqa: S105


def command(
    name: str, text: str, person: Person, channel: Channel, *, response_url: str, trigger: str
) -> Json:
    """Build a slash command."""
    return {
        "token": _TOKEN,
        "team_id": person.team,
        "team_domain": DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.reader else channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def _interaction(kind: str, person: Person) -> Json:
    return {
        "type": kind,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team},
        "api_app_id": APP,
        "token": _TOKEN,
        "team": {"id": person.team, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(
    person: Person, message: Message, channel: Channel, action: Json, *, response_url: str, trigger: str
) -> Json:
    """Build the press of a button, or a choice, in a message."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.to),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _interaction("block_actions", person) | {
        "container": container,
        "trigger_id": trigger,
        "channel": {"id": channel.id, "name": "directmessage" if channel.reader else channel.name},
        "state": {"values": _message_values(action)},
        "response_url": response_url,
        "actions": [action],
    }
    if not message.to:
        payload["message"] = message_object(message)
    return payload


def _message_values(action: Json) -> Json:
    state = {key: value for key, value in action.items() if key.startswith("selected_")}
    if not state or action["type"] == "overflow":
        return {}
    return {action["block_id"]: {action["action_id"]: {"type": action["type"], **state}}}


def view_action(person: Person, view: View, action: Json, trigger: str) -> Json:
    """Build the press of a button, or a choice, in a modal or on the Home tab."""
    return _interaction("block_actions", person) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger,
        "view": view_object(view),
        "actions": [action],
    }


def submission(person: Person, view: View, trigger: str) -> Json:
    """Build the submission of a modal."""
    extra = {"trigger_id": trigger, "view": view_object(view), "response_urls": []}
    return _interaction("view_submission", person) | extra


def closing(person: Person, view: View, *, is_cleared: bool) -> Json:
    """Build the closing of a modal that asked to be told."""
    return _interaction("view_closed", person) | {"view": view_object(view), "is_cleared": is_cleared}


def home_opened(person: Person, view: View | None, number: int, seconds: float) -> Json:
    """Build the event of a person opening the app's Home tab."""
    event: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": person.direct_channel,
        "tab": "home",
        "event_ts": f"{seconds:.6f}",
    }
    if view:
        event["view"] = view_object(view)
    return {
        "token": _TOKEN,
        "team_id": person.team,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev0SANDBOX{number}",
        "event_time": int(seconds),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def message_object(message: Message) -> Json:
    """Build a message as the API and the payloads give it."""
    found: Json = {
        "type": "message",
        "subtype": "bot_message",
        "user": message.author,
        "bot_id": BOT,
        "app_id": APP,
        "team": TEAM,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    if message.thread_ts:
        found["thread_ts"] = message.thread_ts
    if message.attachments:
        found["attachments"] = message.attachments
    if message.history:
        found["edited"] = {"user": BOT, "ts": message.ts}
    return found
