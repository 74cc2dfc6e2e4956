"""Give a file a new data key: every master key wraps it, every value is sealed anew.

A file's list of recipients is not under its MAC, so whoever can write the file can add one. We wrap the new data key
only for recipients that an explicit option or the creation rule names, or whose entry we opened ourselves (L7).
"""

from __future__ import annotations

import os

from ..envelope import Cipher
from ..errors import RefusedError
from .encrypt import DATA_KEY_BYTES
from .seal import seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..keys.ring import KeyRing
    from ..metadata import MasterKey
    from .decrypt import Decrypted


class Change:
    """`add`: keys for the first group. `remove`: display strings of keys to drop. `trusted`: keys of the creation
    rule."""

    __slots__ = ("add", "remove", "trusted")

    def __init__(self, add: list[MasterKey], remove: list[str], trusted: list[MasterKey]) -> None:
        self.add = add
        self.remove = remove
        self.trusted = trusted


def rotate(old: Decrypted, ring: KeyRing, now: str, change: Change) -> bytes:
    """The file under a new data key.

    Raises RefusedError for a recipient that nothing vouches for, SopsError when a key cannot be wrapped.
    """
    metadata = old.metadata
    vouched = [*change.add, *change.trusted]
    unknown = [
        key.display
        for group in metadata.groups
        for key in group
        if key not in vouched and key.display not in change.remove and not ring.holds(key)
    ]
    if unknown:
        raise _refusal(unknown)
    groups = [[key.copy() for key in group] for group in metadata.groups]
    groups[0] += [key.copy() for key in change.add if key not in groups[0]]
    metadata.groups = [[key for key in group if key.display not in change.remove] for group in groups]
    data_key = os.urandom(DATA_KEY_BYTES)
    ring.wrap(metadata.groups, metadata.threshold, data_key)
    form = old.form
    if old.document.format == "binary":
        from .binary import seal_binary

        return seal_binary(old.data, metadata, Cipher(data_key), now)
    found = old.plain_source
    return seal(found, form.scan(found.text), form, metadata, Cipher(data_key), now)


def _refusal(unknown: list[str]) -> RefusedError:
    return RefusedError(
        "the file lists recipients that nothing vouches for: whoever can write the file can add one",
        details=tuple(f"{display}   named by no creation rule and no option" for display in unknown),
        hint=(
            "to give them the new data key, add them to the creation rule of .sops.yaml, or name them: "
            "--add-age RECIPIENT",
            "to drop them: --rm-age RECIPIENT",
        ),
    )
