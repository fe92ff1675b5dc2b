"""A stock batch to its end: what is refused is named, and never holds back the rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.contract import Abilities, LineResult, Outcome, StockLine
from adapters.errors import MallError, TemporaryError
from adapters.rakuten import wire
from adapters.screening import Screen

CALLS_MAX = 64  # a refused batch is cut up with no more calls than this

SCREEN = Screen(
    wire.UPSERT.name,
    wire.is_address,
    "no 商品管理番号 and SKU管理番号 of the right form; import the products",
    place_of=wire.key,
)


@dataclass(frozen=True)
class Answer:
    """What one bulk call came to: done, refused (the faults say why), or lost (maybe done)."""

    refused: Sequence[wire.Fault] = ()
    lost: MallError | None = None


Send = Callable[[Sequence[StockLine]], Answer]
"""Makes one bulk call. Raises ``MallError`` where surely nothing was changed."""


def write_all(lines: Sequence[StockLine], abilities: Abilities, send: Send) -> list[LineResult]:
    """Write lines and give their results in order.

    Rows that the mall names are refused and the others sent again; a refusal that names none is
    cut in halves until single rows are left. The error of the first call is raised; after that,
    one that stops a later call leaves its lines unknown, as an earlier call may have done part.
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
        untried = TemporaryError("refused as a batch, not tried singly", operation=wire.UPSERT.name)
        _settle(batch, lines, Answer(lost=untried), results)
    return [results[place] for place in range(len(lines))]


def _settle(
    batch: Sequence[int], lines: Sequence[StockLine], answer: Answer, results: dict[int, LineResult]
) -> list[list[int]]:
    """Record what an answer settles; give what must be sent again."""
    if not answer.refused:
        outcome = Outcome.UNKNOWN if answer.lost else Outcome.DONE
        results |= {place: LineResult(lines[place], outcome, answer.lost) for place in batch}
        return []
    named = wire.named_rows(answer.refused, len(batch))
    if len(batch) == 1:
        named = {0: answer.refused[0]}
    for row, fault in named.items():
        results[batch[row]] = SCREEN.refused(lines[batch[row]], fault.message or fault.code, fault.code)
    rest = [place for row, place in enumerate(batch) if row not in named]
    if named:
        return [rest] if rest else []
    middle = len(rest) // 2
    return [rest[:middle], rest[middle:]]
