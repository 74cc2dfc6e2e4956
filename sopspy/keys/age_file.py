"""The age file format, for the kinds of recipients that the age library does not know.

Responsible for armor, header, stanzas and payload. The primitives are those of `cryptography`. Must not know what is in
a stanza. Source: the age specification (C2SP), version 1.
"""

from __future__ import annotations

import binascii
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

INTRO = b"age-encryption.org/v1\n"
BEGIN, END = b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----END AGE ENCRYPTED FILE-----"
FILE_KEY = 16
_CHUNK, _TAG, _NONCE = 64 * 1024, 16, 16
_ARMOR_LINE = 64
_BLANKS = b" \t\r\n"


class DamagedError(ValueError):
    """Something is wrong with the file, whoever opens it."""


class HeaderError(DamagedError):
    """The file is no age file, or its header is malformed."""


class MacError(DamagedError):
    """The header was changed after it was written."""


class PayloadError(DamagedError):
    """The payload was changed or cut."""


class Stanza:
    """One recipient of a file: its arguments, the kind first, and the wrapped file key."""

    __slots__ = ("arguments", "body")

    def __init__(self, arguments: list[str], body: bytes) -> None:
        self.arguments = arguments
        self.body = body

    @property
    def kind(self) -> str:
        """The first argument."""
        return self.arguments[0]

    def dump(self) -> bytes:
        """The text of the stanza in a header."""
        text = b64(self.body)
        lines = [text[start : start + 64] for start in range(0, len(text) + 1, 64)]
        return "".join(f"{line}\n" for line in [f"-> {' '.join(self.arguments)}", *lines]).encode()


def read(data: bytes) -> tuple[list[Stanza], bytes, bytes, bytes]:
    """Stanzas, the header that is under the MAC, the MAC and the payload of an unarmored file. Raises HeaderError."""
    if not data.startswith(INTRO):
        raise HeaderError("not an age file")
    stanzas: list[Stanza] = []
    place = len(INTRO)
    while not data.startswith(b"--- ", place):
        stanza, place = _stanza(data, place)
        stanzas.append(stanza)
    line, end = _line(data, place)
    mac = unb64(line[4:])
    if len(mac) != 32 or not stanzas:
        raise HeaderError("malformed header")
    return stanzas, data[: place + 3], mac, data[end:]


def open_file(data: bytes, unwrap: Callable[[list[Stanza]], bytes | None]) -> bytes | None:
    """The payload, or None when `unwrap` finds no file key. Raises ValueError with a class that tells the place."""
    stanzas, header, mac, payload = read(data)
    file_key = unwrap(stanzas)
    if file_key is None:
        return None
    import hmac

    if not hmac.compare_digest(_mac(file_key, header), mac):
        raise MacError("the header was changed")
    return _open_payload(file_key, payload)


def seal_file(file_key: bytes, stanza: Stanza, secret: bytes) -> bytes:
    """An unarmored file for one recipient. `secret` fits into one chunk."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    header = INTRO + stanza.dump() + b"---"
    nonce = os.urandom(_NONCE)
    sealed = ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\1", secret, None)
    return header + f" {b64(_mac(file_key, header))}\n".encode() + nonce + sealed


def armor(data: bytes) -> str:
    """The text form, as age writes it."""
    text = binascii.b2a_base64(data, newline=False)
    lines = [text[start : start + _ARMOR_LINE] for start in range(0, len(text), _ARMOR_LINE)]
    return b"\n".join([BEGIN, *lines, END, b""]).decode("ascii")


def unarmor(data: bytes) -> bytes:
    """The binary form of armored text; blanks may stand around it. Raises HeaderError for a text that is not strict."""
    lines = [line.removesuffix(b"\r") for line in data.strip(_BLANKS).split(b"\n")]
    if len(lines) < 3 or lines[0] != BEGIN or lines[-1] != END:
        raise HeaderError("not an armored age file")
    body = lines[1:-1]
    if any(len(line) != _ARMOR_LINE for line in body[:-1]) or not 0 < len(body[-1]) <= _ARMOR_LINE:
        raise HeaderError("malformed armor")
    try:
        made = binascii.a2b_base64(b"".join(body), strict_mode=True)
    except binascii.Error:
        raise HeaderError("malformed armor") from None
    if binascii.b2a_base64(made, newline=False) != b"".join(body):
        raise HeaderError("malformed armor")
    return made


def b64(data: bytes) -> str:
    """Base64 without padding, as in headers."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").decode("ascii")


def unb64(text: bytes) -> bytes:
    """Its inverse, strict. Raises HeaderError."""
    try:
        made = binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        raise HeaderError("malformed header") from None
    if b64(made).encode() != text:
        raise HeaderError("malformed header")
    return made


def _line(data: bytes, place: int) -> tuple[bytes, int]:
    end = data.find(b"\n", place)
    if end < 0:
        raise HeaderError("malformed header")
    return data[place:end], end + 1


def _stanza(data: bytes, place: int) -> tuple[Stanza, int]:
    line, place = _line(data, place)
    words = line.split(b" ")
    if (
        words[0] != b"->"
        or len(words) < 2
        or not all(word and all(33 <= byte <= 126 for byte in word) for word in words)
    ):
        raise HeaderError("malformed header")
    body: list[bytes] = []
    while not body or len(body[-1]) == 64:
        line, place = _line(data, place)
        if len(line) > 64:
            raise HeaderError("malformed header")
        body.append(line)
    return Stanza([word.decode() for word in words[1:]], unb64(b"".join(body))), place


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), 32, salt or None, info).derive(secret)


def _mac(file_key: bytes, header: bytes) -> bytes:
    import hmac

    return hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")


def _open_payload(file_key: bytes, payload: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce, sealed = payload[:_NONCE], payload[_NONCE:]
    if len(nonce) != _NONCE:
        raise HeaderError("the file is cut")
    cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
    size = _CHUNK + _TAG
    made: list[bytes] = []
    for number, start in enumerate(range(0, max(len(sealed), 1), size)):
        last = start + size >= len(sealed)
        try:
            made.append(cipher.decrypt(number.to_bytes(11, "big") + bytes([last]), sealed[start : start + size], None))
        except (InvalidTag, ValueError):
            raise PayloadError("the payload was changed") from None
        if last and number and not made[-1]:
            raise PayloadError("the payload ends with an empty chunk")
    return b"".join(made)
