"""Other master keys for a file whose data key stays: only the metadata blocks change.

Values, `mac` and `lastmodified` keep their text, so that the MAC still holds. Must not decide who gets in: the caller
names the groups, from the creation rule or from options. Source: sops 3.13.2, updatekeys and groups.
"""

from __future__ import annotations

from itertools import zip_longest

from .. import source
from ..document import splice
from ..errors import EncryptError
from ..keys.base import WrapError
from ..metadata import render
from .decrypt import load, load_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Document, Edit
    from ..formats.base import Format
    from ..keys.ring import KeyRing
    from ..metadata import MasterKey, Metadata
    from ..source import Source


class Locked:
    """An encrypted file whose values stay sealed."""

    __slots__ = ("document", "form", "metadata", "source")

    def __init__(self, data: bytes, format: str) -> None:
        """Raises ParseError (exit 1), MetadataError."""
        self.source: Source
        self.form: Format
        self.document: Document
        self.metadata: Metadata
        self.source, self.form, self.document, self.metadata = load(data, format)

    def with_keys(self, groups: list[list[MasterKey]], threshold: int, ring: KeyRing) -> bytes:
        """The file with its data key wrapped for other groups. Raises DataKeyError (128), WrapError.

        Nothing changes in this object unless all keys could be wrapped.
        """
        metadata = self.metadata
        data_key = ring.open(metadata.groups, metadata.threshold)
        made = [[key.copy() for key in group] for group in groups]
        ring.wrap(made, threshold, data_key)
        metadata.groups, metadata.threshold = made, threshold
        return self._written()

    def _written(self) -> bytes:
        document = self.document
        added = self.form.fasten(document, render(self.metadata), None)
        text = splice(document.text, _joined(document, added))
        again, read = load_text(text, self.form)
        same = [leaf.text for leaf in again.leaves] == [leaf.text for leaf in document.leaves]
        if not same or read.mac != self.metadata.mac or read.groups != self.metadata.groups:
            raise EncryptError("the new metadata could not be read back; nothing was written")
        return source.dump(text, self.source.encoding, self.source.bom)

    def __repr__(self) -> str:
        return f"Locked({self.document!r})"


def _joined(document: Document, added: list[Edit]) -> list[Edit]:
    """The edits that cut the old blocks and add the new ones; at one place they are one edit."""
    at = {start: text for start, _, text in added}
    cuts = [(block.cut_start, block.cut_end, at.pop(block.cut_start, "")) for block in document.blocks]
    return cuts + [edit for edit in added if edit[0] in at]


class Difference:
    """What happens to one key group: display strings of the keys in it, in the order of the lists they are from."""

    __slots__ = ("added", "common", "removed")

    def __init__(self, old: list[MasterKey], new: list[MasterKey]) -> None:
        before, after = [key.display for key in old], [key.display for key in new]
        self.common = [name for name in after if name in before]
        self.added = [name for name in after if name not in before]
        self.removed = [name for name in before if name not in after]

    @property
    def empty(self) -> bool:
        """Whether the group has the same keys."""
        return not self.added and not self.removed


def differences(old: list[list[MasterKey]], new: list[list[MasterKey]]) -> list[Difference]:
    """Group by group, by their numbers. The order of keys in a group is no difference."""
    none: list[MasterKey] = []
    return [Difference(before, after) for before, after in zip_longest(old, new, fillvalue=none)]


def settled(new: list[list[MasterKey]], old: list[list[MasterKey]]) -> list[list[MasterKey]]:
    """The new groups, in which a Key Vault key without a version is the file's own of the same name, if it has one."""
    known = {_unversioned(key): key for group in old for key in group if key.kind == "azure_kv"}
    return [[known.get(_unversioned(key), key) if _is_open(key) else key for key in group] for group in new]


def _is_open(key: MasterKey) -> bool:
    return key.kind == "azure_kv" and not key.fields["version"]


def _unversioned(key: MasterKey) -> tuple[str, str]:
    return key.fields.get("vault_url", ""), key.fields.get("name", "")


def threshold_for(groups: int, threshold: int) -> int:
    """The threshold that a file with so many groups gets: never more than there are; 0 stands for all of several.

    Raises WrapError where it would be 1 of several.
    """
    made = min(threshold, groups)
    if groups > 1 and made == 1:
        raise WrapError("the Shamir threshold of several key groups must be at least 2", hint=_THRESHOLD)
    return made or (groups if groups > 1 else 0)


_THRESHOLD = "set shamir_threshold in the creation rule, or use --shamir-secret-sharing-threshold"
