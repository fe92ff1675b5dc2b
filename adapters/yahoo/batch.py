"""A stock batch to its end: what is refused is named, and never holds back the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.contract import Abilities, Address, LineResult, Outcome, StockLine
from adapters.errors import (
    MallError,
    OutcomeUnknownError,
    TemporaryError,
    UnexpectedReplyError,
)
from adapters.screening import Screen
from adapters.yahoo import wire

CALLS_MAX = 64  # a refused batch is cut up with no more calls than this
_NAME = wire.SET_STOCK.name

SCREEN = Screen(
    _NAME,
    wire.is_address,
    "no 商品コード and 個別商品コード of the right form; import the products",
    twice="the same code is in the batch twice",
)


@dataclass(frozen=True)
class Answer:
    """What one call came to: rows, refused as a whole for its lines' sake, or lost (maybe done)."""

    rows: Mapping[Address, wire.Row] | None = None
    refused: wire.Fault | None = None
    lost: MallError | None = None


Send = Callable[[Sequence[StockLine]], Answer]
"""Makes one call. Raises ``MallError`` where surely nothing was changed."""


def write_all(lines: Sequence[StockLine], abilities: Abilities, send: Send) -> list[LineResult]:
    """Write lines and give their results in order.

    Rows that the mall refuses are named in its answer. A refusal of the whole call that speaks of
    a line's form names none, and is cut in halves until single lines are left. The error of the
    first call is raised; one of a later call leaves its lines unknown.
    """
    results = SCREEN.refused_of(lines, abilities)
    good = [place for place in range(len(lines)) if place not in results]
    waiting = deque([good] if good else [])
    for calls in range(CALLS_MAX):
        if not waiting:
            break
        batch = waiting.popleft()
        try:
            answer = send([lines[place] for place in batch])
        except MallError as error:
            if calls == 0:
                raise
            answer = Answer(lost=error)
        waiting.extend(_settle(batch, lines, answer, results))
    for batch in waiting:
        untried = TemporaryError("refused as a batch, not tried singly", operation=_NAME)
        _settle(batch, lines, Answer(lost=untried), results)
    return [results[place] for place in range(len(lines))]


def _settle(
    batch: Sequence[int], lines: Sequence[StockLine], answer: Answer, results: dict[int, LineResult]
) -> list[list[int]]:
    """Record what an answer settles; give what must be sent again."""
    if answer.refused and len(batch) > 1:
        middle = len(batch) // 2
        return [list(batch[:middle]), list(batch[middle:])]
    for place in batch:
        results[place] = _result(lines[place], answer)
    return []


def _result(line: StockLine, answer: Answer) -> LineResult:
    if answer.refused:
        return SCREEN.refused(line, answer.refused.message or answer.refused.code, answer.refused.code)
    if answer.rows is None:
        return LineResult(line, Outcome.UNKNOWN, answer.lost)
    row = answer.rows.get(line.address)
    if row and row.code in wire.LINE_CODES:
        return SCREEN.refused(line, row.code, row.code)
    error = _doubt(line, row)
    return LineResult(line, Outcome.UNKNOWN if error else Outcome.DONE, error)


def _doubt(line: StockLine, row: wire.Row | None) -> MallError | None:
    """Say why a row does not prove that the number stands."""
    if row is None:
        return UnexpectedReplyError(f"{_NAME}: {line.mall_code} is not in the answer", operation=_NAME)
    if row.code:
        return wire.row_error(line.mall_code, row.code)
    if row.quantity != line.quantity:
        shown = "no number" if row.quantity is None else str(row.quantity)
        return OutcomeUnknownError(
            f"{_NAME}: {line.mall_code}: {line.quantity} was sent, the answer says {shown}",
            operation=_NAME,
            codes=(line.mall_code,),
        )
    return None
