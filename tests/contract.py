"""What every mall must do. A mall's test class inherits ``AdapterContract`` and gives ``mall``.

A case that an ability denies is not skipped: it asserts that the adapter refuses. A fault that
the mall's wire does not have is skipped with the fact that its bench states for it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from adapters.contract import (
    Ability,
    Adapter,
    Address,
    CredentialState,
    LineResult,
    LineState,
    Order,
    Outcome,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    LineRejectedError,
    MaintenanceError,
    MallError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
    UnsupportedError,
)

FAULTS = frozenset({"server_error", "maintenance", "rate_limit", "cut_before", "cut_after", "html"})


class Bench(Protocol):
    """One mall with its simulator, as the contract's cases handle it.

    ``faults``: those of ``FAULTS`` that the mall's wire can have; each other one stands in
    ``missing_faults`` with the fact of the wire that rules it out. A fault lasts until
    ``clear_faults``. ``rate_limit`` takes ``retry_after``. ``cut_before`` ends the connection without
    effect, ``cut_after`` with it.
    """

    codes: Sequence[str]  # at least three mall codes on sale
    secrets: Sequence[str]  # every form in which a credential must not be seen
    personal: Sequence[str]  # what the buyers of all orders are called
    faults: frozenset[str]
    missing_faults: Mapping[str, str]  # fault -> why this wire cannot have it

    def adapter(self) -> Adapter:
        """Make an adapter with the credentials that are good, or were until ``expire``."""

    def unreachable(self) -> Adapter:
        """Make an adapter whose mall does not listen."""

    def address(self, code: str) -> Address:
        """Give the address of a mall code."""

    def unknown(self) -> StockLine:
        """Give a well-formed line that is no listing."""

    def refused(self) -> StockLine | None:
        """Give a well-formed line that the mall itself refuses; None if it never does."""

    def filler(self, count: int) -> list[StockLine]:
        """Give well-formed lines, all different, that need not be listings."""

    def stock(self, code: str) -> int:
        """Give what buyers see."""

    def set_stock(self, code: str, quantity: int) -> None:
        """Edit the number by hand at the mall."""

    def order(self, code: str, quantity: int) -> str:
        """Buy; give the order's id."""

    def cancel(self, order_id: str) -> None:
        """Cancel at the mall."""

    def settle(self) -> None:
        """Let the mall take up what it takes up later."""

    def fault(self, name: str, **arguments: Any) -> None:
        """Switch a fault on for every function."""

    def clear_faults(self) -> None:
        """Switch all faults off."""

    def expire(self) -> None:
        """Make the credentials in use dead."""

    def renew(self) -> None:
        """Get new credentials, good at once, for later adapters."""

    def calls(self) -> int:
        """Count the requests that the mall has received."""

    def now(self) -> datetime:
        """Give the mall's time."""


def line(mall: Bench, code: str, quantity: int) -> StockLine:
    """Make one line for a listing."""
    return StockLine(code, mall.address(code), quantity)


def carry_out(mall: Bench, adapter: Adapter, lines: Sequence[StockLine]) -> list[LineResult]:
    """Write, and see it through where the mall answers later."""
    results = adapter.write_stock(lines)
    sent = [result for result in results if result.outcome is Outcome.SENT]
    if not sent:
        return results
    mall.settle()
    confirmed = iter(adapter.confirm(sent))
    return [next(confirmed) if result.outcome is Outcome.SENT else result for result in results]


def reads(mall: Bench, adapter: Adapter) -> list[Callable[[], object]]:
    """Give every read that the abilities allow."""
    can, window = adapter.abilities, last_hours(mall)
    addresses = [mall.address(code) for code in mall.codes]
    found: list[tuple[Ability, Callable[[], object]]] = [
        (can.readable, lambda: adapter.read_stock(addresses)),
        (can.products, adapter.read_products),
        (can.orders, lambda: adapter.read_orders(window)),
    ]
    return [read for ability, read in found if ability.able]


def last_hours(mall: Bench) -> Window:
    """Give a window that holds everything just ordered."""
    return Window(mall.now() - timedelta(hours=2), mall.now() + timedelta(minutes=1))


def try_write(adapter: Adapter, lines: Sequence[StockLine]) -> list[MallError]:
    """Write and give what went wrong, raised or by line."""
    try:
        return [result.error for result in adapter.write_stock(lines) if result.error]
    except MallError as error:
        return [error]


def everything_of(error: BaseException) -> str:
    """Put all that can be seen of an error into one text."""
    shown = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    below: BaseException | None = error
    while below := below.__cause__ or below.__context__:
        shown += [str(below), repr(below), repr(vars(below))]
    return "\n".join(shown)


WRITES = pytest.mark.usefixtures("writable")


class AdapterContract:
    """The cases. ``mall`` is a fixture of the mall's own test class."""

    @pytest.fixture
    def adapter(self, mall: Bench):
        made = mall.adapter()
        yield made
        made.close()

    @pytest.fixture
    def writable(self, mall: Bench, adapter: Adapter) -> None:
        """Let a case that writes run; where stock cannot be written, assert that the adapter refuses."""
        denied = adapter.abilities.writable
        if denied is not None and not denied.able:
            with pytest.raises(UnsupportedError):
                adapter.write_stock([line(mall, mall.codes[0], 1)])
            pytest.skip(f"not writable: {denied.why}")

    def need_fault(self, mall: Bench, name: str) -> None:
        if name not in mall.faults:
            pytest.skip(f"no {name}: {mall.missing_faults[name]}")

    def refuses(self, call: Callable[[], object]) -> None:
        """Assert that an ability which is denied is denied by the adapter too."""
        with pytest.raises(UnsupportedError):
            call()

    # ------------------------------------------------------------------- check and credentials

    def test_check_passes_with_good_credentials(self, mall: Bench, adapter: Adapter) -> None:  # A19
        before = {code: mall.stock(code) for code in mall.codes}
        assert adapter.check().detail
        assert {code: mall.stock(code) for code in mall.codes} == before, "a check writes nothing"

    def test_dead_credentials_are_refused_and_new_ones_work(
        self, mall: Bench, adapter: Adapter
    ) -> None:  # A19
        if not adapter.abilities.credentials:
            pytest.skip("this mall has no credentials")
        mall.expire()
        for call in [adapter.check, *reads(mall, adapter)]:
            with pytest.raises(AuthError):
                call()
        assert all(isinstance(e, AuthError) for e in try_write(adapter, [line(mall, mall.codes[0], 3)]))
        states = {status.state for status in adapter.credential_status()}
        assert CredentialState.REFUSED in states
        mall.renew()
        renewed = mall.adapter()
        assert renewed.check().detail
        assert CredentialState.REFUSED not in {status.state for status in renewed.credential_status()}
        renewed.close()

    def test_credential_status_names_only_declared_kinds(self, adapter: Adapter) -> None:  # A23
        kinds = {kind.name for kind in adapter.abilities.credentials}
        assert {status.kind for status in adapter.credential_status()} <= kinds

    # ------------------------------------------------------------------- what makes no call

    def test_empty_list_makes_no_call(self, mall: Bench, adapter: Adapter) -> None:
        before = mall.calls()
        assert adapter.write_stock([]) == []
        assert adapter.confirm([]) == []
        if adapter.abilities.readable.able:
            assert adapter.read_stock([]) == {}
        if adapter.abilities.orders.able:
            assert adapter.read_orders_again([]) == []
        assert mall.calls() == before

    @WRITES
    def test_bad_codes_and_quantities_make_no_call(self, mall: Bench, adapter: Adapter) -> None:
        good, can = line(mall, mall.codes[0], 1), adapter.abilities
        bad = [
            StockLine("x" * (can.code_max_bytes + 1), good.address, 1),
            StockLine("", good.address, 1),
            StockLine("tee\u3000red\n", good.address, 1),
            line(mall, mall.codes[1], can.quantity_max + 1),
            line(mall, mall.codes[1], -1),
        ]
        before = mall.calls()
        results = adapter.write_stock(bad)
        assert [result.outcome for result in results] == [Outcome.REFUSED] * len(bad)
        assert all(isinstance(result.error, LineRejectedError) for result in results)
        assert [result.line for result in results] == bad
        assert mall.calls() == before

    @WRITES
    def test_more_lines_than_a_batch_are_no_call(self, mall: Bench, adapter: Adapter) -> None:
        most = adapter.abilities.bulk_batch or adapter.abilities.write_batch
        if most is None:
            pytest.skip("this mall takes a whole file: write_batch is None")
        before = mall.calls()
        with pytest.raises(ValueError, match=str(most)):
            adapter.write_stock(mall.filler(most + 1))
        assert mall.calls() == before

    # ------------------------------------------------------------------- writing

    @WRITES
    def test_full_batch_gives_one_result_a_line_in_order(self, mall: Bench, adapter: Adapter) -> None:
        lines = [*mall.filler((adapter.abilities.write_batch or 500) - 1), line(mall, mall.codes[0], 4)]
        results = carry_out(mall, adapter, lines)
        assert [result.line for result in results] == lines
        assert results[-1].outcome is Outcome.DONE
        assert mall.stock(mall.codes[0]) == 4

    @WRITES
    def test_written_number_is_what_buyers_see(self, mall: Bench, adapter: Adapter) -> None:
        lines = [line(mall, mall.codes[0], 7), line(mall, mall.codes[1], 3)]
        results = carry_out(mall, adapter, lines)
        assert [result.outcome for result in results] == [Outcome.DONE] * 2
        assert [mall.stock(code) for code in mall.codes[:2]] == [7, 3]
        if adapter.abilities.readable.able:
            levels = adapter.read_stock([each.address for each in lines])
            assert [levels[each.address].quantity for each in lines] == [7, 3]

    @WRITES
    def test_same_write_twice_changes_nothing_more(self, mall: Bench, adapter: Adapter) -> None:
        for _ in range(2):
            results = carry_out(mall, adapter, [line(mall, mall.codes[0], 6)])
            assert [result.outcome for result in results] == [Outcome.DONE]
        assert mall.stock(mall.codes[0]) == 6

    @pytest.mark.parametrize("end", ["least", "most"])
    @WRITES
    def test_both_ends_of_the_range_are_taken(self, mall: Bench, adapter: Adapter, end: str) -> None:
        quantity = 0 if end == "least" else adapter.abilities.quantity_max
        results = carry_out(mall, adapter, [line(mall, mall.codes[0], quantity)])
        assert [result.outcome for result in results] == [Outcome.DONE]
        assert mall.stock(mall.codes[0]) == quantity

    @WRITES
    def test_bad_lines_do_not_hold_back_good_ones(self, mall: Bench, adapter: Adapter) -> None:
        illegal = line(mall, mall.codes[2], adapter.abilities.quantity_max + 1)
        lines = [line(mall, mall.codes[0], 2), illegal, mall.unknown(), line(mall, mall.codes[1], 9)]
        results = carry_out(mall, adapter, lines)
        assert [result.line for result in results] == lines
        assert [results[place].outcome for place in (0, 1, 3)] == [
            Outcome.DONE,
            Outcome.REFUSED,
            Outcome.DONE,
        ]
        assert [mall.stock(code) for code in mall.codes[:2]] == [2, 9]

    @WRITES
    def test_line_refused_by_the_mall_holds_back_no_other(self, mall: Bench, adapter: Adapter) -> None:
        bad = mall.refused()
        if bad is None:
            pytest.skip("this mall refuses no well-formed line")
        lines = [line(mall, mall.codes[0], 5), bad, line(mall, mall.codes[1], 8)]
        results = carry_out(mall, adapter, lines)
        assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
        assert isinstance(results[1].error, LineRejectedError)
        assert results[1].error.code == bad.mall_code
        assert [mall.stock(code) for code in mall.codes[:2]] == [5, 8]

    @WRITES
    def test_normalised_line_is_taken_and_stays_as_it_is(self, mall: Bench, adapter: Adapter) -> None:
        asked = line(mall, mall.codes[0], adapter.abilities.quantity_max + 5)
        normal = adapter.normalise(asked)
        assert normal.quantity == adapter.abilities.quantity_max
        assert adapter.normalise(normal) == normal
        assert carry_out(mall, adapter, [normal])[0].outcome is Outcome.DONE

    @WRITES
    def test_late_answers_are_sent_first_and_confirmed_after(self, mall: Bench, adapter: Adapter) -> None:
        results = adapter.write_stock([line(mall, mall.codes[0], 5)])
        if not adapter.abilities.late_confirm:
            assert results[0].outcome is Outcome.DONE
            with pytest.raises(UnsupportedError):
                adapter.confirm(results)
            return
        assert results[0].outcome is Outcome.SENT
        assert results[0].ticket
        mall.settle()
        assert [result.outcome for result in adapter.confirm(results)] == [Outcome.DONE]
        assert mall.stock(mall.codes[0]) == 5

    # ------------------------------------------------------------------- reading

    def test_read_gives_a_number_edited_by_hand(self, mall: Bench, adapter: Adapter) -> None:
        address = mall.address(mall.codes[0])
        if not adapter.abilities.readable.able:
            with pytest.raises(UnsupportedError):
                adapter.read_stock([address])
            return
        mall.set_stock(mall.codes[0], 13)
        assert adapter.read_stock([address])[address].quantity == 13

    def test_read_of_more_than_a_page_leaves_unknown_ones_out(self, mall: Bench, adapter: Adapter) -> None:
        if not adapter.abilities.readable.able:
            self.refuses(lambda: adapter.read_stock([mall.unknown().address]))
            return
        known = [mall.address(code) for code in mall.codes[:2]]
        fillers = [each.address for each in mall.filler((adapter.abilities.read_batch or 1000) + 1)]
        levels = adapter.read_stock([known[0], *fillers, known[1]])
        assert set(known) <= set(levels)
        assert mall.unknown().address not in adapter.read_stock([mall.unknown().address])

    def test_products_have_the_codes_and_their_addresses(self, mall: Bench, adapter: Adapter) -> None:  # A15
        if not adapter.abilities.products.able:
            with pytest.raises(UnsupportedError):
                adapter.read_products()
            return
        products = {product.mall_code: product for product in adapter.read_products()}
        for code in mall.codes:
            assert products[code].address == mall.address(code)
            assert any(ord(letter) > 0x3000 for letter in products[code].name), "Japanese text is kept"

    def test_reading_products_tells_how_far_it_is_up_to_the_last_row(
        self, mall: Bench, adapter: Adapter
    ) -> None:  # E13 A15
        heard: list[tuple[int, int | None]] = []
        adapter.progress = lambda done, total: heard.append((done, total))
        if not adapter.abilities.products.able:
            self.refuses(adapter.read_products)
            assert heard == []
            return
        products = adapter.read_products()
        done = [rows for rows, _ in heard]
        assert done == sorted(done)
        assert heard[-1] == (done[-1], done[-1])
        items = {product.address[0] for product in products}  # malls list units, or items with theirs
        assert done[-1] in (len(products), len(items))

    # ------------------------------------------------------------------- orders

    def orders(self, mall: Bench, adapter: Adapter) -> dict[str, Order]:
        return {order.order_id: order for order in adapter.read_orders(last_hours(mall))}

    def test_orders_come_whole_and_oldest_first(self, mall: Bench, adapter: Adapter) -> None:
        if not adapter.abilities.orders.able:
            with pytest.raises(UnsupportedError):
                adapter.read_orders(last_hours(mall))
            return
        bought = [mall.order(mall.codes[0], 2), mall.order(mall.codes[1], 1)]
        found = adapter.read_orders(last_hours(mall))
        assert [order.order_id for order in found if order.order_id in bought] == bought
        assert [order.ordered_at for order in found] == sorted(order.ordered_at for order in found)
        first = self.orders(mall, adapter)[bought[0]]
        assert [(each.mall_code, each.quantity) for each in first.lines] == [(mall.codes[0], 2)]
        assert first.lines[0].state in (LineState.SOLD, LineState.RESERVED)
        assert first.ordered_at.utcoffset() == timedelta()

    def test_orders_outside_the_window_do_not_come(self, mall: Bench, adapter: Adapter) -> None:
        long_ago = mall.now() - timedelta(days=2)
        window = Window(long_ago - timedelta(days=1), long_ago)
        if not adapter.abilities.orders.able:
            self.refuses(lambda: adapter.read_orders(window))
            return
        mall.order(mall.codes[0], 1)
        assert adapter.read_orders(window) == []

    def test_cancelled_order_is_seen_when_read_again(self, mall: Bench, adapter: Adapter) -> None:  # C1
        if not adapter.abilities.orders.able:
            with pytest.raises(UnsupportedError):
                adapter.read_orders_again(["x"])
            return
        order_id = mall.order(mall.codes[0], 2)
        before = self.orders(mall, adapter)[order_id]
        mall.cancel(order_id)
        (after,) = adapter.read_orders_again([order_id])
        assert [each.state for each in after.lines] == [LineState.CANCELLED]
        assert [each.line_id for each in after.lines] == [each.line_id for each in before.lines]

    def test_nothing_personal_is_kept_of_an_order(self, mall: Bench, adapter: Adapter) -> None:
        if not adapter.abilities.orders.able:
            self.refuses(lambda: adapter.read_orders(last_hours(mall)))
            return
        order_id = mall.order(mall.codes[0], 1)
        shown = repr(adapter.read_orders(last_hours(mall)))
        assert order_id in shown
        assert not [name for name in mall.personal if name in shown]

    # ------------------------------------------------------------------- faults

    def test_every_fault_is_produced_or_ruled_out_by_a_fact(self, mall: Bench) -> None:
        assert mall.faults | mall.missing_faults.keys() == FAULTS
        assert not mall.faults & mall.missing_faults.keys()
        assert all(mall.missing_faults.values())

    @pytest.mark.parametrize("retry_after", [None, 17])  # longer than any call waits
    def test_quota_is_told_with_the_time_to_wait(
        self, mall: Bench, adapter: Adapter, retry_after: int | None
    ) -> None:
        self.need_fault(mall, "rate_limit")
        mall.fault("rate_limit", **({} if retry_after is None else {"retry_after": retry_after}))
        with pytest.raises(RateLimitedError) as caught:
            adapter.write_stock([line(mall, mall.codes[0], 1)])
        assert caught.value.retry_after_s == retry_after

    @pytest.mark.parametrize(
        ("fault", "expected"), [("server_error", TemporaryError), ("maintenance", MaintenanceError)]
    )
    def test_trouble_at_the_mall_is_classed(
        self, mall: Bench, adapter: Adapter, fault: str, expected: type[MallError]
    ) -> None:
        self.need_fault(mall, fault)
        mall.fault(fault)
        for read in reads(mall, adapter):
            with pytest.raises(expected):
                read()
        errors = try_write(adapter, [line(mall, mall.codes[0], 1)])
        assert errors
        assert all(isinstance(error, expected | OutcomeUnknownError) for error in errors)
        mall.clear_faults()
        assert carry_out(mall, adapter, [line(mall, mall.codes[0], 1)])[0].outcome is Outcome.DONE

    @pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
    def test_lost_answer_is_never_called_done_and_the_number_may_be_written_again(
        self, mall: Bench, adapter: Adapter, fault: str
    ) -> None:
        self.need_fault(mall, fault)
        lines = [line(mall, mall.codes[0], 2), line(mall, mall.codes[1], 3)]
        mall.fault(fault)
        errors = try_write(adapter, lines)
        assert errors
        allowed = OutcomeUnknownError | NotSentError | TemporaryError
        assert all(isinstance(error, allowed) for error in errors)
        mall.settle()
        if fault == "cut_after" and mall.stock(mall.codes[0]) == 2:
            assert all(isinstance(error, OutcomeUnknownError) for error in errors)
        mall.clear_faults()
        assert [result.outcome for result in carry_out(mall, adapter, lines)] == [Outcome.DONE] * 2
        assert [mall.stock(code) for code in mall.codes[:2]] == [2, 3]

    @pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
    def test_lost_answer_to_a_read_is_temporary(self, mall: Bench, adapter: Adapter, fault: str) -> None:
        self.need_fault(mall, fault)
        mall.fault(fault)
        for read in reads(mall, adapter):
            with pytest.raises((TemporaryError, NotSentError)):
                read()

    def test_html_instead_of_data_is_not_understood(self, mall: Bench, adapter: Adapter) -> None:
        self.need_fault(mall, "html")
        mall.fault("html")
        for read in reads(mall, adapter):
            with pytest.raises(UnexpectedReplyError):
                read()
        assert try_write(adapter, [line(mall, mall.codes[0], 1)])

    def test_no_connection_means_that_nothing_was_sent(self, mall: Bench) -> None:
        adapter = mall.unreachable()
        if not adapter.abilities.quotas:
            pytest.skip("no call is ever made to this mall")
        for call in [adapter.check, *reads(mall, adapter)]:
            with pytest.raises(NotSentError):
                call()
        errors = try_write(adapter, [line(mall, mall.codes[0], 1)])
        assert [type(error) for error in errors] == [NotSentError]
        adapter.close()

    def test_no_secret_and_no_buyer_in_any_log_or_error(
        self, mall: Bench, adapter: Adapter, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        if adapter.abilities.orders.able:
            mall.order(mall.codes[0], 1)
        seen = [repr(adapter), repr(vars(adapter))]
        lines = [line(mall, mall.codes[0], 1)]
        for fault in ["", *sorted(mall.faults), "expired"]:
            mall.clear_faults()
            self.start(mall, fault)
            other = mall.adapter()  # its pace is not held up by the last fault
            calls = [other.check, *reads(mall, other), other.credential_status]
            for call in [*calls, lambda other=other: other.write_stock(lines)]:
                try:
                    seen.append(repr(call()))
                except MallError as error:
                    seen.append(everything_of(error))
            other.close()
        seen += [record.getMessage() + str(record.exc_text) for record in caplog.records]
        text = "\n".join(seen)
        assert not [secret for secret in [*mall.secrets, *mall.personal] if secret in text]

    def start(self, mall: Bench, fault: str) -> None:
        if fault == "expired":
            mall.expire()
        elif fault:
            mall.fault(fault)

    # ------------------------------------------------------------------- abilities

    def test_every_ability_says_why_and_where_it_was_read(self, adapter: Adapter) -> None:
        can = adapter.abilities
        stated = [can.readable, can.products, can.orders, can.relative_write, can.writable]
        for ability in filter(None, stated):
            assert ability.why
            assert ability.source
            datetime.strptime(ability.verified, "%Y-%m-%d")  # noqa: DTZ007
        assert can.name_ja
        assert can.code_field
        assert all(kind.label_ja for kind in can.credentials)
        assert can.quotas or can.writable, "who makes calls keeps to a quota"
