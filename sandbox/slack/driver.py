"""The workspace by the words a person would use: for the tour, the tests and scripts."""

from __future__ import annotations

import time
from typing import Any

from sandbox.driver import Driver

Json = dict[str, Any]


class SlackDriver:
    """Speaks to the workspace of a running sandbox."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def call(self, verb: str, **arguments: Any) -> Any:
        """Ask the workspace for ``verb``."""
        return self._driver.call("slack", verb, **arguments)

    def user(self, name: str) -> Person:
        """Give a person by name (``alice``, ``bob``, ``carol``, ``guest``)."""
        return Person(self, name)

    def wait_connected(self, within_s: float = 10) -> None:
        """Wait until the bot holds a socket."""
        self.call("wait_connected", timeout_s=within_s)

    def violations(self) -> list[str]:
        """What the bot did against Slack's contract; a good test ends with none."""
        return list(self.call("violations"))

    def seen(self, text: str) -> bool:
        """Tell whether the bot ever sent this exact string to Slack."""
        return bool(self.call("seen", text=text))

    def revision(self) -> int:
        """A mark in time: pass it as ``after`` to hear only what comes later."""
        return int(self.call("revision"))


class Person:
    """One person at the keyboard."""

    def __init__(self, slack: SlackDriver, name: str) -> None:
        self._slack = slack
        self.name = name

    def types(self, text: str) -> list[Json]:
        """Type a command; gives the answers that came with its acknowledgement."""
        return list(self._slack.call("type", user=self.name, text=text)["answers"])

    def clicks(self, label: str, **where: Any) -> Json:
        """Press a button by its label; ``where`` may narrow (``message_ts``, ``action_id``, ``home``)."""
        return dict(self._slack.call("click", user=self.name, label=label, **where))

    def selects(self, label: str, option: Any, **where: Any) -> Json:
        """Choose an option in the menu with this label or placeholder."""
        return dict(self._slack.call("select", user=self.name, label=label, option=option, **where))

    def submits(self, values: Json | None = None) -> Json:
        """Fill in and submit the open modal; gives ``errors``, ``closed``, ``updated`` or ``pushed``."""
        return dict(self._slack.call("submit", user=self.name, values=values or {}))

    def closes_modal(self) -> None:
        """Close the open modal."""
        self._slack.call("close_modal", user=self.name)

    def sees(self, text: str, within_s: float = 10, after: int | Json = 0) -> Json:
        """Wait for a visible message with this text.

        Args:
            after: a ``revision()`` or an earlier message: only what came or changed later counts.
        Raises:
            SandboxError: it did not come; shows the last messages.
        """
        mark = after["revision"] if isinstance(after, dict) else after
        arguments = {"text": text, "timeout_s": within_s, "after": mark}
        return dict(self._slack.call("wait", user=self.name, **arguments))

    def sees_not(self, text: str, for_s: float = 0.0) -> None:
        """Make sure that no visible message has this text, now or for a while.

        Raises:
            AssertionError: one has; shows it.
        """
        deadline = time.monotonic() + for_s
        while True:
            for message in self.messages():
                if text in message["plain"] or text in message["text"]:
                    raise AssertionError(f"{self.name} sees {text!r} in: {message['plain']}")
            if time.monotonic() >= deadline:
                return
            time.sleep(0.1)

    def modal(self, text: str = "", within_s: float = 10) -> Json:
        """Wait for the open modal (with this text in it)."""
        return dict(self._slack.call("wait_modal", user=self.name, text=text, timeout_s=within_s))

    def home(self) -> Json:
        """Open the Home tab and give what is on it."""
        return dict(self._slack.call("open_home", user=self.name) or {})

    def messages(self) -> list[Json]:
        """Everything that this person sees, oldest first."""
        return list(self._slack.call("messages", user=self.name))
