"""The errors of 楽天市場: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "RMS page inventoryapi2_1/codereference"
_SOURCE_2 = "RMS page webapi/common, HTTP status"
_SOURCE_3 = "RMS manual, 商品一括編集 (CSV) by SFTP"

ERRORS = (
    KnownError("ES04-01", "auth", "rakuten_not_ticked", _SOURCE),
    KnownError("~is not ticked", "auth", "rakuten_not_ticked", _SOURCE),
    KnownError("GA0001", "auth", "rakuten_key", _SOURCE),
    KnownError("IE0001", "line_rejected", "request_form", _SOURCE),
    KnownError("IE0002", "line_rejected", "code_form", _SOURCE),
    KnownError("IE0003", "line_rejected", "quantity", _SOURCE),
    KnownError("IE0004", "line_rejected", "code_form", _SOURCE),
    KnownError("IE0117", "line_rejected", "quantity", _SOURCE),
    KnownError("IE0118", "line_rejected", "rakuten_lead_time", _SOURCE),
    KnownError("IE0121", "line_rejected", "rakuten_cells", _SOURCE),
    KnownError("IE0500", "line_rejected", "code_unknown", _SOURCE),
    KnownError("IE1102", "line_rejected", "request_form", _SOURCE),
    KnownError("CE0001", "temporary", "busy", _SOURCE),
    KnownError("GE0019", "temporary", "temporary", _SOURCE),
    KnownError("X0000", "temporary", "temporary", _SOURCE),
    KnownError("~HTTP 403", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 429", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 503", "maintenance", "maintenance", _SOURCE_2),
    KnownError("~HTTP 401", "auth", "rakuten_key", _SOURCE_2),
    KnownError("~log in", "auth", "password", _SOURCE_3),
    KnownError("~no dl-normal-item file", "temporary", "rakuten_download", _SOURCE_3),
    KnownError("~host key", "not_sent", "host_key", _SOURCE_3),
)
