"""sopspy as the tests drive it: bytes in, bytes out, with the throw-away key and a fixed clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sopspy.keys.ring import KeyRing
from sopspy.metadata import MasterKey, Options
from sopspy.operations import decrypt as _decrypt
from sopspy.operations import encrypt as _encrypt
from sopspy.operations import extract as _extract
from sopspy.operations import reseal as _reseal
from sopspy.rules import Plan
from tests.support import env

if TYPE_CHECKING:
    from sopspy.operations.decrypt import Decrypted

NOW = "2026-01-02T03:04:05Z"
LATER = "2026-01-02T03:04:06Z"


def ring(*keys: str) -> KeyRing:
    """A key ring with the identities of `keys`, by default that of age1."""
    return KeyRing({"SOPS_AGE_KEY": "\n".join(env.identity(key) for key in keys or ("age1",))})


def plan(**options: str | bool) -> Plan:
    """One group with the recipient age1; `options` as in `sopspy.metadata.Options`."""
    return Plan([[MasterKey("age", {"recipient": env.recipient()})]], 0, Options(**options))  # type: ignore[arg-type]


def encrypt(data: bytes, format: str = "yaml", **options: str | bool) -> bytes:
    """`data` encrypted for age1."""
    return _encrypt.encrypt(data, format, plan(**options), ring(), NOW)


def opened(data: bytes, format: str = "yaml", *keys: str) -> Decrypted:
    """An encrypted file, opened."""
    return _decrypt.decrypt(data, format, ring(*keys))


def decrypt(data: bytes, format: str = "yaml", *keys: str) -> bytes:
    """The decrypted file in its own layout."""
    return opened(data, format, *keys).data


def to_json(data: bytes, format: str = "yaml", *keys: str) -> str:
    """The decrypted file as `--output-type json` prints it."""
    return _extract.convert(opened(data, format, *keys), "json", None).decode("utf-8")


def reseal(old: bytes, plain: bytes, format: str = "yaml") -> bytes:
    """The encrypted file `old` with the content `plain`."""
    return _reseal.reseal(opened(old, format), plain, LATER, None)
