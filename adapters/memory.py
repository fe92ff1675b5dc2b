"""A mall in memory on a given clock: no threads, no sockets, the same every time.

``MemoryMall`` is the mall's own side (shelves, shoppers, faults), ``MemoryAdapter`` the bot's.
The adapter passes the contract first, and the simulation of the core runs on it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from adapters.contract import (
    Abilities,
    Ability,
    Adapter,
    Address,
    CheckResult,
    Clock,
    CredentialKind,
    Credentials,
    CredentialState,
    CredentialStatus,
    Grant,
    LineResult,
    LineState,
    LowersOwnStock,
    Order,
    OrderLine,
    Outcome,
    Product,
    Quota,
    ShopSettings,
    StockLevel,
    StockLine,
    Window,
)
from adapters.errors import (
    AuthError,
    LineRejectedError,
    MallError,
    OutcomeUnknownError,
    UnsupportedError,
)
from adapters.secret import Secret

_HERE = "adapters/memory.py"
_SINCE = "2026-09-30"
_PAGE = 1_000

MEMORY_ABILITIES = Abilities(
    mall="memory",
    name_ja="メモリーモール",
    name_en="Memory mall",
    code_field="コード",
    code_pattern=r"[0-9A-Za-z_-]+",
    code_max_bytes=64,
    quantity_max=99_999,
    readable=Ability(True, "read from memory", _HERE, _SINCE),
    products=Ability(True, "read from memory", _HERE, _SINCE),
    orders=Ability(True, "read from memory", _HERE, _SINCE),
    relative_write=Ability(False, "there is no such call", _HERE, _SINCE),
    write_batch=400,
    read_batch=1000,
    quotas={"all": Quota(1000)},
    credentials=(CredentialKind("key", "キー", "key"),),
    lowers_own_stock=LowersOwnStock.AT_ORDER,
    visible_after_s=0,
    look_back_s=63 * 86_400,
    address_is_code=True,
)


class Lost(StrEnum):
    """Where an answer is lost: before the call had its effect, or after."""

    BEFORE = "before"
    AFTER = "after"


@dataclass
class _Sale:
    order: Order
    visible_at: datetime


@dataclass
class _File:
    """A late write: the numbers and when the mall takes them up."""

    lines: tuple[StockLine, ...]
    due: datetime


@dataclass
class MemoryMall:
    """One mall's world.

    Args:
        clock: the only source of time.
        stock: what buyers see, by code; every key is a listing.
        lowers_own_stock: take sales off at once.
        returns_stock_on_cancel: put cancelled pieces back.
        order_lag_s: how long an order stays unseen by ``read_orders``.
        take_up_s: how long a write waits to be taken up; only for late-confirming abilities.
        key: the credential that is accepted now; "" accepts none.
    """

    clock: Clock
    stock: dict[str, int]
    lowers_own_stock: bool = True
    returns_stock_on_cancel: bool = False
    order_lag_s: float = 0
    take_up_s: float = 0
    key: str = field(default="memory-key", repr=False)
    names: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # codes whose writes the mall refuses
    calls: list[str] = field(default_factory=list)  # every call received, by method
    _sales: dict[str, _Sale] = field(default_factory=dict)
    _files: dict[str, _File] = field(default_factory=dict)
    _faults: dict[str, deque[MallError | Lost]] = field(default_factory=dict)
    _consents: dict[str, str] = field(default_factory=dict, repr=False)

    # ----------------------------------------------------------------------- shoppers and hands

    def order(self, lines: Mapping[str, int]) -> str:
        """Buy pieces by code and give the order's id; "" if the mall shows too few."""
        self.settle()
        if self.lowers_own_stock and any(self.stock[code] < n for code, n in lines.items()):
            return ""
        now = self.clock.now()
        order_id = f"M-{len(self._sales) + 1:06d}"
        rows = [
            OrderLine(str(place), code, (code,), count, LineState.SOLD, now)
            for place, (code, count) in enumerate(lines.items(), 1)
        ]
        self._sales[order_id] = _Sale(
            Order(order_id, now, tuple(rows)), now + timedelta(seconds=self.order_lag_s)
        )
        if self.lowers_own_stock:
            self._add(rows, -1)
        return order_id

    def cancel(self, order_id: str) -> None:
        """Cancel a whole order; a second time changes nothing."""
        order = self._sales[order_id].order
        if order.closed:
            return
        if self.returns_stock_on_cancel:
            self._add(order.lines, 1)
        now = self.clock.now()
        lines = tuple(replace(line, state=LineState.CANCELLED, revision=now) for line in order.lines)
        self._sales[order_id].order = replace(order, lines=lines, closed=True)

    def reduce(self, order_id: str, line_id: str, quantity: int) -> None:
        """Set the pieces of one line: what a partial cancel leaves."""
        order, now = self._sales[order_id].order, self.clock.now()
        lines = tuple(
            replace(line, quantity=quantity, revision=now) if line.line_id == line_id else line
            for line in order.lines
        )
        self._sales[order_id].order = replace(order, lines=lines)

    def sold(self) -> dict[str, int]:
        """Give the pieces sold and not cancelled, by code: the truth that the ledger must reach."""
        found = dict.fromkeys(self.stock, 0)
        for sale in self._sales.values():
            for line in sale.order.lines:
                if line.state is not LineState.CANCELLED:
                    found[line.mall_code] = found.get(line.mall_code, 0) + line.quantity
        return found

    def consent(self, url: str, key: str) -> str:
        """Consent as a person on the mall's page, to get ``key``; give the address that follows."""
        code = f"code-{len(self._consents) + 1}"
        self._consents[code] = key
        query = {"code": code, **dict(parse_qsl(urlsplit(url).query))}
        return f"https://merchant.invalid/back?{urlencode(query)}"

    def redeem(self, code: str) -> str:
        """Give the key for a code, which is accepted from now on; once, "" for another code."""
        key = self._consents.pop(code, "")
        self.key = key or self.key
        return key

    def _add(self, lines: Sequence[OrderLine], sign: int) -> None:
        for line in lines:
            self.stock[line.mall_code] += sign * line.quantity

    def settle(self, *, everything: bool = False) -> None:
        """Take up the late writes that are due, or all of them."""
        now = self.clock.now()
        for ticket, file in list(self._files.items()):
            if everything or file.due <= now:
                self.put(file.lines)
                del self._files[ticket]

    # ----------------------------------------------------------------------- faults

    def fail(self, method: str, error: MallError, times: int = 1) -> None:
        """Let the next calls of a contract method fail with this error, without effect."""
        self._faults.setdefault(method, deque()).extend([error] * times)

    def lose_answer(self, method: str, where: Lost, times: int = 1) -> None:
        """Lose the answers of the next calls, ``Lost.BEFORE`` or ``Lost.AFTER`` their effect."""
        self._faults.setdefault(method, deque()).extend([where] * times)

    def clear_faults(self) -> None:
        """Take back the faults that did not happen yet."""
        self._faults.clear()

    # ----------------------------------------------------------------------- for the adapter

    @contextmanager
    def call(self, method: str, key: str) -> Iterator[None]:
        """Be called: note it, check the key, and fail if told so."""
        self.calls.append(method)
        if not self.key or key != self.key:
            raise AuthError(f"{method}: the key was refused", operation=method)
        waiting = self._faults.get(method)
        fault = waiting.popleft() if waiting else None
        lost = OutcomeUnknownError(f"{method}: the answer was lost", operation=method)
        if isinstance(fault, MallError):
            raise fault
        if fault is Lost.BEFORE:
            raise lost
        self.settle()
        yield
        if fault is Lost.AFTER:
            raise lost

    def takes(self, code: str) -> bool:
        """Tell whether a write of this code would be taken."""
        return code in self.stock and code not in self.refused

    def put(self, lines: Sequence[StockLine]) -> None:
        """Set shown quantities at once."""
        for line in lines:
            self.stock[line.mall_code] = line.quantity

    def put_later(self, lines: Sequence[StockLine]) -> str:
        """Take lines for later and give their ticket."""
        ticket = f"F-{len(self.calls):06d}"
        self._files[ticket] = _File(tuple(lines), self.clock.now() + timedelta(seconds=self.take_up_s))
        return ticket

    def is_waiting(self, ticket: str) -> bool:
        """Tell whether a late write is not taken up yet."""
        return ticket in self._files

    def orders(self) -> list[Order]:
        """Give the orders that can be seen now, oldest first."""
        now = self.clock.now()
        return [sale.order for sale in self._sales.values() if sale.visible_at <= now]


class MemoryAdapter(Adapter):
    """The bot's side of a ``MemoryMall``."""

    abilities: ClassVar[Abilities] = MEMORY_ABILITIES

    def __init__(self, mall: MemoryMall, key: Secret) -> None:
        self._mall = mall
        self._key = key

    def check(self) -> CheckResult:
        """Show the key."""
        with self._call("check"):
            return CheckResult("memory")

    def read_products(self) -> list[Product]:
        """Give every listing."""
        self._need(self.abilities.products)
        with self._call("read_products"):
            names, codes = self._mall.names, list(self._mall.stock)
            found: list[Product] = []
            for start in range(0, len(codes), _PAGE):
                page = codes[start : start + _PAGE]
                found += [Product(code, (code,), names.get(code, code), on_sale=True) for code in page]
                self.progress(len(found), len(codes))
            return found

    def read_stock(self, addresses: Sequence[Address]) -> dict[Address, StockLevel]:
        """Give what buyers see."""
        self._need(self.abilities.readable)
        if not addresses:
            return {}
        with self._call("read_stock"):
            shown = self._mall.stock
            return {
                address: StockLevel(address, shown[address[0]])
                for address in addresses
                if address[0] in shown
            }

    def write_stock(self, lines: Sequence[StockLine]) -> list[LineResult]:
        """Set quantities, at once or when the mall takes them up.

        Raises:
            ValueError: more lines than ``write_batch``; no call was made.
        """
        most = self.abilities.write_batch
        if most is not None and len(lines) > most:
            raise ValueError(f"{len(lines)} lines, at most {most} in one call")
        results = {place: bad for place, line in enumerate(lines) if (bad := self._screened(line))}
        good = [place for place in range(len(lines)) if place not in results]
        if good:
            results |= self._write(good, lines)
        return [results[place] for place in range(len(lines))]

    def _write(self, places: Sequence[int], lines: Sequence[StockLine]) -> dict[int, LineResult]:
        taken = [place for place in places if self._mall.takes(lines[place].mall_code)]
        try:
            with self._call("write_stock"):
                outcome, ticket = self._put([lines[place] for place in taken])
        except OutcomeUnknownError as error:
            return {place: LineResult(lines[place], Outcome.UNKNOWN, error) for place in places}
        results = {place: _rejected(lines[place], "the mall does not take this code") for place in places}
        return results | {place: LineResult(lines[place], outcome, ticket=ticket) for place in taken}

    def _put(self, lines: Sequence[StockLine]) -> tuple[Outcome, str]:
        if self.abilities.late_confirm:
            return Outcome.SENT, self._mall.put_later(lines)
        self._mall.put(lines)
        return Outcome.DONE, ""

    def _screened(self, line: StockLine) -> LineResult | None:
        limits, code = self.abilities, line.mall_code
        if not re.fullmatch(limits.code_pattern, code) or len(code.encode()) > limits.code_max_bytes:
            return _rejected(line, "the code has a bad form")
        if line.address != (code,):
            return _rejected(line, "the address is not the code")
        if not 0 <= line.quantity <= limits.quantity_max:
            return _rejected(line, f"quantity {line.quantity} is outside 0..{limits.quantity_max}")
        return None

    def confirm(self, lines: Sequence[LineResult]) -> list[LineResult]:
        """Tell which late writes were taken up."""
        if not lines:
            return []
        if not self.abilities.late_confirm:
            raise UnsupportedError("a write is answered at once", operation="confirm")
        with self._call("confirm"):
            return [
                line if self._mall.is_waiting(line.ticket) else replace(line, outcome=Outcome.DONE)
                for line in lines
            ]

    def read_orders(self, window: Window) -> list[Order]:
        """Give the orders placed within the window that the mall shows already."""
        self._need(self.abilities.orders)
        with self._call("read_orders"):
            return [
                order for order in self._mall.orders() if window.since <= order.ordered_at <= window.until
            ]

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Give these orders as they stand now."""
        self._need(self.abilities.orders)
        if not order_ids:
            return []
        with self._call("read_orders_again"):
            wanted = set(order_ids)
            return [order for order in self._mall.orders() if order.order_id in wanted]

    def credential_status(self) -> list[CredentialStatus]:
        """Tell whether the key is the one that the mall accepts now."""
        try:
            with self._call("credential_status"):
                return [CredentialStatus("key", CredentialState.OK)]
        except AuthError:
            return [CredentialStatus("key", CredentialState.REFUSED)]

    def consent_url(self, state: str) -> str:
        """Give the page on which a person consents."""
        return f"https://memory.invalid/consent?{urlencode({'state': state})}"

    def redeem(self, pasted: str, state: str) -> Grant:
        """Turn the address that followed a consent into a key of 28 days."""
        found = dict(parse_qsl(urlsplit(pasted).query)) if "=" in pasted else {"code": pasted}
        key = self._mall.redeem(found.get("code", "")) if found.get("state", state) == state else ""
        if not key:
            raise AuthError("the consent was refused", operation="redeem")
        return Grant({"key": Secret(key)}, self._mall.clock.now() + timedelta(days=28))

    def normalise(self, line: StockLine) -> StockLine:
        """Give the line within the mall's cap."""
        return replace(line, quantity=min(line.quantity, self.abilities.quantity_max))

    def _call(self, method: str) -> AbstractContextManager[None]:
        return self._mall.call(method, self._key.reveal())

    def _need(self, ability: Ability) -> None:
        if not ability.able:
            raise UnsupportedError(ability.why)


def with_abilities(abilities: Abilities) -> type[MemoryAdapter]:
    """Make the memory adapter's class with other abilities: another mall's batches, lags, lateness."""
    return type("MemoryAdapter", (MemoryAdapter,), {"abilities": abilities})


def create(settings: ShopSettings, credentials: Credentials, clock: Clock, stop: Event) -> Adapter:
    """Make the adapter of a mall of its own.

    Options: ``stock``, as ``code=quantity`` joined by commas. Its key is the credential ``key``.
    """
    del stop
    pairs = (part.split("=") for part in str(settings.options.get("stock", "")).split(",") if part)
    key = credentials.get("key", Secret(""))
    mall = MemoryMall(clock, {code: int(quantity) for code, quantity in pairs}, key=key.reveal())
    return MemoryAdapter(mall, key)


def _rejected(line: StockLine, reason: str) -> LineResult:
    error = LineRejectedError(line.mall_code, reason, operation="write_stock")
    return LineResult(line, Outcome.REFUSED, error)
