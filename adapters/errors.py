"""What can go wrong at a mall, classed by what the runner must do about it.

Every class answers three questions: may the call be repeated (``retry``), how much does it
stop (``scope``), and does a person hear of it (``alert``). Messages are English, for the log;
the sentence a person reads comes from ``bot/messages/`` by the class's ``cause``.
No message holds a secret, a query string or personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """When the failed call may be made again."""

    NOW = "now"
    LATER = "later"
    REREAD_FIRST = "reread_first"
    NEVER = "never"


class Scope(StrEnum):
    """How much of the work the failure stops."""

    LINE = "line"
    SHOP = "shop"
    RUN = "run"


class Alert(StrEnum):
    """Whether a person is told: once per change of state, in the report's list of lines, or not."""

    ONCE = "once"
    LINE_LIST = "line_list"
    NONE = "none"


class TanabanError(Exception):
    """Base of every error of ours that a runner sorts by class."""

    retry: ClassVar[Retry] = Retry.NEVER
    scope: ClassVar[Scope] = Scope.RUN
    alert: ClassVar[Alert] = Alert.ONCE
    cause: ClassVar[str] = "unknown"


class MallError(TanabanError):
    """A mall did not do what was asked.

    Args:
        message: English, for the log; free of secrets, query strings and personal data.
        operation: the contract's method or the mall's own function name.
        vendor_code: the mall's own code, where it gave one.
        hint: a key of ``bot/messages`` for a next step more exact than the class's own.
    """

    scope: ClassVar[Scope] = Scope.SHOP
    cause: ClassVar[str] = "mall"

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        codes: Sequence[str] = (),
        vendor_code: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.codes = tuple(codes)
        self.vendor_code = vendor_code
        self.hint = hint


class NotSentError(MallError):
    """There was no connection; the request never left, so it had no effect."""

    retry = Retry.NOW
    cause = "not_sent"


class OutcomeUnknownError(MallError):
    """A write was sent and no readable answer came: it may or may not have had an effect."""

    retry = Retry.REREAD_FIRST
    scope = Scope.LINE
    alert = Alert.LINE_LIST
    cause = "outcome_unknown"


class RateLimitedError(MallError):
    """The mall's quota is used up.

    Args:
        retry_after_s: seconds to wait; None where the mall did not say.
    """

    retry = Retry.LATER
    alert = Alert.NONE
    cause = "rate_limited"

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, operation: str = "", vendor_code: str = ""
    ) -> None:
        super().__init__(message, operation=operation, vendor_code=vendor_code)
        self.retry_after_s = retry_after_s


class MaintenanceError(MallError):
    """The mall says it is closed; ``until`` where it says for how long."""

    retry = Retry.LATER
    cause = "maintenance"

    def __init__(
        self, message: str, *, until: datetime | None = None, operation: str = "", vendor_code: str = ""
    ) -> None:
        super().__init__(message, operation=operation, vendor_code=vendor_code)
        self.until = until


class TemporaryError(MallError):
    """A 5xx, a time-out of a read, or the vendor's own "try again later"."""

    retry = Retry.LATER
    cause = "temporary"


class AuthError(MallError):
    """The credentials were refused or are out of date; ``expired`` where that much is known."""

    retry = Retry.NEVER
    cause = "auth"

    def __init__(
        self,
        message: str,
        *,
        expired: bool = False,
        operation: str = "",
        vendor_code: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, operation=operation, vendor_code=vendor_code, hint=hint)
        self.expired = expired


class LineRejectedError(MallError):
    """One line was refused: unknown code, bad form, quantity out of range."""

    retry = Retry.NEVER
    scope = Scope.LINE
    alert = Alert.LINE_LIST
    cause = "line_rejected"

    def __init__(
        self, code: str, reason: str, *, operation: str = "", vendor_code: str = "", hint: str = ""
    ) -> None:
        super().__init__(
            f"{code}: {reason}", operation=operation, codes=(code,), vendor_code=vendor_code, hint=hint
        )
        self.code = code
        self.reason = reason


class UnexpectedReplyError(MallError):
    """The reply is not in the known form.

    Args:
        evidence: the reply's beginning, redacted by the adapter, for ``state/evidence``.
    """

    retry = Retry.NEVER
    cause = "unexpected_reply"

    def __init__(
        self, message: str, *, evidence: str = "", operation: str = "", vendor_code: str = ""
    ) -> None:
        super().__init__(message, operation=operation, vendor_code=vendor_code)
        self.evidence = evidence


class UnsupportedError(MallError):
    """The mall has no such ability; the adapter's abilities say why."""

    retry = Retry.NEVER
    scope = Scope.LINE
    alert = Alert.LINE_LIST
    cause = "unsupported"


class ConfigError(TanabanError):
    """A setting of ours is wrong; the message names the file and the setting."""

    scope = Scope.SHOP
    cause = "config"


class MappingError(TanabanError):
    """The mapping repository is wrong or out of reach."""

    scope = Scope.SHOP
    cause = "mapping"


class UnsafePlanError(TanabanError):
    """The guard refused a plan; it needs approval of the plan's hash."""

    scope = Scope.SHOP
    cause = "unsafe_plan"


class StateError(TanabanError):
    """The state folder is unreadable, of a newer version, or broken; nothing was touched."""

    cause = "state"


class LockHeldError(TanabanError):
    """Another bot holds the lock on the state folder."""

    retry = Retry.LATER
    alert = Alert.NONE
    cause = "lock_held"
