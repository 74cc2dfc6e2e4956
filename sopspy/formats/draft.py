"""A value that is to be written into a document: built from JSON text, numbers in their own spelling.

A draft is `("str", text)`, `("raw", text)` for numbers, booleans and null, `("map", [(key, draft), ...])` or
`("seq", [draft, ...])`.
"""

from __future__ import annotations

from ..document import DOUBLE, MAP, Leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from ..document import Node

    Draft: TypeAlias = "tuple[str, str] | tuple[str, list[tuple[str, Draft]]] | tuple[str, list[Draft]]"


def draft_of(node: Node) -> Draft:
    """The draft of a scanned JSON node."""
    if isinstance(node, Leaf):
        return ("str", node.text) if node.style == DOUBLE else ("raw", node.text)
    if node.kind == MAP:
        return "map", [(str(child.key), draft_of(child)) for child in node.items]
    return "seq", [draft_of(child) for child in node.items]


def wrap(draft: Draft, steps: tuple[str | int, ...]) -> Draft:
    """The draft inside new mappings and one-element lists for the steps of a path."""
    for step in reversed(steps):
        draft = ("seq", [draft]) if isinstance(step, int) else ("map", [(step, draft)])
    return draft
