"""Decryption with a layout hint: believed only where the text made with it has the very same values.

The whole text is scanned again; entries that change a path, a type, a value, a comment or their order are dropped.
"""

from __future__ import annotations

from ..document import Document, Leaf, splice
from ..errors import SopsError
from ..formats import layout
from ..formats.layout import position_of
from ..values import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.base import Format
    from ..formats.layout import Entry
    from .decrypt import Decrypted

    Facts = list[tuple[str, str, bytes]]


def render_hinted(result: Decrypted) -> str:
    """The decrypted text with as many of the hint's entries as are true."""
    from .decrypt import _edits

    assert result.layout is not None
    entries = result.layout.entries
    expected = _facts(result.document)
    for _ in range(2):
        made, covered = layout.edits(result.document, entries, result.form)
        text = splice(result.document.text, made + _edits(result, covered))
        wrong = _differences(result, expected, text)
        if wrong is None:
            return text
        entries = [entry for entry in entries if not _touches(entry, wrong)]
        if not wrong or not entries:
            break
    result.warnings.append("the layout hint does not fit the values: they are shown in another spelling")
    return splice(result.document.text, _edits(result, set()))


def _facts(document: Document) -> Facts:
    facts = [
        (
            leaf.aad,
            "number" if leaf.type in ("int", "float") else leaf.type,
            b"" if leaf.type == "null" else normal(leaf.type, leaf.stored),
        )
        for leaf in document.leaves
        if leaf.type != "comment"
    ]
    facts += [("", "comment", str(leaf.stored).encode()) for leaf in document.comments]
    return facts


def _differences(result: Decrypted, expected: Facts, text: str) -> list[layout.Position] | None:
    """The positions of the leaves that differ; None when none does, [] when the texts cannot be compared."""
    try:
        document = result.form.scan(text)
        resolve_all(document, result.form)
        found = _facts(document)
    except SopsError:
        return []
    if found == expected:
        return None
    if len(found) != len(expected):
        return []
    memo: dict[int, layout.Numbers] = {}
    leaves: list[Leaf] = [leaf for leaf in result.document.leaves if leaf.type != "comment"]
    return [
        position_of(leaf, memo)
        for leaf, one, other in zip(leaves, expected, found, strict=False)
        if one != other and leaf.alias is None
    ]


def resolve_all(document: Document, form: Format) -> None:
    """Resolve every leaf and comment of a plain document."""
    for leaf in document.leaves:
        form.resolve(document, leaf)
    for leaf in document.comments:
        form.resolve(document, leaf)


def _touches(entry: Entry, wrong: list[layout.Position]) -> bool:
    position = entry[0]
    return any(place[: len(position)] == position for place in wrong)
