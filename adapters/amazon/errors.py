"""The errors of Amazon: what each is, and under which words it is explained.

The most exact come first. The sentences are in ``bot/messages``.
"""

from adapters.contract import KnownError

_SOURCE = "SP-API: rotating-your-apps-lwa-credentials, renew-authorizations"
_SOURCE_2 = "SP-API: usage-plans and the models' responses"

ERRORS = (
    KnownError("invalid_client", "auth", "amazon_client", _SOURCE),
    KnownError("unauthorized_client", "auth", "amazon_client", _SOURCE),
    KnownError("invalid_grant", "auth", "amazon_authorization", _SOURCE),
    KnownError("invalid_request", "auth", "amazon_client", _SOURCE),
    KnownError("invalid_scope", "auth", "amazon_client", _SOURCE),
    KnownError("access_denied", "auth", "amazon_client", _SOURCE),
    KnownError("~does not take part in", "auth", "amazon_not_in_japan", _SOURCE),
    KnownError("~HTTP 403", "auth", "amazon_denied", _SOURCE),
    KnownError("~HTTP 401", "auth", "amazon_denied", _SOURCE),
    KnownError("~HTTP 429", "rate_limited", "quota", _SOURCE_2),
    KnownError("QuotaExceeded", "rate_limited", "quota", _SOURCE_2),
    KnownError("~HTTP 500", "temporary", "temporary", _SOURCE_2),
    KnownError("~HTTP 502", "temporary", "temporary", _SOURCE_2),
    KnownError("~HTTP 503", "temporary", "temporary", _SOURCE_2),
    KnownError("~HTTP 504", "temporary", "temporary", _SOURCE_2),
    KnownError("InvalidInput", "line_rejected", "request_form", _SOURCE_2),
    KnownError("~HTTP 404", "unexpected_reply", "code_unknown", _SOURCE_2),
)
