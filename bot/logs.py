"""Logging: one line a record, with everything that looks like a secret taken out."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from types import TracebackType
from urllib.parse import quote, quote_plus

from adapters.secret import Secret

_PATTERNS = (
    re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+"),  # Slack tokens
    re.compile(r"\bS[LP]\d{6}_\w{8,}"),  # Rakuten licence key and service secret
    re.compile(r"(?i)(?<=authorization: )\S+ \S+|(?<=\bESA )[\w+/=]{12,}|(?<=\bBearer )\S+"),
    re.compile(r"(?i)(?<=licenseKey=)[^&\s]+|(?<=ticket=)[^&\s]+"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user and password in a URL
)


log = logging.getLogger(__name__)


class Redaction(logging.Filter):
    """Takes secrets out of records: known values exactly, others by their form."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] = set()
        self._written: tuple[str, ...] = ()  # the longest first
        self._lock = threading.Lock()

    def know(self, secret: Secret) -> None:
        """Take this value out from now on, as it is and as it stands in an address or in JSON."""
        value = secret.reveal()
        with self._lock:
            if len(value) >= 6 and value not in self._known:
                self._known.add(value)
                written = {form for known in self._known for form in _forms(known)}
                self._written = tuple(sorted(written, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """Give the text without secrets."""
        for value in self._written:
            text = text.replace(value, "***")
        for pattern in _PATTERNS:
            text = pattern.sub("***", text)
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record in place, its traceback too."""
        record.msg, record.args = self.clean(_text_of(record)), None
        record.stack_info = self.clean(record.stack_info) if record.stack_info else None
        if record.exc_info:
            record.exc_text = self.clean(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = self.clean(record.exc_text)
        return True


def _forms(value: str) -> Iterator[str]:
    yield value
    yield from (quote(value, safe=""), quote(value), quote_plus(value))
    yield from (json.dumps(value)[1:-1], repr(value)[1:-1])


def _text_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)  # a library's slip in a log call must not stop the work it tells of


def set_up_logging(redaction: Redaction) -> None:
    """Log to standard error; every handler's records pass the redaction."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(redaction)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    _log_crashes()
    for noisy in ("slack_sdk", "slack_bolt", "urllib3", "git", "alembic", "schedule", "paramiko"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _log_crashes() -> None:
    """Let what nobody caught pass the redaction, too; a hook that somebody else has set stays."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _crashed
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_crashed
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _not_raised


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("the program ends", exc_info=(kind, error, trace))


def _thread_crashed(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None and not isinstance(crash.exc_value, SystemExit):
        where = crash.thread.name if crash.thread else "?"
        log.critical("thread %s ends", where, exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback))


def _not_raised(found: sys.UnraisableHookArgs) -> None:
    if found.exc_value is not None:
        log.error("an error at the end of an object", exc_info=found.exc_value)
