"""What another mapping would do to the numbers on the malls: computed from the books, nothing is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from threading import Event

from adapters.contract import Clock, Outcome
from bot.mapping.model import Mapping as CodeMapping
from bot.mapping.model import Shop
from bot.mapping.review import Effects, Place, touched
from bot.shopstate import ShopStates
from bot.sync.levels import Levels
from bot.sync.plan import before
from bot.sync.ports import Books
from bot.sync.survey import Survey
from bot.sync.values import Part, Shown

_CODES_A_LOOK = 500


class Foresight:
    """Foresees with the core's own survey: the numbers are those that a merge would send."""

    def __init__(self, books: Books, states: ShopStates, clock: Clock, stop: Event) -> None:
        self._books = books
        self._states = states
        self._clock = clock
        self._stop = stop

    def parts(self, mapping: CodeMapping) -> Mapping[str, Part]:
        """Give how the shops of a mapping would take part now."""
        return self._states.parts(self._clock.now(), mapping.shops)

    def effects(self, now: CodeMapping, then: CodeMapping) -> Effects:
        """Compare what every shop should show under two mappings; cut short when the bot stops."""
        found, codes = Effects(), touched(now, then)
        here, there = self._side(now), self._side(then)
        while (some := list(islice(codes, _CODES_A_LOOK))) and not self._stop.is_set():
            here.look(some)
            there.look(some)
            for shop in dict.fromkeys((*now.shops, *then.shops)):
                self._weigh(shop, some, here, there, found)
        return found

    def _side(self, mapping: CodeMapping) -> _Side:
        parts = self.parts(mapping)
        return _Side(mapping, parts, Survey(self._books, self._clock, lambda: parts))

    def _weigh(self, shop: str, codes: Sequence[str], here: _Side, there: _Side, found: Effects) -> None:
        pairs = {code: (here.listing(shop, code), there.listing(shop, code)) for code in codes}
        owners = {new: here.code_of(shop, new) for old, new in pairs.values() if new and old != new}
        shown = self._books.shown_all(shop, {*codes, *filter(None, owners.values())})
        placed = self._placed(shop, [new for _, new in pairs.values() if new], there)
        for code, (old, new) in pairs.items():
            shows, written = stands(shown.get(code), old)
            place = Place(
                shop,
                code,
                old,
                new,
                shows=shows,
                written=written,
                there=stands(shown.get(owners.get(new or "") or ""), new)[0],
                should=here.number(shop, code),
                then=there.number(shop, code),
                held=new not in placed,
            )
            taken = old is not None and there.code_of(shop, old) is not None
            found.add(place, there.written_shop(shop), taken=taken)

    def _placed(self, shop: str, listings: Sequence[str], there: _Side) -> set[str]:
        """Give the listings that a number can go to."""
        part = there.parts.get(shop)
        if part is None or part.abilities.address_is_code:
            return set(listings)
        return {at for at, places in self._books.addresses(shop, listings).items() if len(places) == 1}


class _Side:
    """One of the two mappings, with what its shops should show of the codes looked at last."""

    def __init__(self, mapping: CodeMapping, parts: Mapping[str, Part], survey: Survey) -> None:
        self.mapping = mapping
        self.parts = parts
        self._survey = survey
        self._levels: Levels | None = None

    def look(self, codes: Sequence[str]) -> None:
        self._levels = self._survey.levels(self.mapping, list(self._known(codes)))

    def _known(self, codes: Sequence[str]) -> Iterator[str]:
        return (code for code in codes if self.mapping.product_of(code))

    def listing(self, shop: str, code: str) -> str | None:
        return self.mapping.listing(shop, code)

    def code_of(self, shop: str, listing: str) -> str | None:
        return self.mapping.code_of(shop, listing) if shop in self.mapping.shops else None

    def written_shop(self, shop: str) -> Shop | None:
        """Give a shop that numbers go out to, now or when it resumes."""
        part = self.parts.get(shop)
        if part is None or not (part.abilities.writable is None or part.abilities.writable.able):
            return None
        return part.shop

    def number(self, shop: str, code: str) -> int | None:
        if self._levels is None or shop not in self.parts or not self.mapping.product_of(code):
            return None
        level = self._levels.of(shop, code)
        return level.number if level else None


def stands(last: Shown | None, listing: str | None) -> tuple[int | None, bool]:
    """Tell what we know to stand at a listing, and whether anything of ours may still show there."""
    if last is None or not listing or last.mall_code != listing:
        return None, False
    gone = last.predicted == 0 or (last.written == 0 and last.outcome == Outcome.REFUSED)
    return before(last), not gone
