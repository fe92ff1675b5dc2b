"""The workspace in a terminal: type commands, read answers as text, press buttons by number.

``tanaban sandbox terminal`` beside a running demo or sandbox. It speaks to the same control port
as the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.driver import Driver, SandboxError

Json = dict[str, Any]

HELP = """\
  /zaiko …            type a command
  NUMBER              press that button, or choose that entry
  LABEL = VALUE       fill in a field of the open form
  submit | close      send the open form, or close it
  home                open the Home tab
  as NAME             be somebody else (alice, bob, carol, guest, …)
  look                read what has come in
  help | quit"""
LATE_S = 3.0
"""How long a command without an answer in its acknowledgement is waited for."""


@dataclass(frozen=True)
class Choice:
    """A thing that can be pressed: how it reads, what it asks first, and what the press sends."""

    label: str
    verb: str
    arguments: Json
    asks: str = ""


@dataclass
class Terminal:
    """One person's hands and eyes. ``write`` shows a line, ``ask`` reads an answer to a question."""

    driver: Driver
    write: Callable[[str], object]
    ask: Callable[[str], str]
    user: str = "alice"
    _seen: int = 0
    _choices: list[Choice] = field(default_factory=list)
    _filled: Json = field(default_factory=dict)

    def obey(self, line: str) -> bool:
        """Do what a line says; False ends."""
        word, _, rest = line.strip().partition(" ")
        own = {"help": self._help, "look": self._look, "home": self._home, "submit": self._submit}
        own |= {"close": self._close, "": self._look}
        if word in ("quit", "exit"):
            return False
        try:
            if word == "as":
                self._become(rest.strip())
            elif word.isdigit():
                self._press(int(word))
            elif word in own and not rest:
                own[word]()
            elif "=" in line and not word.startswith("/"):
                self._fill(line)
            else:
                self._type(line.strip())
        except SandboxError as error:
            self.write(f"! {error}")
        return True

    def _slack(self, verb: str, **arguments: Any) -> Any:
        return self.driver.call("slack", verb, user=self.user, **arguments)

    def _help(self) -> None:
        self.write(HELP)

    def _become(self, name: str) -> None:
        self.driver.call("slack", "messages", user=name)  # refused for nobody we know
        self.user, self._filled = name, {}
        self._look()

    def _type(self, text: str) -> None:
        before = self.driver.call("slack", "revision")
        told = self._slack("type", text=text)
        if not told["answers"] and text.startswith("/") and not self._modal():
            self._await(before)
        self._look()

    def _await(self, before: int) -> None:
        try:
            self._slack("wait", text="", timeout_s=LATE_S, after=before)
        except SandboxError:
            self.write("  (nothing came yet: look)")

    def _press(self, number: int) -> None:
        if not 0 < number <= len(self._choices):
            self.write(f"! there is no button {number}")
            return
        choice, before = self._choices[number - 1], self.driver.call("slack", "revision")
        if choice.asks and self.ask(f"{choice.asks} [y/n] ").strip().lower() not in ("y", "yes"):
            return
        told = self._slack(choice.verb, **choice.arguments)
        if "url" in told:
            self.write(f"  {told['url']}")
        elif not self._modal():
            self._await(before)
        self._look()

    def _fill(self, line: str) -> None:
        label, _, value = line.partition("=")
        self._filled[label.strip()] = value.strip()
        self._slack("fill", values=self._filled)

    def _submit(self) -> None:
        before = self.driver.call("slack", "revision")
        told = self._slack("submit", values=self._filled)
        self._filled = {} if told.get("closed") else self._filled
        if told.get("closed"):
            self._await(before)
        self._look()

    def _close(self) -> None:
        self._slack("close_modal")
        self._filled = {}
        self._look()

    def _home(self) -> None:
        view = self._slack("open_home")
        self._choices = []
        self._show(view["plain"] if view else "(the bot has published no Home)")
        self._offer(view["blocks"] if view else [], {"home": True})

    def _modal(self) -> Json | None:
        found: Json | None = self._slack("modal")
        return found

    def _look(self) -> None:
        """Show what is new, and number what can be pressed."""
        messages = [found for found in self._slack("messages") if found["revision"] > self._seen]
        self._choices = self._choices if not messages else []
        for message in messages:
            self._seen = max(self._seen, message["revision"])
            whisper = " (only you see this)" if message["ephemeral"] else ""
            thread = "  ↳ " if message["thread_ts"] else ""
            self.write(f"{thread}{message['author']}{whisper}:")
            self._show(message["plain"])
            attached = [block for item in message["attachments"] for block in item.get("blocks", [])]
            self._offer([*message["blocks"], *attached], {"message_ts": message["ts"]})
        if modal := self._modal():
            self._choices = []
            self._show(modal["plain"])
            self._offer(modal["blocks"], {"view_id": modal["view_id"]})
            self.write("  LABEL = VALUE, then submit or close")

    def _show(self, text: str) -> None:
        self.write("\n".join(f"  {line}" for line in text.splitlines()))

    def _offer(self, blocks: list[Json], where: Json) -> None:
        for choice in choices(blocks, where):
            self._choices.append(choice)
            self.write(f"  ({len(self._choices)}) {choice.label}")


def choices(blocks: list[Json], where: Json) -> Iterator[Choice]:
    """Give what can be pressed in some blocks; ``where`` names the message or view they are in."""
    for block in blocks:
        elements = [*block.get("elements", []), block.get("accessory", {})]
        for element in elements if block["type"] in ("actions", "section") else []:
            yield from _of(element, {**where, "block_id": block.get("block_id", "")})


def _of(element: Json, where: Json) -> Iterator[Choice]:
    kind, asks = element.get("type"), _asks(element)
    named = {**where, "action_id": element.get("action_id", "")}
    if kind == "button":
        yield Choice(_text(element["text"]), "click", named, asks)
    for option in element.get("options", []) if kind in ("overflow", "static_select") else []:
        label = _text(option["text"])
        if kind == "overflow":
            yield Choice(label, "click", {**named, "label": label}, asks)
        else:
            title = _text(element.get("placeholder", {}))
            yield Choice(f"{title}: {label}", "select", {**named, "option": label}, asks)


def _asks(element: Json) -> str:
    confirm = element.get("confirm", {})
    return " — ".join(_text(confirm[key]) for key in ("title", "text") if key in confirm)


def _text(value: Json) -> str:
    return str(value.get("text", ""))


def run_terminal(url: str, user: str) -> int:
    """Read lines until the input ends or says ``quit``."""
    terminal = Terminal(Driver(url), print, input, user)
    print(HELP)
    try:
        while terminal.obey(input(f"{terminal.user}> ")):
            pass
    except (EOFError, KeyboardInterrupt):
        print()
    return 0
