"""What is refused before any call: lines that the mall would refuse, or that stand there twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.contract import Abilities, Address, LineResult, Outcome, StockLine
from adapters.errors import LineRejectedError


def _as_it_is(address: Address) -> Address:
    return address


@dataclass(frozen=True)
class Screen:
    """How one mall screens lines.

    Args:
        operation: what refusals name.
        is_address: tells whether an address has the form that the mall's own have.
        no_address: why a line with another address is refused.
        twice: why the second line of one place is refused.
        place_of: gives the place that an address means, where several mean the same.
    """

    operation: str
    is_address: Callable[[Address], bool]
    no_address: str
    twice: str = "the same SKU is in the batch twice"
    place_of: Callable[[Address], Address] = field(default=_as_it_is)

    def refused_of(self, lines: Sequence[StockLine], abilities: Abilities) -> dict[int, LineResult]:
        """Give the lines that must not be sent, by their place in the batch."""
        results: dict[int, LineResult] = {}
        seen: set[Address] = set()
        for number, line in enumerate(lines):
            reason = self._fault_of(line, abilities)
            if not reason and self.place_of(line.address) in seen:
                reason = self.twice
            if reason:
                results[number] = self.refused(line, reason)
            else:
                seen.add(self.place_of(line.address))
        return results

    def refused(self, line: StockLine, reason: str, vendor_code: str = "") -> LineResult:
        """Give the result of a line that is refused, here or by the mall."""
        error = LineRejectedError(line.mall_code, reason, operation=self.operation, vendor_code=vendor_code)
        return LineResult(line, Outcome.REFUSED, error)

    def _fault_of(self, line: StockLine, abilities: Abilities) -> str:
        code = line.mall_code
        if not re.fullmatch(abilities.code_pattern, code) or len(code.encode()) > abilities.code_max_bytes:
            return f"the code has a letter that {abilities.code_field} cannot hold, or is too long"
        if not self.is_address(line.address):
            return self.no_address
        if not 0 <= line.quantity <= abilities.quantity_max:
            return f"quantity {line.quantity} is outside 0..{abilities.quantity_max}"
        return ""
