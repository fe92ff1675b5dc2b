"""The errors of RoomClip: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "RFC 959 and RFC 4217; TEMPOSTAR manual, FTPS領域"

ERRORS = (
    KnownError("~no folder", "auth", "roomclip_shop_code", _SOURCE),
    KnownError("530", "auth", "password", _SOURCE),
    KnownError("452", "temporary", "area_full", _SOURCE),
    KnownError("552", "temporary", "area_full", _SOURCE),
    KnownError("~refuses TLS", "not_sent", "no_tls", _SOURCE),
    KnownError("~certificate", "not_sent", "certificate", _SOURCE),
    KnownError("550", "unexpected_reply", "folder_missing", _SOURCE),
    KnownError("~商品コード", "line_rejected", "code_unknown", _SOURCE),
    KnownError("~still being written", "temporary", "busy", _SOURCE),
    KnownError("~moved away", "temporary", "busy", _SOURCE),
    KnownError("~: a ", "unexpected_reply", "file_form", _SOURCE),
)
