"""`ENC[...]` texts: AES-256-GCM with a 32-byte IV, and the MAC over a file's values.

Source: docs/compatibility.md, "Envelopes"; sops 3.13.2. Knows nothing of formats or of which values are encrypted.
"""

from __future__ import annotations

import os
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

from . import fast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .document import Leaf

HEAD = "ENC[AES256_GCM,data:"
_HEAD = HEAD.encode()
TYPES = frozenset(("str", "int", "float", "bool", "time", "comment"))
MAC_ONLY_ENCRYPTED_SEED = bytes.fromhex("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69")
"""SHA-256 of the word `sops`: what a MAC over encrypted values only starts with."""

IV_BYTES = 32
_IV_BATCH = 256


class NotOpened(Exception):
    """An envelope that does not open: `str()` says why, without any of its content."""


class Cipher:
    """Seals and opens envelopes with one data key (32 bytes). Raises ValueError for a key of another length."""

    __slots__ = ("_aes", "_ivs", "_open", "_seal")

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) != 32:
            raise ValueError("a data key has 32 bytes")
        self._aes = fast.aesgcm()(data_key)
        self._seal = self._aes.encrypt
        self._open = self._aes.decrypt
        self._ivs = b""

    def __repr__(self) -> str:
        return "Cipher(...)"

    def seal(self, plaintext: bytes, kind: str, aad: str) -> str:
        """The envelope of `plaintext` (not empty) with type word `kind` for the path `aad`."""
        return b"".join(self.seal_parts(plaintext, kind, aad)).decode()

    def seal_parts(self, plaintext: bytes, kind: str, aad: str) -> tuple[bytes, bytes, bytes]:
        """The same before, in and behind its `data:`, for values so large that every copy counts."""
        if not self._ivs:
            self._ivs = os.urandom(IV_BYTES * _IV_BATCH)
        iv, self._ivs = self._ivs[:IV_BYTES], self._ivs[IV_BYTES:]
        sealed: bytes = self._seal(iv, plaintext, aad.encode("utf-8", "surrogateescape"))
        data = b2a_base64(memoryview(sealed)[:-16], newline=False)
        iv64, tag64 = b2a_base64(iv, newline=False), b2a_base64(sealed[-16:], newline=False)
        return _HEAD, data, b",iv:%b,tag:%b,type:%b]" % (iv64, tag64, kind.encode())

    def open(self, text: str, aad: str) -> tuple[str, bytes]:
        """Type word and plaintext of the envelope at the start of `text`; what follows it is ignored.

        Raises NotOpened when `text` is no envelope, or was changed, or belongs to another path or data key.
        """
        if not text.startswith(HEAD):
            raise NotOpened("not an encrypted value")
        line_end = text.find("\n")
        end = text.rfind("]", 0, line_end if line_end >= 0 else len(text))
        kind_at = text.rfind(",type:", 0, end)
        tag_at = text.rfind(",tag:", 0, kind_at)
        iv_at = text.rfind(",iv:", 0, tag_at)
        if iv_at <= len(HEAD):
            raise NotOpened("not a whole encrypted value")
        kind = text[kind_at + 6 : end]
        return kind, self.open_parts(
            (text[len(HEAD) : iv_at], text[iv_at + 4 : tag_at], text[tag_at + 5 : kind_at]), kind, aad
        )

    def open_parts(self, parts: tuple[str | bytes, str | bytes, str | bytes], kind: str, aad: str) -> bytes:
        """The plaintext of an envelope's data, IV and tag, all in base64. Raises NotOpened as `open` does."""
        data, iv, tag = parts
        try:
            sealed = a2b_base64(data, strict_mode=True) + a2b_base64(tag, strict_mode=True)
            iv = a2b_base64(iv, strict_mode=True)
        except (Base64Error, ValueError):
            raise NotOpened("not valid base64") from None
        if kind not in TYPES:
            raise NotOpened("unknown type word")
        if len(tag) != 24:
            raise NotOpened("a tag has 16 bytes")
        try:
            opened: bytes = self._open(iv, sealed, aad.encode("utf-8", "surrogateescape"))
        except Exception:  # InvalidTag; importing its class costs more than the whole command
            raise NotOpened("value was changed after encryption, or moved from another path") from None
        return opened


def is_envelope(text: str) -> bool:
    """Whether a text looks like an envelope, whole or damaged."""
    return text.startswith("ENC[")


def is_whole(text: str) -> bool:
    """Whether a text has all the parts of an envelope and nothing else, so that it holds nothing in clear."""
    parts = text.removeprefix(HEAD).removesuffix("]").split(",")
    marks = ("iv:", "tag:", "type:")
    return (
        len(parts) == 4
        and is_envelope(text)
        and all(part.startswith(mark) for part, mark in zip(parts[1:], marks, strict=True))
        and len(parts[2]) == len("tag:") + 24
    )


def mac_of(values: list[bytes], only_encrypted: bool) -> str:
    """The MAC of a file's values in order: upper-case SHA-512."""
    digest = fast.sha512(sum(map(len, values)))(MAC_ONLY_ENCRYPTED_SEED if only_encrypted else b"")
    digest.update(values[0] if len(values) == 1 else b"".join(values))
    return str(digest.hexdigest()).upper()


def envelope_key(leaf: Leaf) -> tuple[str, str, str]:
    """What makes two values equal for the reuse of an envelope: path, type, and plaintext as spelt."""
    stored = leaf.stored
    return leaf.aad, leaf.type, stored if isinstance(stored, str) else stored.decode("utf-8", "surrogateescape")
