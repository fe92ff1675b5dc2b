"""What rehearsals play on: the demo, with eyes on everybody's messages and on every mall's numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from sandbox import tour
from sandbox.demo import until
from sandbox.driver import MallDriver
from sandbox.shops import SHOPS
from sandbox.slack.driver import Json

PARTS = tuple(shop.part for shop in SHOPS)


@dataclass
class Stage(tour.Stage):
    """A stage whose steps ask what is so, and do not wait for it."""

    began: int = 0  # the revision of the workspace at the rehearsal's start
    kept: dict[str, Any] = field(default_factory=dict)  # what one step leaves for a later one
    closing: ExitStack = field(default_factory=ExitStack)  # what a step began and the end must stop

    def mall(self, part: str) -> MallDriver:
        """Give a mall by its part's name."""
        return self.demo.driver.mall(part)

    def order(self, part: str, code: str, quantity: int = 1) -> str:
        """Let a shopper buy."""
        return self.mall(part).order(code, quantity)

    # ------------------------------------------------------------------ what is so

    def messages(self) -> list[Json]:
        """Give everybody's messages since the rehearsal began."""
        found = self.slack.call("messages")
        return [message for message in found if message["revision"] > self.began]

    def told(self, *texts: str) -> bool:
        """Tell whether the bot has said all of these in one message since the rehearsal began."""
        return self.find(*texts) is not None

    def find(self, *texts: str) -> Json | None:
        """Give the latest message with all of these texts."""
        for message in reversed(self.messages()):
            if all(text in message["plain"] or text in message["text"] for text in texts):
                return message
        return None

    def shows(self, code: str, quantity: int, parts: Sequence[str] = PARTS) -> bool:
        """Tell whether the buyers of some malls see a number."""
        return all(self.mall(part).stock(code) == quantity for part in parts)

    def agree(self, code: str, at_most: int, parts: Sequence[str] = PARTS) -> bool:
        """Tell whether some malls show one number, lowered that far or farther: a person may buy too."""
        seen = {self.mall(part).stock(code) for part in parts}
        return len(seen) == 1 and max(seen) <= at_most

    def numbers(self) -> dict[str, dict[str, int]]:
        """Give what buyers see, by code and mall."""
        found = self.demo.driver.batch([(part, "stock", {}) for part in PARTS])
        return {
            code: {part: int(stock[code]) for part, stock in zip(PARTS, found, strict=True)}
            for code in self.demo.on_the_shelf()
        }

    def is_equal(self) -> bool:
        """Tell whether the ledger and every mall hold the same number of every code."""
        numbers = self.numbers()
        if any(len(set(of.values())) > 1 for of in numbers.values()):
            return False
        return all(max(0, self.on_hand(code)) == of[PARTS[0]] for code, of in numbers.items())

    def tell(self) -> str:
        """Tell how things stand, for whoever has to find out why a step was not seen."""
        different = [f"{code}: {of}" for code, of in self.numbers().items() if len(set(of.values())) > 1]
        said = [message["plain"] for message in self.messages()[-5:]]
        return "\n---\n".join(["not equal:", *different, "the last messages:", *said])

    # ------------------------------------------------------------------ what is done

    def prepare(self) -> None:
        """Switch the sync on and let everything be written once."""
        self.asks("/zaiko on")
        until(self._is_filled, "the first numbers to be written", 120)
        self.began = self.slack.revision()

    def _is_filled(self) -> bool:
        status = self.status()
        found = [re.search(rf"（{shop.name}）.*?注文取込 (.*?)\n", status, re.DOTALL) for shop in SHOPS]
        return all(row and "まだ" not in row[1] and "反映待ち" not in row[1] for row in found)

    def status(self) -> str:
        """Give what carol is told of all shops."""
        carol, before = self.slack.user("carol"), self.slack.revision()
        answers = carol.types("/zaiko status") or [carol.sees("", after=before)]
        return str(answers[0]["plain"])

    def types(self, text: str, user: str = "alice") -> None:
        """Type a command and let its answer come when it comes."""
        self.slack.user(user).types(text)

    def presses(self, label: str, *texts: str, user: str = "alice") -> None:
        """Press a button of the latest message that holds these texts."""
        message = self.find(*texts)
        assert message is not None, f"no message with {texts}"
        self.slack.user(user).clicks(label, message_ts=message["ts"])
