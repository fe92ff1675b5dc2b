"""The errors of ポンパレモール: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "RFC 959 and RFC 4217; the mall's result files"

ERRORS = (
    KnownError("530", "auth", "password", _SOURCE),
    KnownError("452", "temporary", "area_full", _SOURCE),
    KnownError("552", "temporary", "area_full", _SOURCE),
    KnownError("~refuses TLS", "not_sent", "no_tls", _SOURCE),
    KnownError("~certificate", "not_sent", "certificate", _SOURCE),
    KnownError("550", "unexpected_reply", "folder_missing", _SOURCE),
    KnownError("~was not taken yet", "temporary", "ponpare_slot", _SOURCE),
    KnownError("~ファイル", "line_rejected", "ponpare_file", _SOURCE),
    KnownError("~", "line_rejected", "ponpare_row", _SOURCE),
)
