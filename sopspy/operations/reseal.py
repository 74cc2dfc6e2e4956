"""A new text for an encrypted file, under its own data key: what did not change keeps its ciphertext.

Serves edit, set and unset. Refuses to leave in clear what today's creation rule would encrypt.
"""

from __future__ import annotations

from .. import source
from ..document import path_of
from ..envelope import envelope_key
from ..errors import RefusedError
from ..formats import base
from ..metadata import VERSION, Options, is_newer
from ..selection import Selection, looser
from .encrypt import check_plain
from .hinted import resolve_all
from .seal import Reuse, seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Document
    from .decrypt import Decrypted


def reseal(
    old: Decrypted, plain: bytes, now: str, today: Options | None = None, *, raise_version: bool = False
) -> bytes:
    """The encrypted file with the new plain text. `today`: the options of today's creation rule, None to allow all.

    Raises ParseError and EncryptError for the new text, AlreadyEncryptedError when it has a `sops` key, RefusedError
    for a new or changed value that would stay in clear although `today` encrypts it.
    """
    if old.document.format == "binary":
        from .binary import reseal_binary

        return reseal_binary(old, plain, now)
    found = base.read(plain, old.document.format)
    form = old.form
    document = form.scan(found.text)
    check_plain(document)
    old.metadata.options.check_patterns()
    if today is not None:
        check_cleartext(old, document, today)
    metadata = old.metadata
    if raise_version and is_newer(VERSION, than=metadata.version):
        metadata.version = VERSION
    return seal(found, document, form, metadata, old.cipher, now, Reuse(old))


def check_cleartext(old: Decrypted, document: Document, today: Options) -> None:
    """Refuse new or changed values in clear that today's rule would encrypt."""
    file_selection = Selection(old.metadata.options)
    today_selection = Selection(today)
    resolve_all(document, old.form)
    before: dict[tuple[str, str, str], int] = {}
    for leaf in old.document.leaves:
        key = envelope_key(leaf)
        before[key] = before.get(key, 0) + 1
    for leaf in document.leaves:
        key = envelope_key(leaf)
        if before.get(key, 0):
            before[key] -= 1
        elif leaf.type != "null" and leaf.stored and looser(file_selection, today_selection, leaf):
            raise RefusedError(
                "the value would be stored in clear: the file's own options are looser than today's creation rule",
                hint=(
                    "apply the rule to the whole file: sopspy decrypt -i FILE && sopspy encrypt -i FILE",
                    "to store it in clear all the same, add --allow-cleartext",
                ),
                path=path_of(leaf),
            ).at(*source.position(document.text, leaf.start))
