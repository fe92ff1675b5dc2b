"""A full look at a large shop while orders come: what was sold never waits for more than one slice."""

from __future__ import annotations

import os
from datetime import timedelta

from sqlalchemy import insert, update

from adapters.memory import MemoryAdapter
from adapters.secret import Secret
from bot.mapping.model import Defaults, LastUnits, Mapping, Product, Shop
from bot.store import drifts, orders, readback
from bot.store.database import reading
from bot.store.schema import balances, plans, shown
from bot.sync.desk import Desk, Report
from tests.unit.house import make_state
from tests.unit.sync.market import Market

CODES = int(os.environ.get("TANABAN_RESYNC_CODES", "6000"))
COUNTED = 50
CALL_S = 1.0  # a call a second: the quota as time
TICK_S = 60


class OneCallASecond(MemoryAdapter):
    """A mall whose every call takes a second of the virtual clock."""

    clock = None

    def read_stock(self, addresses):
        self.clock.advance(CALL_S)
        return super().read_stock(addresses)

    def write_stock(self, lines):
        self.clock.advance(CALL_S)
        return super().write_stock(lines)


class Large(Market):
    """Two shops with many codes, all written long ago."""

    def __init__(self, folder, size):
        make_state(folder)
        super().__init__(folder, count=False)
        self.size = size
        codes = [f"c{place:06d}" for place in range(size)]
        shops = {name: Shop(name, "memory") for name in self.malls}
        goods = tuple(Product(code) for code in codes)
        self.mapping = Mapping(shops, goods, defaults=Defaults(last_units=LastUnits.OFF))
        for mall in self.malls.values():
            mall.stock = dict.fromkeys(codes, COUNTED)
        self._fill(codes)
        self.clock.advance(3600)
        self.next_tick = dict.fromkeys(self.malls, self.clock.now())

    def desk(self, name):
        adapter = OneCallASecond(self.malls[name], Secret("memory-key"))
        adapter.clock = self.clock
        return Desk(self.mapping.shop(name), adapter, timedelta(seconds=30))

    def _fill(self, codes):
        now = self.clock.now()
        last = {"outcome": "done", "written": COUNTED, "predicted": COUNTED, "plan_id": "first"}
        last |= {"sent_at": now, "acked_at": now, "read_at": now}
        fixed = {"on_hand": COUNTED, "reserved": 0, "held": 0, "seq": 1, "changed_at": now, "counted_at": now}
        with self.database.begin() as connection:
            connection.execute(insert(balances), [{"code": code, **fixed} for code in codes])
            for name in self.malls:
                rows = [{"shop": name, "code": code, "mall_code": code, **last} for code in codes]
                connection.execute(insert(shown), rows)
                connection.execute(insert(plans).values(plan_id=f"first {name}", shop=name, made_at=now))
                orders.set_cursor(connection, name, now, None)

    def step(self, name):
        """What the shop's worker does next: a tick when it is due, else what it was called for."""
        tick = self.clock.now() >= self.next_tick[name]
        if tick:
            self.next_tick[name] = self.clock.now() + timedelta(seconds=TICK_S)
        report = Report(name)
        self.engine.turn(self.desk(name), report, tick=tick)
        return report

    def left(self):
        with reading(self.database) as connection:
            return readback.resync_left(connection, "a") + readback.doubt_count(connection, "a")


def test_sale_overtakes_a_full_resync_and_all_figures_end_equal(tmp_path):  # E6 C14
    market = Large(tmp_path / "state", CODES)
    mall, edited = market.malls["a"], {}
    for place in range(0, CODES, CODES // 15):
        mall.stock[f"c{place:06d}"] = edited[f"c{place:06d}"] = 40 + place % 2 * 20
    with market.database.begin() as connection:
        readback.mark_resync(connection, "a", "alice")
    waits, sold, slices = [], 0, 0
    while market.left():
        code = f"c{sold * 7 + 1:06d}"
        market.malls["b"].order({code: 1})
        sold += 1
        market.next_tick["b"] = market.clock.now()
        market.step("b")
        heard, calls = market.clock.now(), len(mall.calls)
        report = market.step("a")
        after = [call for call in mall.calls[calls:] if call in ("read_stock", "write_stock")]
        assert after[0] == "write_stock", "what was sold leaves first"
        assert mall.stock[code] == COUNTED - 1
        slices += after.count("read_stock")
        assert after.count("read_stock") <= 1, "one slice, then sales and orders again"
        waits.append((market.clock.now() - heard).total_seconds())
        if report.again_at is None:  # nothing is left to read: the next tick judges what was found
            market.clock.advance(TICK_S)
    for _ in range(3):
        market.clock.advance(TICK_S)
        market.step("a")
        market.step("b")
    assert max(waits) <= 4 * CALL_S
    assert slices >= CODES // 1000
    with reading(market.database) as connection:
        found = {
            drift.code: drift.found
            for _, drift in drifts.since(connection, market.clock.now() - timedelta(days=1))
        }
    assert found == edited
    assert mall.stock == market.malls["b"].stock
    assert sum(mall.stock.values()) == CODES * COUNTED - sold
    market.close()


def test_slices_follow_each_other_until_everything_was_read_within_a_day(tmp_path):  # D1
    market = Large(tmp_path / "state", 2500)
    with market.database.begin() as connection:
        connection.execute(update(shown).values(read_at=market.clock.now() - timedelta(hours=21)))
    again = [market.step("a").again_at is not None]
    market.clock.advance(TICK_S)
    again.append(market.step("a").again_at is not None)
    market.clock.advance(TICK_S)
    again.append(market.step("a").again_at is not None)
    assert again == [True, True, False]
    market.close()
