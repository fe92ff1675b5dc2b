"""What the adapters of malls share that take files and cannot do all that an API can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NoReturn

from adapters.contract import Ability, Adapter, CredentialState, CredentialStatus, Order, Window
from adapters.errors import AuthError, UnsupportedError


def deny(operation: str, ability: Ability | None) -> NoReturn:
    """Refuse what a declared ability rules out.

    Raises:
        UnsupportedError: always; it says why.
    """
    raise UnsupportedError(ability.why if ability else "", operation=operation)


class WithoutOrders(Adapter):
    """An adapter whose mall gives no orders this way."""

    def read_orders(self, window: Window) -> list[Order]:
        """Unsupported: see the abilities."""
        del window
        deny("read_orders", self.abilities.orders)

    def read_orders_again(self, order_ids: Sequence[str]) -> list[Order]:
        """Unsupported: see the abilities."""
        del order_ids
        deny("read_orders_again", self.abilities.orders)


def login_status(
    log_in: Callable[[], AbstractContextManager[object]], kinds: Iterable[str], missing: str
) -> list[CredentialStatus]:
    """Log in and out; a file server judges user and password together, and tells no end.

    Args:
        missing: the hint of the error for a credential that was never set.
    """
    state, note = CredentialState.OK, ""
    try:
        with log_in():
            pass
    except AuthError as error:
        never_set = error.hint == missing
        state = CredentialState.UNKNOWN if never_set else CredentialState.REFUSED
        note = "not set" if never_set else str(error)
    return [CredentialStatus(kind, state, note=note) for kind in kinds]
