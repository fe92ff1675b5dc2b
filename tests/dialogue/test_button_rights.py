"""Buttons: whoever may not type a thing may not press it either, wherever the button stands."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Housed

from bot.answers import Refused
from bot.slack.clicks import Click, Clicks
from bot.slack.commands import Commands
from bot.slack.decisions import Decisions
from bot.slack.desk import Person
from bot.slack.uploads import Uploads

PLAN = "0123456789abcdef0123456789abcdef01234567"
READ = ("show:lookup", "show:history", "show:chart", "why:shop", "alert:log")
NOTHING = ("home:look", "home:page")
"""These change nothing and show nothing but the person's own Home, which is refused by itself."""


def pressed(housed: Housed) -> dict[str, Click]:
    """Give one press of every button that there is, with a value that means something."""
    incident = housed.house.incidents.raise_("a", "temporary", {}, housed.house.clock.now())
    values: dict[str, dict[str, Any]] = {
        "alert": {"incident": incident},
        "drift": {"drift": 1},
        "guard": {"plan": PLAN},
        "risk": {"shop": "a", "state": "-"},
        "home:shop": {"do": "off", "shop": "a"},
        "home:pause": {"target": "a"},
        "home:page": {"page": 0},
        "do": {"target": "tee"},
        "show": {"code": "tee"},
        "why": {"shop": "a"},
        "say": {"say": "pause tee"},
        "renew": {"shop": "a", "kind": "key"},
        "setup": {"shop": "a"},
        "upload": {"file": "none"},
    }
    names = clicks_of(housed)._buttons
    value = {name: values.get(name, values.get(name.split(":")[0], {})) for name in names}
    return {name: Click(f"{name}:tee" if name == "why:shop" else name, value[name]) for name in names}


def clicks_of(housed: Housed) -> Clicks:
    homes = housed.face._homes
    assert homes is not None
    desk = homes._desk
    clicks = Clicks(desk, Commands(desk))
    for room in (Decisions(desk, Commands(desk)), homes, Uploads(desk)):
        clicks.learn(room.buttons)
    return clicks


def changes(housed: Housed) -> list[tuple[str, str, str]]:
    return [line for line in housed.audits() if not line[2].startswith("refused")]


@pytest.mark.parametrize(
    "person",
    [
        Person("U0CAROL01", "T0SANDBOX"),
        Person("U0GUEST01", "T0SANDBOX"),
        Person("U0SOTO001", "T0SANDBOX"),
        Person("U0GONE001", "T0SANDBOX"),
        Person("U0ALICE01", "T0OTHER01"),
    ],
    ids=["reader", "guest", "stranger", "gone", "another workspace"],
)
def test_no_button_does_what_the_person_may_not(shared_house: Housed, person: Person) -> None:  # E7 E8
    clicks, before = clicks_of(shared_house), changes(shared_house)
    is_reader = person.user == "U0CAROL01"
    for name, click in pressed(shared_house).items():
        if name in NOTHING or (is_reader and name in READ):
            assert isinstance(clicks.run(person, click), list), name
            continue
        with pytest.raises(Refused) as caught:
            clicks.run(person, click)
        wanted = ("need_role", "upload_gone") if is_reader else ("outsider", "upload_gone")
        assert caught.value.key in wanted, (name, caught.value.key)
    assert changes(shared_house) == before
    assert not shared_house.actions.pausing.pauses()
    assert shared_house.actions.status().on
