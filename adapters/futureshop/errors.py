"""The errors of futureshop: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "futureshop manual, api-inventoryrealstoreRefresh"
_SOURCE_2 = "RFC 6749 section 5.2, and our reading of the grants"
_SOURCE_3 = "RFC 959 and RFC 4217, for the CSV route"

ERRORS = (
    KnownError("ProductNotFound", "line_rejected", "code_unknown", _SOURCE),
    KnownError("StockNotFound", "line_rejected", "code_unknown", _SOURCE),
    KnownError("InvalidDateFormat", "line_rejected", "request_form", _SOURCE),
    KnownError("NotManagementSettings", "line_rejected", "futureshop_unmanaged", _SOURCE),
    KnownError("InvalidFormat", "line_rejected", "code_form", _SOURCE),
    KnownError("StockShortage", "line_rejected", "quantity", _SOURCE),
    KnownError("invalid_client", "auth", "futureshop_keys", _SOURCE_2),
    KnownError("unauthorized_client", "auth", "futureshop_keys", _SOURCE_2),
    KnownError("AccessDenied", "auth", "futureshop_keys", _SOURCE_2),
    KnownError("TooManyRequests", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 401", "auth", "futureshop_keys", _SOURCE_2),
    KnownError("~HTTP 403", "auth", "futureshop_keys", _SOURCE_2),
    KnownError("~HTTP 429", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 503", "maintenance", "maintenance", _SOURCE_2),
    KnownError("530", "auth", "password", _SOURCE_3),
    KnownError("452", "temporary", "area_full", _SOURCE_3),
    KnownError("552", "temporary", "area_full", _SOURCE_3),
    KnownError("~refuses TLS", "not_sent", "no_tls", _SOURCE_3),
    KnownError("~certificate", "not_sent", "certificate", _SOURCE_3),
)
