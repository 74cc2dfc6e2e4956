"""Hybrid post-quantum recipients of age: ML-KEM-768 with X25519.

Responsible for `age1pq1...` and `AGE-SECRET-KEY-PQ-1...`, through the HPKE of `cryptography`, which the age library at
hand lacks. Must not implement a primitive. Source: age 1.3; the draft of X-Wing.
"""

from __future__ import annotations

import os

from ..errors import SopsError
from . import age_file, age_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KIND, _INFO = "mlkem768x25519", b"age-encryption.org/mlkem768x25519"
_RECIPIENT, _IDENTITY = "age1pq", "AGE-SECRET-KEY-PQ-"
_KEM_PUBLIC, _KEM_SEED, _CURVE, _ENC = 1184, 64, 32, 1120
_OLD = "post-quantum keys need the Python package cryptography 47 or later"


class Opener:
    """A hybrid identity. Its `repr` shows the recipient only."""

    __slots__ = ("_key", "recipient")
    rank = 0

    def __init__(self, seed: bytes) -> None:
        self._key, public = _private(seed)
        self.recipient = age_text.encode(_RECIPIENT, public)

    @classmethod
    def read(cls, text: str) -> Opener:
        """The identity of its text. Raises ValueError."""
        if not text.startswith(_IDENTITY) or text != text.upper():
            raise ValueError("malformed identity")
        try:
            seed = age_text.decode(text.lower(), _IDENTITY.lower())
        except ValueError:
            raise ValueError("malformed identity") from None
        if len(seed) != 32:
            raise ValueError("malformed identity")
        try:
            return cls(seed)
        except SopsError as err:
            raise ValueError(err.message) from None

    def open(self, data: bytes) -> bytes | None:
        """The secret in an unarmored file, None when it is for somebody else. Raises ValueError when it is damaged."""
        return age_file.open_file(data, self._unwrap)

    def _unwrap(self, stanzas: list[age_file.Stanza]) -> bytes | None:
        if any(stanza.kind == "scrypt" for stanza in stanzas) and len(stanzas) > 1:
            raise age_file.HeaderError("a passphrase cannot stand beside other recipients")
        for stanza in stanzas:
            if stanza.kind == _KIND:
                file_key = self._unwrap_one(stanza)
                if file_key is not None:
                    return file_key
        return None

    def _unwrap_one(self, stanza: age_file.Stanza) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        if len(stanza.arguments) != 2:
            raise age_file.HeaderError("malformed post-quantum stanza")
        enc = age_file.unb64(stanza.arguments[1].encode())
        if len(enc) != _ENC or len(stanza.body) != age_file.FILE_KEY + 16:
            raise age_file.HeaderError("malformed post-quantum stanza")
        # X25519 of a low-order point is all zeros: malformed, never merely somebody else's.
        self._refuse_low_order(enc[-_CURVE:])
        try:
            opened: bytes = _suite().decrypt(enc + stanza.body, self._key, _INFO)
        except (InvalidTag, ValueError):
            return None
        return opened

    def _refuse_low_order(self, share: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

        try:
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise age_file.HeaderError("malformed post-quantum stanza") from None

    def __repr__(self) -> str:
        return f"Opener({self.recipient[:16]}...)"


def generate() -> tuple[str, str]:
    """A new identity and its recipient, as texts. Raises SopsError when `cryptography` is too old."""
    seed = os.urandom(32)
    return age_text.encode(_IDENTITY.lower(), seed).upper(), Opener(seed).recipient


def wrap(recipient: str, secret: bytes) -> str:
    """An armored age file with `secret`. Raises SopsError for a recipient that cannot be used."""
    key = _public(recipient)
    file_key = os.urandom(age_file.FILE_KEY)
    sealed = _suite().encrypt(file_key, key, _INFO)
    stanza = age_file.Stanza([_KIND, age_file.b64(sealed[:_ENC])], sealed[_ENC:])
    return age_file.armor(age_file.seal_file(file_key, stanza, secret))


def _hpke() -> Any:
    try:
        from cryptography.hazmat.primitives import hpke

        hpke.KEM.MLKEM768_X25519  # noqa: B018
    except (ImportError, AttributeError):
        raise SopsError(_OLD, hint="pip install --upgrade 'cryptography>=47'") from None
    return hpke


def _suite() -> Any:
    hpke = _hpke()
    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def _private(seed: bytes) -> tuple[Any, bytes]:
    """The key of a seed, and its public half."""
    import hashlib

    hpke = _hpke()
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    long = hashlib.shake_256(seed).digest(_KEM_SEED + _CURVE)
    kem, curve = (
        MLKEM768PrivateKey.from_seed_bytes(long[:_KEM_SEED]),
        X25519PrivateKey.from_private_bytes(long[_KEM_SEED:]),
    )
    key = hpke.MLKEM768X25519PrivateKey(kem, curve)
    return key, kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def _public(recipient: str) -> Any:
    hpke = _hpke()
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    try:
        raw = age_text.decode(recipient, _RECIPIENT)
        if len(raw) != _KEM_PUBLIC + _CURVE:
            raise ValueError("length")
        kem, curve = (
            MLKEM768PublicKey.from_public_bytes(raw[:_KEM_PUBLIC]),
            X25519PublicKey.from_public_bytes(raw[_KEM_PUBLIC:]),
        )
    except ValueError:
        raise SopsError("malformed age recipient: it is copied incompletely or mistyped") from None
    return hpke.MLKEM768X25519PublicKey(kem, curve)
