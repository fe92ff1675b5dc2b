"""Large changes are held until a second person approves them, whatever brought them about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.contract import Product as Listed
from adapters.contract import ProductFile
from adapters.errors import NotSentError
from bot.answers import Refused
from bot.mapping.model import OnUnlink, Product
from bot.sync.values import Why
from tests.unit.house import ADMIN, House

BOB, CLERK = "U0BOB0001", "clerk"
CODES = tuple(f"c{place:03}" for place in range(40))
HALF = CODES[:20]


class Warehouse(House):
    """A house with forty more codes, all filled and quiet."""

    def __init__(self, folder, *, filled=True, **more):
        super().__init__(folder, **more)
        self.mapping = replace(self.mapping, products=(*self.mapping.products, *map(Product, CODES)))
        for mall in self.malls.values():
            mall.stock.update(dict.fromkeys(CODES, 3))
        self.actions.count_stock(dict.fromkeys(CODES, 10), self.clock.now(), CLERK)
        if filled:
            self.quiet()

    def count(self, codes, quantity, who=CLERK):
        self.actions.count_stock(dict.fromkeys(codes, quantity), self.clock.now(), who)
        self.clock.advance(1)

    def map_only(self, codes):
        """Let a mapping come into force that holds these codes alone."""
        self.mapping = replace(self.mapping, products=tuple(map(Product, codes)))
        self.actions.look_again(self.malls, Why.MAPPING)

    def plan(self, name="a"):
        return next((hold for hold in self.actions.guarding.asked() if hold.shop == name), None)

    def numbers(self, codes=CODES, name="a"):
        return {self.shown(code, name) for code in codes}

    def writes(self):
        return {name: self.calls("write_stock", name) for name in self.malls}


@pytest.fixture
def house(tmp_path):
    house = Warehouse(tmp_path)
    yield house
    house.close()


def approve_all(house, who=BOB):
    for hold in house.actions.guarding.asked():
        house.actions.guarding.approve(hold.short, who)


def test_first_filling_asks_nobody(house):
    assert (house.numbers(), house.open_causes()) == ({10}, [])


def test_first_filling_that_was_cut_short_goes_on_unasked(tmp_path):
    house = Warehouse(tmp_path, filled=False, write_batch=15)
    house.tick("b")
    plain = house.adapter_class.write_stock
    done = []

    def fail_once(adapter, lines):
        done.append(len(lines))
        if len(done) == 2:
            raise NotSentError("no connection")
        return plain(adapter, lines)

    house.adapter_class.write_stock = fail_once
    house.tick("a")
    assert house.numbers() == {10, 3}
    house.restart()
    house.tick("a")
    assert (house.numbers(), house.open_causes()) == ({10}, [])
    house.close()


def test_count_of_half_the_shop_to_zero_is_held_and_told(house):  # D5
    before = house.writes()
    house.count(HALF, 0)
    house.tick()
    assert (house.writes(), house.numbers()) == (before, {10})
    incident = next(item for item in house.incidents.open() if item.shop == "a")
    hold = house.plan()
    assert (incident.cause, incident.severity.value) == ("guard", "critical")
    assert incident.params["hash"] == hold.short
    assert incident.params["lines"].splitlines()[0] == "c000: 10 → 0"
    assert incident.params["lines"].splitlines()[-1] == "c019: 10 → 0"
    assert (hold.caused_by, len(hold.lines)) == ((CLERK,), 20)


def test_sales_go_out_during_a_hold(house):  # D5
    house.count(HALF, 0)
    house.tick()
    house.malls["a"].order({"c035": 4, "c000": 1})
    house.tick("a", "b")
    assert (house.shown("c035", "b"), house.shown("c000", "b")) == (6, 0)
    assert house.numbers(CODES[1:20], "b") == {10}
    assert house.plan("b") is not None


def test_restart_keeps_the_hold_and_its_plan(house):  # D5
    house.count(HALF, 0)
    house.tick()
    plan = house.plan()
    told = house.told("guard")
    house.restart()
    house.tick()
    house.tick()
    assert house.plan() == plan
    assert (house.numbers(), house.told("guard")) == ({10}, told)


def test_approval_writes_exactly_the_plan(house):  # D5
    house.count(HALF, 0)
    house.tick()
    plan = house.plan()
    house.actions.guarding.approve(plan.short, BOB)
    house.tick()
    assert {code: house.shown(code) for code in CODES} == {code: 0 if code in HALF else 10 for code in CODES}
    assert house.numbers(name="b") == {10}  # each shop's plan is its own
    house.tick("a")
    assert (house.plan(), house.open_causes(), house.waiting()) == (None, [], [])


def test_approved_plan_survives_a_restart_before_it_is_written(house):
    house.count(HALF, 0)
    house.tick()
    house.actions.guarding.approve(house.plan().short, BOB)
    house.restart()
    house.tick("a")
    assert house.numbers(HALF) == {0}


def test_number_that_changes_after_the_question_makes_a_new_plan(house):  # D5
    house.count(CODES[:25], 0)
    house.tick()
    old = house.plan()
    house.count(CODES[:25], 1)
    house.tick()
    new = house.plan()
    assert new.plan_hash != old.plan_hash
    with pytest.raises(Refused) as refused:
        house.actions.guarding.approve(old.short, BOB)
    assert refused.value.key == "guard_other_plan"
    assert house.numbers() == {10}


def test_correction_that_undoes_the_change_ends_the_hold(house):
    house.count(HALF, 0)
    house.tick()
    house.count(HALF, 10)
    house.tick()
    assert (house.plan(), house.open_causes(), house.numbers(), house.waiting()) == (None, [], {10}, [])


def test_dropped_plan_is_not_written_until_its_codes_change_again(house):
    house.count(HALF, 0)
    house.tick()
    house.actions.guarding.drop(house.plan().short, CLERK)  # who caused it may
    house.tick()
    assert (house.waiting(), house.numbers(), house.open_causes()) == ([], {10}, [])
    house.count(CODES[:1], 4)
    house.tick()
    assert house.shown("c000") == 4


def test_whoever_caused_a_plan_waits_ten_minutes_and_types_it_in_full(house):  # D5
    house.count(HALF, 0)
    house.tick()
    plan, guarding = house.plan(), house.actions.guarding
    with pytest.raises(Refused) as refused:
        guarding.approve(plan.plan_hash, CLERK)
    assert refused.value.key == "guard_own_wait"
    house.clock.advance(600)
    with pytest.raises(Refused) as refused:
        guarding.approve(plan.short, CLERK)
    assert refused.value.key == "guard_own_full"
    guarding.approve(plan.plan_hash, CLERK)
    house.tick("a")
    assert house.numbers(HALF) == {0}


def test_dry_run_of_an_answer_decides_nothing(house):  # E5
    house.count(HALF, 0)
    house.tick()
    plan = house.plan()
    assert house.actions.guarding.approve(plan.short, BOB, dry_run=True) == plan
    assert house.actions.guarding.drop(plan.short, BOB, dry_run=True) == plan
    assert (house.plan(), len(house.waiting())) == (plan, 20)


def test_switching_on_again_looks_at_every_code_and_asks_nobody_where_nothing_differs(house):
    house.actions.switch(False, None, ADMIN)
    house.actions.switch(True, None, ADMIN)
    house.tick()
    assert (house.plan(), house.open_causes()) == (None, [])


# ---------------------------------------------------------------------- sources that are empty or cut short


def test_empty_mapping_writes_nothing_until_approved(house):  # D5
    before = house.writes()
    house.map_only([])
    house.tick()
    house.tick()
    assert (house.writes(), house.numbers()) == (before, {10})
    assert house.plan().reason.trip == "empty"
    approve_all(house)
    house.tick()
    assert house.numbers() == house.numbers(name="b") == {0}


def test_merge_that_drops_half_of_the_catalogue_is_held_and_its_revert_leaves_all_as_it_was(house):  # D5
    everything = ("mug", "tee", *CODES)
    before = house.writes()
    house.map_only(everything[:22])
    house.tick()
    assert (house.numbers(), len(house.plan().lines)) == ({10}, 20)
    house.map_only(everything)
    house.tick()
    assert (house.writes(), house.plan(), house.open_causes(), house.waiting()) == (before, None, [], [])


def test_few_codes_that_leave_go_to_zero_and_come_back_with_the_revert(house):
    everything = ("mug", "tee", *CODES)
    house.map_only(everything[:-3])
    house.tick()
    assert house.numbers(CODES[-3:]) == {0}
    house.map_only(everything)
    house.tick()
    house.tick()
    assert house.numbers() == {10}


def test_listing_that_leaves_stays_as_it_is_where_the_mapping_says_so(house):
    house.change_shop("a", on_unlink=OnUnlink.LEAVE)
    house.map_only(("mug", "tee", *CODES[:-3]))
    house.tick()
    assert (house.numbers(CODES[-3:]), house.numbers(CODES[-3:], "b")) == ({10}, {0})


def test_listing_that_is_deleted_at_the_mall_is_set_to_zero_once(house):
    gone = CODES[-1]
    house.map_only(("mug", "tee", *CODES[:-1]))
    house.malls["a"].refused.add(gone)
    house.tick("a")
    for _ in range(3):  # refused numbers are tried again each hour
        house.clock.advance(3600)
        house.tick("a")
    assert (house.calls("write_stock"), house.waiting()) == (2, [])  # the first filling, and once


def test_code_that_goes_by_another_listing_leaves_the_old_one_at_zero(house):
    for mall in house.malls.values():
        mall.stock["C000-NEW"] = 0
    moved = Product("c000", listings={"a": {"c000": "C000-NEW"}})
    rest = [product for product in house.mapping.products if product.code != "c000"]
    house.mapping = replace(house.mapping, products=(*rest, moved))
    house.actions.look_again(house.malls, Why.MAPPING)
    house.tick()
    house.look("a")
    house.tick()
    assert (house.shown("c000"), house.shown("C000-NEW"), house.shown("c000", "b")) == (0, 10, 10)


def test_archived_shop_is_not_touched_by_what_leaves_the_mapping(house):
    house.archive("a")
    house.map_only(("mug", "tee", *CODES[:-3]))
    house.tick()
    assert (house.numbers(), house.numbers(CODES[-3:], "b")) == ({10}, {0})


def test_lost_state_writes_nothing(house, tmp_path):  # D5
    before = house.writes()
    (tmp_path / "fresh").mkdir()
    fresh = House(tmp_path / "fresh", on=False)
    fresh.malls, fresh.mapping = house.malls, replace(fresh.mapping, products=tuple(map(Product, CODES)))
    for switched_on in (False, True):  # off; and on, an unknown stock is not a stock of zero
        fresh.actions.switch(switched_on, None, ADMIN)
        fresh.tick()
        fresh.tick()
        assert house.writes() == before
    fresh.close()


class CutShort:
    """Lets the malls of a house list fewer products."""

    def __init__(self, house):
        self.codes = None
        plain, cut = house.adapter_class.read_products, self

        def read_products(adapter):
            return [item for item in plain(adapter) if cut.codes is None or item.mall_code in cut.codes]

        house.adapter_class.read_products = read_products


@pytest.fixture
def cut(house):
    return CutShort(house)


def snapshot(house):
    return len(house.actions.products("a")[0])


def test_product_list_cut_short_is_not_taken_in_and_told(house, cut):  # D5
    cut.codes = HALF
    house.clock.advance(25 * 3600)
    house.tick("a")
    assert (snapshot(house), house.open_causes()) == (42, ["shrunk"])
    reads = house.calls("read_products")
    for _ in range(10):
        house.tick("a")
    assert house.calls("read_products") == reads  # not each minute again
    cut.codes = None
    house.clock.advance(3600)
    house.tick("a")
    assert (snapshot(house), house.open_causes()) == (42, [])


@pytest.mark.parametrize("codes", [(), HALF])
def test_short_list_is_taken_in_when_a_person_accepts_it(house, cut, codes):
    cut.codes = codes
    desk = house.desks.desk(house.mapping.shop("a"))
    with pytest.raises(Refused) as refused:
        house.actions.import_products(desk)
    assert (refused.value.key, snapshot(house)) == ("import_shrunk", 42)
    house.actions.import_products(desk, accept=True)
    assert snapshot(house) == len(codes)


def test_product_file_cut_short_is_refused_until_accepted(house):
    desk = house.desks.desk(house.mapping.shop("a"))
    short = ProductFile(tuple(Listed(code, (code,), code) for code in HALF))
    with pytest.raises(Refused):
        house.actions.take_products(desk, short)
    assert snapshot(house) == 42
    house.actions.take_products(desk, short, accept=True, dry_run=True)
    assert snapshot(house) == 42
    house.actions.take_products(desk, short, accept=True)
    assert snapshot(house) == 20
