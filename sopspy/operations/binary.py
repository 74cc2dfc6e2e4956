"""Whole files as one value: encrypt and reseal for the binary format, which is JSON outside and any bytes inside.

The file's options do not apply: the one value is always encrypted. Source: sops 3.13.2, JSON store.
"""

from __future__ import annotations

from ..envelope import Cipher, mac_of
from ..errors import EncryptError
from ..formats import binary
from ..metadata import Metadata, Options, aad_time, render
from .decrypt import load_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .decrypt import Decrypted

_MARK = "ENC[]"
_NOT_THE_SAME = "the encrypted file would not decrypt to the same bytes; nothing was written"


def seal_binary(data: bytes, metadata: Metadata, cipher: Cipher, now: str, indent: int | None = None) -> bytes:
    """The encrypted file for `data`. `metadata` has its master keys wrapped; options, MAC and time are set here."""
    metadata.options = Options()
    metadata.layout = ""
    metadata.lastmodified = now
    mac = mac_of([data], only_encrypted=False).encode()
    metadata.mac = cipher.seal(mac, "str", aad_time(now))
    frame = binary.seal_text(_MARK, render(metadata), indent)
    _read_back(frame, mac, cipher)
    before, _, after = (part.encode() for part in frame.partition(_MARK))
    if not data:
        return before + after
    head, body, tail = cipher.seal_parts(data, "str", binary.AAD)
    _, iv, tag, _ = (field.partition(b":")[2] for field in tail.split(b","))
    if cipher.open_parts((body, iv, tag), "str", binary.AAD) != data:
        raise EncryptError(_NOT_THE_SAME)
    return b"".join((before, head, body, tail, after))


def reseal_binary(old: Decrypted, data: bytes, now: str) -> bytes:
    """The same under the data key of an opened file."""
    return seal_binary(data, old.metadata, old.cipher, now)


def _read_back(frame: str, mac: bytes, cipher: Cipher) -> None:
    """Read the new file without its envelope, which has no character that means anything to JSON."""
    document, metadata = load_text(frame, binary)
    read = cipher.open(metadata.mac, aad_time(metadata.lastmodified))[1]
    if document.roots[0].items[0].key != binary.KEY or read != mac:
        raise EncryptError(_NOT_THE_SAME)
