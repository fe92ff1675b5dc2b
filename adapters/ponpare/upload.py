"""One upload to the mall: which lines go into which file, whether the slots are free, and the answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from adapters.contract import Abilities, Address, LineResult, Outcome, StockLine
from adapters.errors import (
    LineRejectedError,
    OutcomeUnknownError,
    RateLimitedError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.files import Entry, FtpsSession, NotThereError
from adapters.ponpare import wire
from adapters.ponpare.goods import Goods
from adapters.ponpare.options import Options
from adapters.ponpare.wire import Answer, Form, Mark, Ticket

FILE_MAX_BYTES = 20_000_000
_MANAGE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")


@dataclass(frozen=True)
class Part:
    """The lines of one file, by their places in the call."""

    form: Form
    places: Sequence[int]


# --------------------------------------------------------------------------- before the call


def screened(lines: Sequence[StockLine], can: Abilities, goods: Goods) -> dict[int, LineResult]:
    """Refuse, before any call, lines that the mall would refuse, that stand twice, or that do harm."""
    results: dict[int, LineResult] = {}
    seen: set[Address] = set()
    for place, line in enumerate(lines):
        reason = _fault_of(line, can) or goods.fault_of(wire.folded(line.address))
        if not reason and wire.folded(line.address) in seen:
            reason = "twice in one call"
        if not reason:
            seen.add(wire.folded(line.address))
        else:
            results[place] = refused(line, reason, "write_stock")
    return results


def _fault_of(line: StockLine, can: Abilities) -> str:
    code = line.mall_code
    if not re.fullmatch(can.code_pattern, code) or len(code.encode()) > can.code_max_bytes:
        return f"not a code that {can.code_field} can hold"
    if len(line.address) not in (1, 3) or not _MANAGE_ID.fullmatch(line.address[0]):
        return "no 商品管理ID of the right form; import the products"
    if not 0 <= line.quantity <= can.quantity_max:
        return f"quantity {line.quantity} is outside 0..{can.quantity_max}"
    return ""


def refused(line: StockLine, reason: str, operation: str, ticket: str = "", hint: str = "") -> LineResult:
    """Give a line as refused."""
    error = LineRejectedError(line.mall_code, reason, operation=operation, hint=hint)
    return LineResult(line, Outcome.REFUSED, error, ticket)


def parts_of(lines: Sequence[StockLine], results: Mapping[int, LineResult]) -> list[Part]:
    """Give the files to send.

    option.csv goes first: it must never be put for a product whose item.csv still waits.
    """
    places: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if place not in results:
            places.setdefault(wire.form_of(line.address).name, []).append(place)
    return [Part(form, places[form.name]) for form in (wire.OPTION, wire.ITEM) if form.name in places]


def content_of(part: Part, lines: Sequence[StockLine], goods: Goods, options: Options) -> bytes:
    """Make the bytes of one file."""
    chosen = [(wire.folded(lines[place].address), lines[place].quantity) for place in part.places]
    if part.form is wire.ITEM:
        return wire.item_file(chosen, options.stock_type if options.send_stock_type else "")
    return wire.option_file((goods.skus[address], quantity) for address, quantity in chosen)


# --------------------------------------------------------------------------- the slots


def listing(files: FtpsSession, folder: str) -> Sequence[Entry]:
    """List a folder that must be there."""
    with named(folder):
        return files.list(folder or "/")


@contextmanager
def named(folder: str) -> Iterator[None]:
    """Give an error as the core may know it: a name that is not there is a folder's."""
    try:
        yield
    except NotThereError as error:
        text = f"the file area has no folder {folder or '/'}, or takes no file there"
        raise UnexpectedReplyError(text, operation=error.operation, vendor_code="550") from error


def waiting(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Find the slots that are taken: the mall has not yet fetched what lies there."""
    files = {entry.name.lower(): entry for entry in entries if not entry.folder}
    return {name: entry for name, entry in files.items() if name in wire.FORMS}


def need_free_slots(
    held: Mapping[str, Entry], parts: Collection[Part], options: Options, now: datetime
) -> None:
    """Refuse to go on while a file of the same name lies there: nothing is ever put over it.

    item.csv that waits holds option.csv back too, as both may name one product.

    Raises:
        RateLimitedError: the slot is busy; look again soon.
        TemporaryError: it has been so for ``slot_wait_s`` (hint ``slot_busy``).
    """
    wanted = {part.form.name for part in parts} | {wire.ITEM.name}
    busy = [entry for name, entry in held.items() if name in wanted]
    if not busy:
        return
    text = f"slot busy: {', '.join(sorted(entry.name for entry in busy))} was not taken yet"
    since = min((entry.modified for entry in busy if entry.modified), default=now)
    if (now - since).total_seconds() > options.slot_wait_s:
        raise TemporaryError(text, operation="write_stock", hint="slot_busy")
    raise RateLimitedError(text, retry_after_s=options.slot_poll_s, operation="write_stock")


def content_at(files: FtpsSession, path: str) -> bytes | None:
    """Read what lies in a slot; None if it is free."""
    try:
        return files.get(path, FILE_MAX_BYTES)
    except NotThereError:
        return None


def discard_part(files: FtpsSession, path: str, found: bytes, whole: bytes) -> None:
    """Delete from a slot what is only the beginning of our file."""
    if found != whole and whole.startswith(found):
        files.discard(path)


# --------------------------------------------------------------------------- the answers


def newest(form: Form, entries: Iterable[Entry]) -> Mark:
    """Give the place of the newest answer to a kind of file."""
    return max((wire.mark_of(entry) for entry in entries if form.is_result(entry.name)), default=Mark())


def answers(
    files: FtpsSession, folder: str, entries: Iterable[Entry], form: Form, after: Mark
) -> list[Answer]:
    """Read the answers to a kind of file that came after a mark, oldest first."""
    found = [entry for entry in entries if form.is_result(entry.name) and wire.mark_of(entry) > after]
    read = [_read(files, f"{folder}/{entry.name}", form, entry) for entry in sorted(found, key=wire.mark_of)]
    return [answer for answer in read if answer]


def _read(files: FtpsSession, path: str, form: Form, entry: Entry) -> Answer | None:
    try:
        content = files.get(path, FILE_MAX_BYTES)
    except NotThereError:
        return None  # somebody took it away
    try:
        return wire.read_answer(form, entry, content)
    except UnexpectedReplyError as error:
        if wire.is_being_written(content):
            return None
        return Answer(wire.mark_of(entry), unreadable=str(error))


def settled(result: LineResult, ticket: Ticket, found: Iterable[Answer]) -> LineResult:
    """Give what became of a line: the oldest answer after its upload that has its row, number and all.

    A row with another number belongs to another upload. Without such a row, an answer that refuses a
    whole file, or that cannot be read, is taken to mean ours: it must not block those that come after.
    """
    later = [answer for answer in found if answer.at > ticket.after]
    key = wire.row_key(result.line.address, result.line.quantity)
    if said := [answer.said[key] for answer in later if key in answer.said]:
        if said[0] == wire.GOOD:
            return LineResult(result.line, Outcome.DONE, ticket=result.ticket)
        return refused(result.line, said[0] or "no reason given", "confirm", result.ticket)
    if whole := [answer.whole for answer in later if answer.whole]:
        return refused(result.line, f"the whole file: {whole[0]}", "confirm", result.ticket, "file_refused")
    if why := [answer.unreadable for answer in later if answer.unreadable]:
        error = OutcomeUnknownError(f"the mall's answer: {why[0]}", operation="confirm")
        return LineResult(result.line, Outcome.UNKNOWN, error, result.ticket)
    return result


def remove_recorded(
    files: FtpsSession, folder: str, entries: Iterable[Entry], form: Form, before: Mark
) -> None:
    """Delete the answers that no upload can still be waiting for; their rows are recorded.

    They were there before the oldest upload whose lines are still asked about. A server that lets
    none be deleted keeps them, which does no harm.
    """
    for entry in entries:
        if form.is_result(entry.name) and wire.mark_of(entry) <= before:
            with suppress(NotThereError, UnexpectedReplyError):
                files.discard(f"{folder}/{entry.name}")


def has_row(found: Iterable[Answer], lines: Iterable[StockLine]) -> bool:
    """Say whether the answers name a row of ours, which proves that our file was taken."""
    keys = {wire.row_key(line.address, line.quantity) for line in lines}
    return any(not keys.isdisjoint(answer.said) for answer in found)
