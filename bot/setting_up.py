"""The set-up of a shop as a check-list: what is done at the mall, then what is done here.

What the bot can see for itself is asked of ``ready``; a tick is a person's word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from adapters.contract import Clock
from adapters.setup import Stage, Step
from bot.answers import Refused
from bot.desks import Desks
from bot.following import MappingInForce
from bot.mapping.model import Shop, ShopStatus
from bot.messages import say
from bot.store import ticks
from bot.store.database import reading

StagesOf = Callable[[Shop], Sequence[Stage]]
OWN = "bot."
"""How the keys of the steps begin that are done with the bot itself."""


def no_stages(_shop: Shop) -> Sequence[Stage]:
    """Give no stages: for where no mall has a list."""
    return ()


@dataclass(frozen=True)
class SetupItem:
    """One step of a shop's list. ``number`` counts from 1; ``who`` is "" while it is not ticked."""

    number: int
    step: Step
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class SetupStage:
    """Steps that belong together."""

    ja: str
    en: str
    items: tuple[SetupItem, ...]


@dataclass(frozen=True)
class SetupList:
    """A shop's whole list."""

    shop: str
    mall_ja: str
    mall_en: str
    stages: tuple[SetupStage, ...]

    @property
    def items(self) -> list[SetupItem]:
        """Give all steps in order."""
        return [item for stage in self.stages for item in stage.items]

    @property
    def done(self) -> int:
        """How many are ticked."""
        return sum(1 for item in self.items if item.who)


class SettingUp:
    """Shows the lists and keeps the ticks."""

    def __init__(
        self,
        engine: Engine,
        in_force: Callable[[], MappingInForce],
        desks: Desks,
        clock: Clock,
        stages_of: StagesOf = no_stages,
    ) -> None:
        self._engine = engine
        self._in_force = in_force
        self._desks = desks
        self._clock = clock
        self._stages_of = stages_of

    def list_of(self, shop: str) -> SetupList:
        """Give a shop's list as it stands."""
        found = self._in_force().mapping.shop(shop)
        abilities = self._desks.abilities(found)
        with reading(self._engine) as connection:
            ticked = ticks.of_shop(connection, shop)
        made, number = list[SetupStage](), 0
        for stage in (*self._stages_of(found), self._own_stage(found)):
            items = tuple(
                _item(place, step, ticked.get(step.key)) for place, step in enumerate(stage.steps, number + 1)
            )
            number += len(items)
            made.append(SetupStage(stage.ja, stage.en, items))
        return SetupList(shop, abilities.name_ja, abilities.name_en, tuple(made))

    def progress(self) -> dict[str, tuple[int, int]]:
        """Give (done, of) for each active shop whose list was begun and is not finished."""
        shops = self._in_force().mapping.shops.values()
        lists = [self.list_of(shop.name) for shop in shops if shop.status is not ShopStatus.ARCHIVED]
        return {one.shop: (one.done, len(one.items)) for one in lists if 0 < one.done < len(one.items)}

    def tick(self, shop: str, done: Collection[str], who: str, *, undone: Collection[str] = ()) -> SetupList:
        """Tick steps by their keys, and take the ticks of others away.

        Raises:
            Refused: the list has no such step.
        """
        known = {item.step.key for item in self.list_of(shop).items}
        if strange := sorted({*done, *undone} - known):
            raise Refused("setup_no_such_step", text=", ".join(strange), count=str(len(known)))
        with self._engine.begin() as connection:
            ticks.put(connection, shop, done, who, self._clock.now())
            ticks.take_back(connection, shop, undone)
        return self.list_of(shop)

    def numbered(self, shop: str, numbers: Collection[int]) -> list[str]:
        """Give the keys of steps by their numbers.

        Raises:
            Refused: there is no step of a number.
        """
        keys = {item.number: item.step.key for item in self.list_of(shop).items}
        if strange := sorted(set(numbers) - keys.keys()):
            raise Refused("setup_no_such_step", text=", ".join(map(str, strange)), count=str(len(keys)))
        return [keys[number] for number in numbers]

    def _own_stage(self, shop: Shop) -> Stage:
        steps = tuple(_own_step(name, shop.name) for name in self._own_names(shop))
        return Stage(say("setup.own", "ja"), say("setup.own", "en"), steps)

    def _own_names(self, shop: Shop) -> Iterator[str]:
        abilities = self._desks.abilities(shop)
        if abilities.credentials:
            yield "renew"
            yield "check"
        if abilities.products.able:
            yield "import"
        yield "ready"
        if abilities.writable is None or abilities.writable.able:
            yield "on"


def _own_step(name: str, shop: str) -> Step:
    texts = {lang: say(f"setup.own_{name}", lang) for lang in ("ja", "en")}
    typed = name if name == "ready" else f"{name} {shop}"
    return Step(f"{OWN}{name}", texts["ja"], texts["en"], (typed,))


def _item(number: int, step: Step, tick: ticks.Tick | None) -> SetupItem:
    return SetupItem(number, step, tick.who, tick.at) if tick else SetupItem(number, step)
