"""YAML aliases in an encrypted file. sops expands every alias; we keep those whose copies need no envelope of their
own.

An alias stays if every leaf under it is null, empty, in clear in both places, or sealed in both under the same path.
Any other becomes the expanded node in one line, with envelopes for its own paths, and the layout hint remembers it.
"""

from __future__ import annotations

from ..document import MAP, Leaf
from ..formats.layout import position_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Alias, Node
    from ..formats.layout import Entry, Numbers
    from .seal import Sealer


def choose(sealer: Sealer) -> None:
    """Find the aliases that cannot stay."""
    sealer.expanded = {alias for alias in sealer.document.aliases if not _stays(alias, sealer)}


def expand_aliases(sealer: Sealer) -> list[Entry]:
    """Add the edits of all aliases that cannot stay; returns their layout entries."""
    document = sealer.document
    memo: dict[int, Numbers] = {}
    entries: list[Entry] = []
    for alias in document.aliases:
        if alias not in sealer.expanded:
            continue
        assert alias.node is not None
        sealer.edits.append((alias.start, alias.end, _one_line(alias.node, sealer)))
        entries.append((position_of(alias.node, memo), "w", document.text[alias.start : alias.end]))
    for key in document.key_aliases:
        if key.target.type == "key" or not sealer.selection.leaf(key.target):
            continue
        sealer.edits.append((key.start, key.end, sealer.form.quote(key.key)))
        node = next(item for item in key.parent.items if item.key_start == key.start)
        entries.append((position_of(node, memo), "k", document.text[key.start : key.end]))
    return entries


def _stays(alias: Alias, sealer: Sealer) -> bool:
    return all(_same(old, new, sealer) for old, new in alias.pairs)


def _same(old: Leaf, new: Leaf, sealer: Sealer) -> bool:
    if new.type == "null" or not new.stored:
        return True
    chosen = sealer.selection.leaf(new)
    if chosen != sealer.selection.leaf(old):
        return False
    return not chosen or old.aad == new.aad


def _one_line(node: Node, sealer: Sealer) -> str:
    """The node in flow style: keys and strings in double quotes, numbers in their own spelling."""
    parts: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        step = stack.pop()
        if isinstance(step, str):
            parts.append(step)
            continue
        if step is not node:
            parent = step.parent
            assert parent is not None
            comma = ", " if step is not parent.items[0] else ""
            parts.append(f"{comma}{sealer.form.quote(str(step.key))}: " if parent.kind == MAP else comma)
        if isinstance(step, Leaf):
            parts.append(_scalar(step, sealer))
            continue
        parts.append("{" if step.kind == MAP else "[")
        stack.append("}" if step.kind == MAP else "]")
        stack += reversed(step.items)
    return "".join(parts)


def _scalar(leaf: Leaf, sealer: Sealer) -> str:
    if leaf.type == "null":
        return "null"
    if not leaf.stored:
        return '""'
    token = sealer.tokens.get(id(leaf))
    return f'"{token}"' if token else sealer.form.clear(leaf)
