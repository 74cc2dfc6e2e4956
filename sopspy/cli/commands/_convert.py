"""Sealing a plaintext with a data key at hand, and `--output-type` where the result is encrypted."""

from __future__ import annotations

from ...formats import base, binary
from ...operations.encrypt import check_plain
from ...operations.seal import seal
from . import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...envelope import Cipher
    from ...metadata import Metadata
    from ...operations.decrypt import Decrypted


def convert_plain(data: bytes, source_format: str, target_format: str, indent: int | None) -> bytes:
    """A plain file in another format, its first document where that holds one only. Raises SopsError."""
    form = base.get(source_format)
    if source_format == "binary" and target_format != "binary":
        return base.get(target_format).dump(binary.wrap(data), indent).encode("utf-8", "surrogateescape")
    document = form.scan(base.read(data, source_format).text)
    check_plain(document)
    trees = base.trees(document, form, target_format)
    dump = base.get(target_format).dump
    text = "---\n".join(dump(tree, indent) for tree in trees)
    return text.encode("utf-8", "surrogateescape")


def seal_as(old: Decrypted, plain: bytes, format: str, indent: int | None) -> bytes:
    """A new plaintext of an opened file, sealed with its data key in another format. Raises SopsError."""
    return seal_plain(convert_plain(plain, old.document.format, format, indent), format, old.metadata, old.cipher)


def seal_plain(plain: bytes, format: str, metadata: Metadata, cipher: Cipher) -> bytes:
    """The encrypted file of a plaintext, for metadata whose master keys are wrapped. Raises SopsError."""
    found = base.read(plain, format)
    form = base.get(format)
    document = form.scan(found.text)
    check_plain(document)
    return seal(found, document, form, metadata, cipher, now())
