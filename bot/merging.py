"""What is said in the channel when another mapping has come into force: who, how much, what is left over."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from threading import Lock
from typing import Any

from adapters.errors import ConfigError, TanabanError
from bot.following import MappingInForce
from bot.foresight import stands
from bot.mapping.follow import Accepted
from bot.mapping.forge import Forge, PullRequest
from bot.mapping.review import Left, Place, amount, left_listings, left_of
from bot.store.notes import Remembered
from bot.sync.ports import Books

_WAITING = "mapping.merges"  # noted, and not told yet
_NAMED = 10  # listings in one message
_URL = re.compile(r"https://[A-Za-z0-9][A-Za-z0-9.:-]*(?:/[A-Za-z0-9._~/-]*)?")

Notify = Callable[[str, Mapping[str, str | datetime]], None]

log = logging.getLogger(__name__)


class Merging:
    """Notes each merge as it comes into force, and tells of it when the forge was asked who it was.

    Two threads meet here: the one that follows notes, the one that speaks to the forge tells.
    """

    def __init__(
        self,
        remembered: Remembered,
        books: Books,
        wake: Callable[[], None],
        forge: Callable[[], Forge | None],
    ) -> None:
        self._remembered = remembered
        self._books = books
        self._wake = wake
        self._forge = forge
        self._lock = Lock()

    def note(self, before: MappingInForce, event: Accepted, after: MappingInForce) -> None:
        """Keep what a merge changes; before the shops' workers act on it."""
        counts = amount(before.mapping, after.mapping, event.diff, team_changed=event.team_changed)
        left = list(self._left(before, event, after))
        merge = {"commit": event.commit, "author": event.author, "amount": asdict(counts)}
        for key, some in (("zero", [o for o in left if o.zero]), ("stays", [o for o in left if not o.zero])):
            merge[key] = {"count": len(some), "lines": [_named(one) for one in some[:_NAMED]]}
        with self._lock:
            self._put([*self._waiting(), merge])
        self._wake()

    def _left(self, before: MappingInForce, event: Accepted, after: MappingInForce) -> Iterator[Left]:
        rows = list(left_listings(before.mapping, after.mapping, event.diff))
        for shop in dict.fromkeys(shop for shop, _, _ in rows):
            own = [(code, listing) for name, code, listing in rows if name == shop]
            shown = self._books.shown_all(shop, [code for code, _ in own])
            for code, listing in own:
                _, written = stands(shown.get(code), listing)
                now = after.mapping.listing(shop, code)
                place = Place(shop, code, listing, now, written=written)
                yield left_of(place, after.mapping.shops.get(shop))

    def tell(self, notify: Notify) -> None:
        """Say what was noted, each merge once; without its pull request where the forge does not answer."""
        while waiting := self._waiting():
            merge = waiting[0]
            request = self._request(merge["commit"])
            with self._lock:  # dropped first: a crash in between costs a message, never two of them
                self._put(self._waiting()[1:])
            params = {"commit": merge["commit"][:10], "author": merge["author"], "request": request}
            notify("mapping_merged", params | {key: str(n) for key, n in merge["amount"].items()})
            for key in ("zero", "stays"):
                if count := merge[key]["count"]:
                    notify(f"mapping_left_{key}", {"count": str(count), "lines": _lines(merge[key])})

    def _request(self, commit: str) -> str:
        """Name the pull request that brought a commit; "" where nobody knows."""
        try:
            forge = self._forge()
        except ConfigError as error:
            log.warning("%s", error)
            return ""
        try:
            found = forge.request_of_commit(commit) if forge else None
        except TanabanError as error:
            log.info("the pull request of %s is not known: %s", commit[:10], error)
            return ""
        finally:
            if forge:
                forge.close()
        return _link(found) if found else ""

    def _waiting(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self._remembered.get(_WAITING) or "[]")
        return found

    def _put(self, merges: list[dict[str, Any]]) -> None:
        self._remembered.set(_WAITING, json.dumps(merges, ensure_ascii=False))


def _named(left: Left) -> str:
    return f"{left.shop} {left.listing} ({left.code}{' → ' + left.after if left.after else ''})"


def _lines(found: Mapping[str, Any]) -> str:
    lines = [str(line) for line in found["lines"]]
    more = found["count"] - len(lines)
    return "".join(f"\n• {line}" for line in lines) + (f"\n• … +{more}" if more else "")


def _link(request: PullRequest) -> str:
    return f" #{request.number}" + (f" {request.url} " if _URL.fullmatch(request.url) else "")
