"""The public key of a store: with it on the order calls, a consent lasts 28 days, else 12 hours."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

STATUS_HEADER = "X-SWS-Authorize-Status"
_MARKED = re.compile(r"\s*-----BEGIN PUBLIC KEY-----(.*)-----END PUBLIC KEY-----\s*", re.DOTALL)


def read_key(pasted: str) -> RSAPublicKey:
    """Read a key as ストアクリエイターPro shows it; line breaks may be lost, the marks may be missing.

    Raises:
        ValueError: it is no RSA public key of 2048 to 4096 bits. The text is not in the message.
    """
    marked = _MARKED.fullmatch(pasted)
    packed = "".join((marked[1] if marked else pasted).split())
    try:
        key = load_der_public_key(base64.b64decode(packed, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise ValueError("not a public key") from None
    if not isinstance(key, RSAPublicKey) or not 2048 <= key.key_size <= 4096:
        raise ValueError("not an RSA public key of 2048 to 4096 bits")
    return key


def signed(key: RSAPublicKey, version: str, seller_id: str, now: datetime) -> dict[str, str]:
    """Give the headers of an order call: store and time, *encrypted* with the public key.

    Source: page help, 公開鍵認証.
    """
    said = f"{seller_id}:{int(now.timestamp())}".encode()
    sealed = base64.b64encode(key.encrypt(said, PKCS1v15())).decode()
    return {"X-sws-signature": sealed, "X-sws-signature-version": version}
