"""What people do: type, click, choose, fill in and submit. Never called on the event loop."""

from __future__ import annotations

import re
import threading
from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.slack import payloads
from sandbox.slack.errors import SlackError
from sandbox.slack.files import Files
from sandbox.slack.finding import Target, Wanted, find_field, find_target
from sandbox.slack.inputs import is_stateful, state_of
from sandbox.slack.people import OPS_CHANNEL, SLACKBOT, Channel, Person
from sandbox.slack.replies import show_answer
from sandbox.slack.room import Draft, Message
from sandbox.slack.state import State
from sandbox.slack.tickets import ResponseTicket
from sandbox.slack.transport import Json, Outcome, Parcel, Transport

T = TypeVar("T")

# When an event is sent again. Source: spec 9.2.
RETRY_AFTER_S = (0, 60, 300)

_URL = re.compile(r"https?://[^\s<>|]+")
_MENTION = re.compile(r"(?<![\w&])@([a-z][a-z0-9_-]*)")
_CHANNEL = re.compile(r"(?<![\w&])#([a-z][a-z0-9_-]*)")


class Hands:
    """The hands of all people of the workspace."""

    def __init__(self, state: State, transport: Transport) -> None:
        self._state = state
        self._transport = transport
        self._files = Files(state)
        self._events = 0
        self._retries: list[tuple[float, Parcel]] = []

    def type(self, user: str, text: str, channel: str = OPS_CHANNEL) -> Json:
        """Type into the box of a channel: a command, or words that only people read."""
        person, place = self._state.people.person(user), self._state.people.channel(channel)
        name, _, rest = text.strip().partition(" ")
        if not name.startswith("/"):
            message = self._change(lambda: self._say(place, person.id, text))
            return {"answers": [], "typed": message}
        if name != self._state.settings.command:
            notice = self._notice(person, place, f"{name} は有効なコマンドではありません。")
            return {"answers": [notice], "error": "unknown_command"}
        return self._command(person, place, name, rest.strip())

    def _command(self, person: Person, place: Channel, name: str, text: str) -> Json:
        with self._state.world.lock:
            key = self._state.tickets.response(person.id, place.id)
            payload = payloads.command(
                name,
                self._escaped(text),
                person,
                place,
                response_url=f"{self._state.address}/response/{key}",
                trigger=self._state.tickets.trigger(person.id),
            )
        outcome = self._transport.deliver(Parcel("slash_commands", payload, takes_answer=True))
        if outcome.error:
            notice = self._notice(person, place, f"{name} はエラー「{outcome.error}」により失敗しました。")
            return {"answers": [notice], "error": outcome.error}
        return self._answered(outcome.payload, person, place, f"{name} {text}".strip())

    def _answered(self, content: Json, person: Person, place: Channel, typed: str) -> Json:
        is_public = content.get("response_type") == "in_channel"

        def show() -> Json:
            if is_public:
                self._say(place, person.id, typed)
            if not content.keys() - {"response_type"}:
                return {"answers": []}
            return {"answers": [show_answer(self._state, content, ResponseTicket(person.id, place.id, 0))]}

        try:
            return self._change(show)
        except SlackError as error:
            self._state.record.violation(f"command answer: {error.code} {'; '.join(error.messages)}")
            notice = self._notice(person, place, f"{typed} はエラー「{error.code}」により失敗しました。")
            return {"answers": [notice], "error": error.code}

    def _escaped(self, text: str) -> str:
        """Write text as Slack does for a command with ``should_escape``. Source: spec 3."""
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = _URL.sub(lambda match: f"<{match[0]}>", text)
        text = _MENTION.sub(self._mention, text)
        return _CHANNEL.sub(self._channel_link, text)

    def _mention(self, match: re.Match[str]) -> str:
        for person in self._state.people.users.values():
            if person.name == match[1]:
                return f"<@{person.id}>"
        return match[0]

    def _channel_link(self, match: re.Match[str]) -> str:
        for channel in self._state.people.channels.values():
            if channel.name == match[1]:
                return f"<#{channel.id}|{channel.name}>"
        return match[0]

    def click(self, user: str, wanted: Wanted, values: Json) -> Json:
        """Press a button or an entry of an overflow menu, confirming what it asks to confirm."""
        person = self._state.people.person(user)
        with self._state.world.lock:
            target = find_target(self._state, person.id, wanted, _is_pressable)
            self._fill(person.id, values)
            extra = {"value": target.element["value"]} if "value" in target.element else {}
            if target.option:
                extra = {"selected_option": target.option}
        return self._act(person, target, extra)

    def select(self, user: str, wanted: Wanted, option: Any) -> Json:
        """Choose in a menu, a date picker, radio buttons or check boxes."""
        person = self._state.people.person(user)
        with self._state.world.lock:
            target = find_target(self._state, person.id, wanted, is_stateful)
            element, block = target.element, target.block
            chosen = state_of(element, option)
            if target.view:
                target.view.values[block["block_id"]][element["action_id"]] = chosen
            # A field of a form tells nobody before the form is sent.
            is_silent = block["type"] == "input" and not block.get("dispatch_action")
            self._state.world.notify()
        extra = {key: value for key, value in chosen.items() if key != "type"}
        return {"ack": True, "silent": True} if is_silent else self._act(person, target, extra)

    def _act(self, person: Person, target: Target, extra: Json) -> Json:
        with self._state.world.lock:
            action = self._action(target, extra)
            payload = self._action_payload(person, target, action)
        outcome = self._transport.deliver(Parcel("interactive", payload))
        result: Json = {"ack": not outcome.error}
        if "url" in target.element:
            result["url"] = target.element["url"]
        if outcome.error:
            result["error"] = outcome.error
            self._show_trouble(person, target, outcome)
        return result

    def _action(self, target: Target, extra: Json) -> Json:
        now = self._state.world.clock.now().timestamp()
        shown: Json = {
            key: target.element[key] for key in ("text", "style", "placeholder") if key in target.element
        }
        return {
            "type": target.element["type"],
            "action_id": target.element["action_id"],
            "block_id": target.block["block_id"],
            "action_ts": f"{now:.6f}",
            **shown,
            **extra,
        }

    def _action_payload(self, person: Person, target: Target, action: Json) -> Json:
        trigger = self._state.tickets.trigger(person.id)
        if target.view:
            return payloads.view_action(person, target.view, action, trigger)
        message = target.message
        assert message is not None  # noqa: S101 - a target is in a view or in a message
        key = self._state.tickets.response(person.id, message.channel, message)
        return payloads.message_action(
            person,
            message,
            self._state.people.channels[message.channel],
            action,
            response_url=f"{self._state.address}/response/{key}",
            trigger=trigger,
        )

    def _show_trouble(self, person: Person, target: Target, outcome: Outcome) -> None:
        if target.view is None and target.message is not None:
            place = self._state.people.channels[target.message.channel]
            self._notice(person, place, f"操作は失敗しました（{outcome.error}）。")
        elif target.view is not None:
            target.view.trouble = f"操作は失敗しました（{outcome.error}）。"

    def _fill(self, user: str, values: Json) -> None:
        """Keep what is typed in the fields of the open modal, without sending it."""
        view = self._state.views.top(user)
        if view is None:
            return
        for key, given in values.items():
            target = find_field(view.blocks, key)
            element, block = target.element, target.block
            if element["type"] == "file_input":
                given = [self._files.put(file["name"], _bytes_of(file)) for file in given or []]
            view.values[block["block_id"]][element["action_id"]] = state_of(element, given)

    def fill(self, user: str, values: Json) -> None:
        """Type into the fields of the open modal."""
        person = self._state.people.person(user)
        self._change(lambda: self._fill(person.id, values))

    def open_home(self, user: str) -> Json:
        """Open the app's Home tab; gives what became of the event."""
        person = self._state.people.person(user)
        with self._state.world.lock:
            self._events += 1
            now = self._state.world.clock.now().timestamp()
            view = self._state.views.homes.get(person.id)
            payload = payloads.home_opened(person, view, self._events, now)
        outcome = self._send_event(Parcel("events_api", payload))
        return {"ack": not outcome.error, "error": outcome.error}

    def _send_event(self, parcel: Parcel) -> Outcome:
        sent = self._state.world.clock.seconds()
        outcome = self._transport.deliver(parcel)
        if outcome.error and parcel.attempt < len(RETRY_AFTER_S):
            due = sent + RETRY_AFTER_S[parcel.attempt]
            again = Parcel(parcel.kind, parcel.payload, attempt=parcel.attempt + 1)
            with self._state.world.lock:
                self._retries.append((due, again))
        return outcome

    def send_due_events(self) -> None:
        """Send again the events whose time has come, each in a thread of its own."""
        now = self._state.world.clock.seconds()
        with self._state.world.lock:
            due = [parcel for at, parcel in self._retries if at <= now]
            self._retries = [(at, parcel) for at, parcel in self._retries if at > now]
        for parcel in due:
            threading.Thread(target=self._send_event, args=(parcel,), daemon=True).start()

    def _say(self, place: Channel, user: str, text: str) -> Json:
        message: Message = self._state.room.post(place.id, Draft(text=text), author=user)
        return self._state.room.as_json(message)

    def _notice(self, person: Person, place: Channel, text: str) -> Json:
        def show() -> Json:
            draft = Draft(text=text)
            room = self._state.room
            message = room.post(place.id, draft, author=SLACKBOT, to=person.id, is_notice=True)
            return room.as_json(message)

        return self._change(show)

    def _change(self, change: Callable[[], T]) -> T:
        with self._state.world.lock:
            result = change()
            self._state.world.notify()
        return result


def _bytes_of(file: Json) -> bytes:
    """Give what is in a file: ``base64`` as the page sends it, or the text of a test."""
    return b64decode(file["base64"]) if "base64" in file else str(file["content"]).encode()


def _is_pressable(element: Json) -> bool:
    return element["type"] in ("button", "overflow")
