"""The errors of Yahoo!オークション: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "競りナビ manual, order and listing files"

ERRORS = (
    KnownError("~", "line_rejected", "listing_refused", _SOURCE),
    KnownError("~", "unexpected_reply", "file_form", _SOURCE),
)
