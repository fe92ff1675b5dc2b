"""What went wrong at others, played over the same world: each told of in public by its maker."""

import pytest

from adapters.memory import Lost
from benchmarks.simulated.acts import Troubles
from benchmarks.simulated.ending import check_end, target
from benchmarks.simulated.life import Life
from bot.mapping.model import LastUnits

CALM = Troubles(*[0] * 10)
CODE = "code-09"


@pytest.fixture
def life():
    """A merchant with nobody about: 20 pieces of a code, shown everywhere."""
    life = Life(1, CALM)
    life.last_units = LastUnits.OFF
    life.safety.clear()
    life.apply_mapping()
    life.begin()
    life.acts.plan(life.noise_s)
    life.acts.recount(CODE, 20)
    life.live(400)
    assert shown(life) == wanted(life)
    return life


def shown(life):
    return {name: mall.shows(CODE) for name, mall in life.malls.items()}


def wanted(life):
    return {name: target(life, name, CODE) for name in life.malls}


def test_write_that_took_effect_unanswered_is_no_second_change_after_a_restart(life):
    """LOGILESS 2024-03-07: operations looked failed, had taken effect, and ran again hours later."""
    for mall in life.malls.values():
        mall.lose_answer("write_stock", Lost.AFTER)
    life.malls["plain"].buy({CODE: 2})
    life.live(40)
    life.sleep(3 * 3600)
    life.malls["onebyone"].buy({CODE: 3})
    life.live(900)
    assert life.model.available(CODE) == life.acts.on_shelf(CODE)
    check_end(life)


def test_late_old_orders_do_not_lower_a_count_made_meanwhile(life):
    """TEMPOSTAR 2021-10-21: orders of an outage came in on any later change, and were counted twice."""
    mall = life.malls["late"]
    order = mall.buy({CODE: 4}, lag_s=550)
    life.live(120)
    life.acts.recount(CODE)
    life.live(900)
    mall.issue_again(order)
    life.live(900)
    assert life.model.available(CODE) == 16
    check_end(life)


@pytest.mark.parametrize("days", [10 / 1440, 10])
def test_paused_shop_is_brought_up_to_date_when_it_is_resumed(life, days):
    """速販 before 2022-03: a mall paused by an expired key was not brought up to date on resume."""
    life.malls["onebyone"].key = "another"
    life.live(120)
    assert life.blocked == {"onebyone"}
    life.malls["plain"].buy({CODE: 5})
    life.live(120)
    life.sleep(days * 86_400)
    life.malls["payer"].buy({CODE: 1})
    life.live(300)
    assert life.malls["onebyone"].shows(CODE) == 20
    life.acts.renew("onebyone")
    life.live(900)
    check_end(life)


def test_polling_alone_keeps_the_numbers_equal(life):
    """WORLD SWITCH 2022-12-04: the order mails that set everything off stopped for 18 hours."""
    life.process.wake = lambda shops: None
    for name in ("plain", "late", "cached"):
        life.malls[name].buy({CODE: 1})
        life.live(600)
    life.live(900)
    check_end(life)


def test_repair_that_is_run_twice_changes_nothing_more(life):
    """シッピーノ: the run that repaired sent what had been sent."""
    life.malls["cached"].stock[CODE] = 3
    life.acts.edits += 1
    life.sleep(700)
    life.acts.end()
    life.live(900)
    check_end(life)
    before = life.writes()
    life.sleep(700)
    life.live(300)
    assert life.writes() == before


def test_cancellation_at_no_stock_sells_no_piece_that_is_not_there(life):
    """シッピーノ and ネクストエンジン: a cancel raised stock again that the warehouse did not have."""
    life.malls["plain"].buy({CODE: 20})
    order = life.malls["onebyone"].buy({CODE: 2})  # shown there still, and nowhere to be found
    life.live(300)
    assert set(shown(life).values()) == {0}
    life.malls["onebyone"].cancel(order)
    life.live(900)
    assert set(shown(life).values()) == {0}
    check_end(life)
