"""The errors of Qoo10: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "QAPI pages GetClaimInfo_V3 (15475), UpdateInventoryQtyUnit (10022), SetGoodsPriceQtyBulk (15238)"

ERRORS = (
    KnownError("-10000", "auth", "qoo10_key", _SOURCE),
    KnownError("-90001", "auth", "qoo10_key_or_method", _SOURCE),
    KnownError("-90002", "auth", "qoo10_not_granted", _SOURCE),
    KnownError("-90003", "auth", "qoo10_not_granted", _SOURCE),
    KnownError("-90004", "auth", "qoo10_expired", _SOURCE),
    KnownError("-90005", "auth", "qoo10_expired", _SOURCE),
    KnownError("-10101", "temporary", "busy", _SOURCE),
    KnownError("-999", "temporary", "temporary", _SOURCE),
    KnownError("-990", "temporary", "temporary", _SOURCE),
    KnownError("-101", "temporary", "temporary", _SOURCE),
    KnownError("-10001", "line_rejected", "code_unknown", _SOURCE),
    KnownError("-10002", "line_rejected", "request_form", _SOURCE),
    KnownError("-10009", "line_rejected", "qoo10_inactive", _SOURCE),
    KnownError("429", "rate_limited", "quota", _SOURCE),
    KnownError("~メンテナンス", "maintenance", "maintenance", _SOURCE),
)
