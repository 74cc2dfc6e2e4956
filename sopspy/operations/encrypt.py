"""Encrypt a plain file: a new data key, wrapped for every master key of the plan.

Order as in sops: parse, refuse what is encrypted already, data key, values. Source: sops 3.13.2.
"""

from __future__ import annotations

import os

from .. import source
from ..envelope import Cipher
from ..errors import AlreadyEncryptedError, EmptyFileError, SopsError
from ..formats import base
from ..metadata import VERSION, Metadata
from .seal import seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Document
    from ..formats.base import Format
    from ..keys.ring import KeyRing
    from ..rules import Plan

DATA_KEY_BYTES = 32


def encrypt(data: bytes, format: str, plan: Plan, ring: KeyRing, now: str) -> bytes:
    """The encrypted file, in the same format. `now` is RFC 3339 in UTC with seconds.

    Raises ParseError (2), EmptyFileError (92), AlreadyEncryptedError (203), EncryptError (23), SopsError (1) when a
    master key cannot be wrapped.
    """
    plan.options.check_patterns()
    if format == "binary":
        from .binary import seal_binary

        return seal_binary(data, *new_metadata(plan, ring), now)
    found, form, document = scan_plain(data, format)
    return seal(found, document, form, *new_metadata(plan, ring), now)


def seal_new(data: bytes, format: str, metadata: Metadata, cipher: Cipher, now: str) -> bytes:
    """The same with a data key that is there already (`new_metadata`), for a file that is written in an editor
    first."""
    if format == "binary":
        from .binary import seal_binary

        return seal_binary(data, metadata, cipher, now)
    found, form, document = scan_plain(data, format)
    return seal(found, document, form, metadata, cipher, now)


def scan_plain(data: bytes, format: str) -> tuple[source.Source, Format, Document]:
    """A plain file, scanned. Raises ParseError, EmptyFileError, AlreadyEncryptedError."""
    found = base.read(data, format)
    form = base.get(format)
    try:
        document = form.scan(found.text)
    except EmptyFileError as err:
        err.exit_code = err.exit_code if not data else 2
        raise
    check_plain(document)
    return found, form, document


def new_metadata(plan: Plan, ring: KeyRing) -> tuple[Metadata, Cipher]:
    """Metadata of a new file with a new data key, wrapped for the plan's master keys, and the cipher of that key."""
    data_key = os.urandom(DATA_KEY_BYTES)
    groups = [[key.copy() for key in group] for group in plan.groups]
    metadata = Metadata(groups, plan.options.with_default(), threshold=plan.threshold)
    metadata.version = VERSION
    ring.wrap(metadata.groups, metadata.threshold, data_key)
    return metadata, Cipher(data_key)


def check_plain(document: Document) -> None:
    """Refuse a document that has a `sops` entry."""
    if not document.blocks:
        return
    block = document.blocks[0]
    place = source.position(document.text, block.node.key_start)
    if block.index:
        raise SopsError("a later document has the reserved key sops at its top level", exit_code=4).at(*place)
    raise AlreadyEncryptedError(
        "the file is encrypted already, or has the reserved key sops at its top level",
        hint=("change its values: sopspy edit FILE", "if the key is yours, give it another name"),
    ).at(*place)
