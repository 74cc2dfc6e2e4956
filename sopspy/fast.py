"""The few places where a private import path saves start-up time, each with the public path as its fallback.

Measured on Python 3.11: the public AES-GCM module costs 12 ms more than the class itself, `hashlib` 3 ms. `lean` is
switched on by the console entry only: a library never plays such tricks in somebody else's process.
"""

from __future__ import annotations

try:
    from _operator import _compare_digest as same_digest  # what `hmac.compare_digest` is
except ImportError:  # pragma: no cover
    from hmac import compare_digest as same_digest  # type: ignore[no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["aesgcm", "lean", "same_digest", "sha512"]

lean = False
"""Whether this process is ours alone."""


def aesgcm() -> Any:
    """The AESGCM class of `cryptography`."""
    if lean:
        try:
            from cryptography.hazmat.bindings._rust import openssl

            return openssl.aead.AESGCM
        except (ImportError, AttributeError):
            pass
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM


def sha512(size: int = 0) -> Callable[[bytes], Any]:
    """SHA-512 as in `hashlib`, for `size` bytes: the interpreter's own loads faster but runs slower."""
    if lean and size < 1 << 20:
        for name in ("_sha2", "_sha512"):
            try:
                found: Callable[[bytes], Any] = __import__(name).sha512
            except (ImportError, AttributeError):
                continue
            return found
    from hashlib import sha512 as public

    return public
