"""The store's public keys, and the signature that they make (spec 1.4, 2.3).

What is called a signature is ``seller:seconds`` encrypted with the public key; the mall decrypts it.
"""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ENABLED_MOST = 2
KEY_BITS = 2048
FOREIGN_VERSION = 1000


@dataclass
class StoreKey:
    """One key pair; only ``pem`` leaves the mall. ``version`` is the number shown beside it."""

    version: int
    expires_at: datetime
    enabled: bool = True

    @property
    def private(self) -> rsa.RSAPrivateKey:
        """Give the mall's half."""
        return _pair(self.version)

    @property
    def pem(self) -> str:
        """Give the store's half, with the lines around it, which belong to it."""
        return _pem(self.private)


@functools.cache
def _pair(version: int) -> rsa.RSAPrivateKey:
    # Making one takes a good part of a second, so every mall of a process has the same ones.
    assert version > 0
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def _pem(private: rsa.RSAPrivateKey) -> str:
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def foreign_pem() -> str:
    """Give a public key that looks right and is no store's here."""
    return _pem(_pair(FOREIGN_VERSION))


class PublicKeys:
    """The keys of one store: at most two enabled, each for a year."""

    def __init__(self, seller_id: str) -> None:
        self._seller_id = seller_id
        self.issued: list[StoreKey] = []

    def issue(self, now: datetime, valid_days: int) -> StoreKey:
        """公開鍵発行.

        Raises:
            ValueError: two keys are enabled already.
        """
        if len([key for key in self.issued if key.enabled and now < key.expires_at]) >= ENABLED_MOST:
            raise ValueError(f"{ENABLED_MOST} keys are enabled; disable one first")
        key = StoreKey(len(self.issued) + 1, now + timedelta(days=valid_days))
        self.issued.append(key)
        return key

    def disable(self, version: int) -> None:
        """Switch one key off.

        Raises:
            ValueError: there is no such key.
        """
        self._key(str(version)).enabled = False

    def expire(self, now: datetime) -> None:
        """Let every key issued so far end now."""
        for key in self.issued:
            key.expires_at = min(key.expires_at, now)

    def match(self, signature: str, version: str, now: datetime, skew_s: float) -> bool:
        """Say whether a signature is this store's and of now."""
        try:
            key = self._key(version)
            text = key.private.decrypt(base64.b64decode(signature, validate=True), padding.PKCS1v15())
            seller_id, _, seconds = text.decode("ascii").partition(":")
            fresh = abs(int(seconds) - now.timestamp()) <= skew_s
        except ValueError:
            return False
        return fresh and seller_id == self._seller_id and key.enabled and now < key.expires_at

    def _key(self, version: str) -> StoreKey:
        for key in self.issued:
            if str(key.version) == version:
                return key
        raise ValueError(f"no key version {version}")
