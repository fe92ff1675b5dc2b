"""What a tour or a test may choose about TEMPOSTAR and RoomClip, and the faults to switch on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

from sandbox.world import ControlError


@dataclass(frozen=True)
class Settings:
    """Delays are seconds of the sandbox's clock.

    Args:
        take_up_s: how often TEMPOSTAR looks into ``/stock/`` [design].
        send_interval_s: 在庫反映(送信間隔); 5 minutes in the RoomClip guide.
        poll_s: how often RoomClip looks into ``/netstock/`` [design].
        settle_s: a file that was written within this time is left for the next look [design].
        on_existing: what a sending does while the last ``stock.csv`` was not fetched [design].
        lowers_own_stock: RoomClip takes an order off the number it shows.
        tempostar_takes_off_orders: 受注取込 takes an order off 想定在庫数, as it does for a shop
            whose 受注取込 runs.
        cancelled_progress: 受注進捗コード of a cancelled order. [guess]: no document that we found
            names the code.
        order_export_s: from a shopper's order to the order file [guess].
        order_utf8: the order files are UTF-8 and say so in their names; the one seen was not.
        held_back: what a row without 保留在庫数 does to it [guess].
        row_errors: whether a row that was not taken is told in a log [design].
        outbound: the columns of ``stock.csv``: ours for 「全項目と在庫」 [design], or the two seen.
    """

    take_up_s: float = 300
    send_interval_s: float = 300
    poll_s: float = 300
    settle_s: float = 3
    on_existing: Literal["carry", "overwrite", "merge"] = "carry"
    lowers_own_stock: bool = True
    tempostar_takes_off_orders: bool = True
    new_progress: str = "100"
    cancelled_progress: str = "900"
    order_export_s: float = 0
    order_utf8: bool = False
    held_back: Literal["kept", "cleared"] = "kept"
    row_errors: Literal["log", "silent"] = "log"
    outbound: Literal["full", "two_columns"] = "full"
    rows_per_sending: int = 2000
    session_reuse_required: bool = True
    quota_bytes: int = 50_000_000
    shop_code: str = "12345"
    user: str = "sandbox-merchant"
    password: str = "sandbox-ftp-password"


@dataclass
class Faults:
    """What is broken on purpose now. Each stays until cleared, but ``hold`` serves once.

    Args:
        cut_before: the line is cut when a file is to be stored or fetched.
        cut_after: the line is cut once a file was fetched or has got its final name.
        refuse: the answer to every command of work; a 421 is given to whoever comes.
        orders_cut_in_row: an order file stays half written, in the middle of a row, until cleared.
        orders_cut_between_rows: likewise, and what is there ends with a whole row.
    """

    login_530: bool = False
    tls_refused: bool = False
    cert_expired: bool = False
    quota_full: bool = False
    not_taken: bool = False
    reader_dead: bool = False
    hold: bool = False
    cut_before: bool = False
    cut_after: bool = False
    orders_cut_in_row: bool = False
    orders_cut_between_rows: bool = False
    refuse: str | None = None
    cut_after_bytes: int | None = None

    def switch_on(self, name: str, arguments: dict[str, Any]) -> None:
        """Switch one fault on; ``cut_after_bytes`` needs ``bytes``, ``refuse`` needs ``reply``."""
        if name not in {known.name for known in fields(self)}:
            raise ControlError(f"unknown fault {name!r}; known: {[known.name for known in fields(self)]}")
        argument = {"cut_after_bytes": "bytes", "refuse": "reply"}.get(name)
        allowed = {argument} if argument else set()
        if set(arguments) != allowed:
            raise ControlError(f"{name} takes {sorted(allowed)}, not {sorted(arguments)}")
        given = arguments[argument] if argument else True
        setattr(self, name, int(given) if argument == "bytes" else given)

    def clear(self) -> None:
        """Switch every fault off."""
        for known in fields(self):
            setattr(self, known.name, known.default)

    def names(self) -> list[str]:
        """Give the faults that are on."""
        return [known.name for known in fields(self) if getattr(self, known.name) not in (False, None)]
