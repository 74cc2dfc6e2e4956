"""Keep an existing metadata block as it stands: only the spans of what changed are replaced (L5)."""

from __future__ import annotations

from ..document import DOUBLE, PLAIN, Container, Document, Leaf, splice
from ..formats.base import editor
from ..metadata import LAYOUT_KEY, Metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Edit
    from .decrypt import Decrypted


def kept_block(old: Decrypted, document: Document, metadata: Metadata) -> list[Edit] | None:
    """The edits that put the old block, with its new values, into a new plain document; None when it has to be made
    anew."""
    block = old.document.blocks[0]
    if not isinstance(block.node, Container):
        return None
    changes = {"mac": metadata.mac, "lastmodified": metadata.lastmodified, "version": metadata.version}
    if bool(metadata.layout) != bool(old.layout_token):
        return None
    if metadata.layout:
        changes[LAYOUT_KEY] = metadata.layout
    edits: list[Edit] = []
    for name, text in changes.items():
        leaf = next((item for item in block.node.items if item.key == name), None)
        if not isinstance(leaf, Leaf) or leaf.style not in (PLAIN, DOUBLE):
            return None
        if leaf.text != text:
            quote = '"' if leaf.style == DOUBLE else ""
            edits.append((leaf.start - block.cut_start, leaf.end - block.cut_start, f"{quote}{text}{quote}"))
    source = old.document.text[block.cut_start : block.cut_end]
    return editor(document.format).refasten(document, old.document, splice(source, edits))
