"""The methods that the bot may call: spec 6, ``chat.scheduledMessages.list``, ``conversations.info``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from sandbox.slack.api import Method
from sandbox.slack.content import accept_message, accept_view
from sandbox.slack.errors import SlackError
from sandbox.slack.files import Files
from sandbox.slack.limits import MAX_UPDATE_TEXT
from sandbox.slack.payloads import message_object
from sandbox.slack.people import BOT, BOT_USER, DOMAIN, GROUP, TEAM, Channel, user_object
from sandbox.slack.room import Draft, Message
from sandbox.slack.state import Scheduled, State
from sandbox.slack.views import View, view_object

Json = dict[str, Any]

SCHEDULE_DAYS = 120
SCHEDULE_WINDOW_S = 300
SCHEDULE_MOST = 30
SCHEDULE_FIXED_S = 60


class Methods:
    """Runs the methods; each takes the arguments and gives the answer without ``ok``."""

    def __init__(self, state: State, socket_url: Callable[[], str]) -> None:
        self._state = state
        self._socket_url = socket_url
        self._files = Files(state)
        self._scheduled_count = 0

    def table(self) -> dict[str, Method]:
        """Give all methods by name, with scope and tier."""
        return {
            "auth.test": Method(self.auth_test),
            "apps.connections.open": Method(self.open_connection, tier=3, takes_app_token=True),
            "chat.postMessage": Method(self.post, "chat:write"),
            "chat.update": Method(self.update, "chat:write", 3),
            "chat.postEphemeral": Method(self.post_ephemeral, "chat:write", 4),
            "chat.scheduleMessage": Method(self.schedule, "chat:write", 3),
            "chat.deleteScheduledMessage": Method(self.unschedule, "chat:write", 3),
            "chat.scheduledMessages.list": Method(self.scheduled, tier=3),
            "views.open": Method(self.open_view, tier=4),
            "views.update": Method(self.update_view, tier=4),
            "views.publish": Method(self.publish, tier=4),
            "users.info": Method(self.user, "users:read", 4),
            "usergroups.users.list": Method(self.group, "usergroups:read", 2),
            "conversations.info": Method(self.conversation, "channels:read", 3),
            "files.getUploadURLExternal": Method(self._files.start, "files:write", 4),
            "files.completeUploadExternal": Method(self._complete, "files:write", 4),
        }

    def auth_test(self, _arguments: Json) -> Json:
        """Say who the token is."""
        return {
            "url": f"https://{DOMAIN}.slack.com/",
            "team": "sandbox",
            "user": "zaiko",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def open_connection(self, _arguments: Json) -> Json:
        """Give the address of a websocket."""
        return {"url": self._socket_url()}

    def post(self, arguments: Json) -> Json:
        """Post a message."""
        channel = self._writable(arguments)
        if wait_s := self._state.rates.wait_for_post(channel.id):
            raise SlackError("ratelimited", retry_after_s=wait_s)
        draft = self._threaded(channel, accept_message(arguments))
        self._advise_text(arguments, "chat.postMessage")
        message = self._state.room.post(channel.id, draft)
        return {"channel": channel.id, "ts": message.ts, "message": message_object(message)}

    def post_ephemeral(self, arguments: Json) -> Json:
        """Whisper to one person."""
        channel = self._writable(arguments)
        reader = self._state.people.users.get(str(arguments.get("user", "")))
        if reader is None or reader.deleted or reader.is_bot:
            raise SlackError("user_not_in_channel")
        draft = self._threaded(channel, accept_message(arguments))
        self._advise_text(arguments, "chat.postEphemeral")
        return {"message_ts": self._state.room.post(channel.id, draft, to=reader.id).ts}

    def update(self, arguments: Json) -> Json:
        """Edit a message of our own; an ephemeral is never found."""
        channel = self._channel(arguments)
        message = self._state.room.find(channel.id, str(arguments.get("ts", "")))
        if message is None:
            raise SlackError("message_not_found")
        if message.author != BOT_USER:
            raise SlackError("cant_update_message")
        if len(str(arguments.get("text") or "")) > MAX_UPDATE_TEXT:
            raise SlackError("msg_too_long")
        if not any(key in arguments for key in ("text", "blocks", "attachments")):
            raise SlackError("no_text")
        self._edit(message, arguments)
        found = message_object(message)
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": found}

    def _edit(self, message: Message, arguments: Json) -> None:
        draft = accept_message(arguments, needs_text=False)
        blocks = draft.blocks if "blocks" in arguments else message.blocks
        if "attachments" in arguments:
            message.attachments = draft.attachments
        old = {block["block_id"] for block in message.blocks}
        if "blocks" in arguments and old & {block.get("block_id") for block in blocks}:
            self._state.record.remark("chat.update uses a block_id of the message it replaces")
        self._state.room.edit(message, draft.text or message.text, blocks)

    def schedule(self, arguments: Json) -> Json:
        """Take a message that Slack posts later."""
        channel = self._writable(arguments)
        draft = accept_message(arguments)
        post_at = self._post_at(arguments, channel)
        self._scheduled_count += 1
        key = f"Q0SANDBOX{self._scheduled_count}"
        self._state.scheduled[key] = Scheduled(key, channel.id, post_at, arguments)
        shown = {"text": draft.text, "bot_id": BOT, "type": "delayed_message", "blocks": draft.blocks}
        return {"channel": channel.id, "scheduled_message_id": key, "post_at": post_at, "message": shown}

    def _post_at(self, arguments: Json, channel: Channel) -> int:
        try:
            post_at = int(arguments.get("post_at", ""))
        except ValueError as error:
            raise SlackError("invalid_time") from error
        now = math.floor(self._state.world.clock.now().timestamp())
        if post_at <= now:
            raise SlackError("time_in_past")
        if post_at > now + SCHEDULE_DAYS * 86400:
            raise SlackError("time_too_far")
        near = [
            other
            for other in self._state.scheduled.values()
            if other.channel == channel.id
            and other.post_at // SCHEDULE_WINDOW_S == post_at // SCHEDULE_WINDOW_S
        ]
        if len(near) >= SCHEDULE_MOST:
            raise SlackError("restricted_too_many")
        return post_at

    def unschedule(self, arguments: Json) -> Json:
        """Take a scheduled message back; refused in the last minute. Source: spec 6."""
        key = str(arguments.get("scheduled_message_id", ""))
        found = self._state.scheduled.get(key)
        now = self._state.world.clock.now().timestamp()
        if found is None or found.channel != arguments.get("channel"):
            raise SlackError("invalid_scheduled_message_id")
        if found.post_at - now < SCHEDULE_FIXED_S:
            raise SlackError("invalid_scheduled_message_id")
        del self._state.scheduled[key]
        return {}

    def scheduled(self, arguments: Json) -> Json:
        """List the messages that are still to be posted, of a channel or of all; needs no scope."""
        wanted = str(arguments.get("channel") or "")
        listed = [
            {
                "id": item.id,
                "channel_id": item.channel,
                "post_at": item.post_at,
                "text": item.content.get("text", ""),
            }
            for item in sorted(self._state.scheduled.values(), key=lambda item: item.post_at)
            if wanted in ("", item.channel)
        ]
        return {"scheduled_messages": listed, "response_metadata": {"next_cursor": ""}}

    def open_view(self, arguments: Json) -> Json:
        """Open a modal for the person behind the trigger."""
        body = accept_view(arguments.get("view"), "modal")
        self._check_external_id(body, None)
        user, error = self._state.tickets.redeem_trigger(str(arguments.get("trigger_id", "")))
        if error:
            raise SlackError(error)
        return {"view": view_object(self._state.views.open(user, body))}

    def update_view(self, arguments: Json) -> Json:
        """Replace an open modal's content."""
        body = accept_view(arguments.get("view"), "modal", "home")
        named = str(arguments.get("view_id") or ""), str(arguments.get("external_id") or "")
        view = self._state.views.find(*named)
        if view is None:
            raise SlackError("not_found")
        self._check_hash(arguments, view)
        self._check_external_id(body, view)
        self._state.views.replace(view, body)
        return {"view": view_object(view)}

    def publish(self, arguments: Json) -> Json:
        """Set a person's Home tab."""
        body = accept_view(arguments.get("view"), "home")
        user = str(arguments.get("user_id", ""))
        if user not in self._state.people.users:
            raise SlackError("user_not_found")
        old = self._state.views.homes.get(user)
        if old:
            self._check_hash(arguments, old)
        return {"view": view_object(self._state.views.publish(user, body))}

    def _check_hash(self, arguments: Json, view: View) -> None:
        if arguments.get("hash") and arguments["hash"] != view.hash:
            raise SlackError("hash_conflict")

    def _check_external_id(self, body: Json, own: View | None) -> None:
        other = self._state.views.find(external_id=str(body.get("external_id") or ""))
        if other is not None and other is not own:
            raise SlackError("duplicate_external_id")

    def user(self, arguments: Json) -> Json:
        """Describe a user."""
        person = self._state.people.users.get(str(arguments.get("user", "")))
        if person is None:
            raise SlackError("user_not_found")
        wanted = str(arguments.get("include_locale", "")).lower() in ("1", "true")
        return {"user": user_object(person, with_locale=wanted)}

    def group(self, arguments: Json) -> Json:
        """List a user group's members."""
        if self._state.settings.plan == "free" or self._state.faults.has("free_plan"):
            raise SlackError("plan_upgrade_required")
        if arguments.get("usergroup") != GROUP:
            raise SlackError("no_such_subteam")
        return {"users": list(self._state.people.group_members)}

    def conversation(self, arguments: Json) -> Json:
        """Describe a channel."""
        channel = self._channel(arguments)
        shown = {"id": channel.id, "name": channel.name, "is_channel": not channel.reader}
        flags = {"is_member": channel.has_bot, "is_archived": channel.is_archived}
        return {"channel": shown | flags}

    def _complete(self, arguments: Json) -> Json:
        files = self._files.finish(arguments)
        if arguments.get("channel_id"):
            channel = self._writable({"channel": arguments["channel_id"]})
            draft = Draft(text=str(arguments.get("initial_comment") or ""), files=files)
            draft.thread_ts = str(arguments.get("thread_ts") or "")
            self._state.room.post(channel.id, self._threaded(channel, draft))
        return {"files": [{"id": file["id"], "title": file["title"]} for file in files]}

    def _channel(self, arguments: Json) -> Channel:
        """Find a channel by id; names are for people (stricter than Slack)."""
        wanted = str(arguments.get("channel", ""))
        channels = self._state.people.channels
        person = self._state.people.users.get(wanted)
        found = channels.get(person.direct_channel if person else wanted)
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def _writable(self, arguments: Json) -> Channel:
        channel = self._channel(arguments)
        if channel.is_archived:
            raise SlackError("is_archived")
        if not channel.has_bot:
            raise SlackError("not_in_channel")
        return channel

    def _threaded(self, channel: Channel, draft: Draft) -> Draft:
        root = self._state.room.find(channel.id, draft.thread_ts) if draft.thread_ts else None
        if draft.thread_ts and root is None:
            raise SlackError("thread_not_found")
        if root and root.thread_ts:
            draft.thread_ts = root.thread_ts
        return draft

    def _advise_text(self, arguments: Json, method: str) -> None:
        if not arguments.get("text"):
            self._state.record.remark(f"{method} without text: nothing to read out or to notify with")
