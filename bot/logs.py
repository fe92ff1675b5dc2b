"""Logging: one line a record, with everything that looks like a secret taken out."""

from __future__ import annotations

import logging
import re
import threading

from adapters.secret import Secret

_PATTERNS = (
    re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+"),  # Slack tokens
    re.compile(r"\bS[LP]\d{6}_\w{8,}"),  # Rakuten licence key and service secret
    re.compile(r"(?i)(?<=authorization: )\S+ \S+|(?<=\bESA )[\w+/=]{12,}|(?<=\bBearer )\S+"),
    re.compile(r"(?i)(?<=licenseKey=)[^&\s]+|(?<=ticket=)[^&\s]+"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),  # user and password in a URL
)


class Redaction(logging.Filter):
    """Takes secrets out of records: known values exactly, others by their form."""

    def __init__(self) -> None:
        super().__init__()
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def know(self, secret: Secret) -> None:
        """Take this value out from now on."""
        if len(secret.reveal()) >= 6:
            with self._lock:
                self._known.add(secret.reveal())

    def clean(self, text: str) -> str:
        """Give the text without secrets."""
        with self._lock:
            known = sorted(self._known, key=len, reverse=True)
        for value in known:
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
    for noisy in ("slack_sdk", "slack_bolt", "urllib3", "git", "alembic", "schedule", "paramiko"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
