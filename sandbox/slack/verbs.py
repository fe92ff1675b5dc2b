"""The control verbs: what a driver, the page or a test may ask of the workspace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sandbox.slack.finding import Wanted
from sandbox.slack.forms import Forms
from sandbox.slack.hands import Hands
from sandbox.slack.people import BOT_NAME, BOT_USER, OPS_CHANNEL
from sandbox.slack.state import Fault, State
from sandbox.slack.wires import Wires
from sandbox.world import ControlError

Json = dict[str, Any]

SHOWN_MESSAGES = 200


class Verbs:
    """One ``do_<verb>`` for each control verb; users are given by name or id."""

    def __init__(self, state: State, wires: Wires, hands: Hands, forms: Forms) -> None:
        self._state = state
        self._wires = wires
        self._hands = hands
        self._forms = forms

    def do_type(self, user: str, text: str, channel: str = OPS_CHANNEL) -> Json:
        """Type a command (or plain words); gives ``answers``, and ``error`` if Slack showed one."""
        return self._hands.type(user, text, channel)

    def do_click(self, user: str, values: Json | None = None, **where: Any) -> Json:
        """Press a button; ``where`` holds label, action_id, block_id, message_ts, view_id, home, stale."""
        return self._hands.click(user, Wanted(**where), values or {})

    def do_select(self, user: str, option: Any, **where: Any) -> Json:
        """Choose an option (its text or value, a list, a date) in the menu that ``where`` names."""
        return self._hands.select(user, Wanted(**where), option)

    def do_fill(self, user: str, values: Json) -> None:
        """Type into fields of the open modal without submitting it."""
        self._hands.fill(user, values)

    def do_submit(self, user: str, values: Json | None = None) -> Json:
        """Fill in and submit the open modal; see ``Forms.submit`` for what comes back."""
        return self._forms.submit(user, values or {})

    def do_close_modal(self, user: str, everything: bool = False) -> Json:  # noqa: FBT001, FBT002
        """Close the open modal."""
        return self._forms.close(user, everything=everything)

    def do_open_home(self, user: str, within_s: float = 3) -> Json | None:
        """Open the Home tab and wait a little for the bot to publish it; gives it as ``home`` does."""
        person = self._state.people.person(user)
        before = self._home_revision(person.id)
        self._hands.open_home(user)
        self._wait(lambda: self._home_revision(person.id) != before, within_s)
        return self.do_home(user)

    def _home_revision(self, user: str) -> int:
        home = self._state.views.homes.get(user)
        return home.revision if home else 0

    def do_messages(self, channel: str = "", user: str = "") -> list[Json]:
        """Give what a person sees (everything, without ``user``), oldest first."""
        with self._state.world.lock:
            people, room = self._state.people, self._state.room
            who = people.person(user).id if user else ""
            place = people.channel(channel).id if channel else ""
            return [room.as_json(message) for message in room.visible(who, place)]

    def do_modal(self, user: str) -> Json | None:
        """Give the open modal of a person, or null."""
        with self._state.world.lock:
            view = self._state.views.top(self._state.people.person(user).id)
            return self._state.views.as_json(view) if view else None

    def do_home(self, user: str) -> Json | None:
        """Give the Home tab of a person as last published, or null."""
        with self._state.world.lock:
            view = self._state.views.homes.get(self._state.people.person(user).id)
            return self._state.views.as_json(view) if view else None

    def do_wait(self, user: str, text: str, timeout_s: float = 10, after: int = 0) -> Json:
        """Wait for a visible message with this text; newest first.

        Args:
            after: a revision (see ``revision``): only what was posted or edited later counts.
        """
        found = self._wait(lambda: self._matching(user, text, after), timeout_s)
        if found:
            return dict(found)
        seen = "\n---\n".join(message["plain"] for message in self.do_messages(user=user)[-5:])
        raise ControlError(f"{user} does not see {text!r}; the last messages are:\n{seen}")

    def _matching(self, user: str, text: str, after: int) -> Json | None:
        for message in reversed(self.do_messages(user=user)):
            if message["revision"] > after and (text in message["plain"] or text in message["text"]):
                return message
        return None

    def do_wait_modal(self, user: str, text: str = "", timeout_s: float = 10) -> Json:
        """Wait for an open modal with this text."""

        def matching() -> Json | None:
            modal = self.do_modal(user)
            return modal if modal and text in modal["plain"] else None

        found = self._wait(matching, timeout_s)
        if found:
            return dict(found)
        modal = self.do_modal(user)
        shown = modal["plain"] if modal else "no modal"
        raise ControlError(f"{user} sees no modal with {text!r} but: {shown}")

    def _wait(self, condition: Callable[[], Any], timeout_s: float) -> Any:
        deadline = time.monotonic() + timeout_s
        with self._state.world.changed:
            while not (found := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._state.world.changed.wait(left)
            return found

    def do_wait_connected(self, timeout_s: float = 10, count: int = 1) -> int:
        """Wait until the bot holds so many sockets, or has a request URL."""
        self._wait(lambda: len(self._wires.connections()) >= count, timeout_s)
        held = len(self._wires.connections())
        if held < count:
            raise ControlError(f"the bot holds {held} connections, not {count}")
        return held

    def do_revision(self) -> int:
        """Give the number of the latest change to the messages."""
        return self._state.room.revision

    def do_count(self, text: str) -> int:
        """Count the messages, of all people, that show this text now."""
        return sum(text in message["plain"] for message in self.do_messages())

    def do_everything(self) -> str:
        """Give all that the bot ever sent, as one text."""
        return self._state.record.everything()

    def do_seen(self, text: str) -> bool:
        """Tell whether the bot ever sent this exact string."""
        return self._state.record.count(text) > 0

    def do_calls(self) -> list[str]:
        """Give the names of all API methods called, in order."""
        return self._state.record.calls()

    def do_journal(self) -> list[Json]:
        """Give what was received: time, kind, name, outcome; no bodies."""
        return [
            {"time": entry.at, "kind": entry.kind, "function": entry.name, "outcome": entry.outcome}
            for entry in list(self._state.record.entries)
        ]

    def do_acks(self) -> list[Json]:
        """Give the milliseconds of each acknowledgement, in order."""
        return list(self._wires.acks.times)

    def do_lost_acks(self) -> int:
        """Count the acknowledgements that came too late or twice."""
        return self._wires.acks.lost

    def do_violations(self) -> list[str]:
        """Give what the bot did against the contract; a good test ends with none."""
        return list(self._state.record.violations)

    def do_remarks(self) -> list[str]:
        """Give what Slack bears but advises against."""
        return list(self._state.record.remarks)

    def do_connections(self) -> list[Json]:
        """Describe the open sockets, or the request URL."""
        return self._wires.connections()

    def do_request_url(self, url: str) -> None:
        """Set the app's request URL: Slack posts there from now on; "" goes back to sockets."""
        self._wires.posts.point(url)
        self._state.world.notify()

    def do_disconnect(self, reason: str, close_in_s: float | None = None, count: int = 0) -> int:
        """End sockets (all, or the first ``count``): warning, refresh_requested, link_disabled, sudden."""
        grace = self._state.settings.refresh_grace_s if close_in_s is None else close_in_s
        return self._wires.sockets.disconnect(reason, grace, count)

    def do_scheduled(self) -> list[Json]:
        """Give the messages that Slack will post by itself."""
        with self._state.world.lock:
            return [vars(item).copy() for item in self._state.scheduled.values()]

    def do_delete(self, ts: str, channel: str = OPS_CHANNEL) -> None:
        """Delete a message by hand."""
        with self._state.world.lock:
            message = self._state.room.find(channel, ts)
            if message is None:
                raise ControlError(f"no message {ts}")
            self._state.room.delete(message)
            self._state.world.notify()

    def do_set_user(self, user: str, **fields: Any) -> None:
        """Change a person: locale, deleted, is_restricted, is_ultra_restricted, is_stranger."""
        person = self._state.people.person(user)
        for name, value in fields.items():
            if name not in vars(person):
                raise ControlError(f"a user has no {name!r}")
            setattr(person, name, value)

    def do_set_group(self, users: list[str]) -> None:
        """Set the members of the user group."""
        members = [self._state.people.person(user).id for user in users]
        self._state.people.group_members = members

    def do_fault(self, name: str, method: str = "", times: int = -1, **arguments: Any) -> None:
        """Switch a fault on: ratelimited, down, slow, refuse (error=…), cut_before, cut_after, free_plan."""
        with self._state.world.lock:
            self._state.faults.add(Fault(name, method, times, arguments))
        if name == "down":
            self._wires.sockets.disconnect("sudden", 0, 0)

    def do_clear_faults(self) -> None:
        """Switch every fault off."""
        with self._state.world.lock:
            self._state.faults.clear()

    def do_view(self, user: str = "alice") -> Json:
        """Give all that the page shows of the workspace to one person."""
        with self._state.world.lock:
            people = self._state.people
            return {
                "title": "Slack",
                "kind": "slack",
                "command": self._state.settings.command,
                "user": people.person(user).id,
                "users": [
                    {"id": p.id, "name": p.name, "real_name": p.real_name}
                    for p in people.users.values()
                    if not (p.is_bot or p.deleted or p.is_stranger)
                ],
                "bot": {"id": BOT_USER, "name": BOT_NAME},
                "channel": {"id": OPS_CHANNEL, "name": people.channels[OPS_CHANNEL].name},
                "direct": people.person(user).direct_channel,
                "names": {p.id: p.real_name for p in people.users.values()},
                "messages": self.do_messages(user=user)[-SHOWN_MESSAGES:],
                "modal": self.do_modal(user),
                "home": self.do_home(user),
                "connected": bool(self._wires.connections()),
                "violations": self.do_violations(),
                "faults": [fault.name for fault in self._state.faults.active()],
            }
