"""A value that is to be written into a document: built from JSON text, numbers in their own spelling.

A draft is `("str", text)`, `("raw", text)` for numbers, booleans and null, `("map", [(key, draft), ...])` or
`("seq", [draft, ...])`.
"""

from __future__ import annotations

from ..document import DOUBLE, MAP, Leaf
from ..errors import ValueFormatError
from ..limits import MAX_VALUE_DEPTH
from ..tree import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ..document import Node
    from ..tree import Value
    from .base import Format

    Draft: TypeAlias = "tuple[str, str] | tuple[str, list[tuple[str, Draft]]] | tuple[str, list[Draft]]"


def draft_of(node: Node, depth: int = 0) -> Draft:
    """The draft of a scanned JSON node. Raises ValueFormatError (7) for one that is nested too deep."""
    check_depth(depth)
    if isinstance(node, Leaf):
        return ("str", node.text) if node.style == DOUBLE else ("raw", node.text)
    if node.kind == MAP:
        return "map", [(str(child.key), draft_of(child, depth + 1)) for child in node.items]
    return "seq", [draft_of(child, depth + 1) for child in node.items]


def check_depth(depth: int) -> None:
    """Raise ValueFormatError (7) for a value with more levels than anybody sets at once."""
    if depth > MAX_VALUE_DEPTH:
        raise ValueFormatError(
            f"the value is more than {MAX_VALUE_DEPTH} levels deep", hint="use the editor: sopspy edit FILE"
        )


def flow(draft: Draft, quote: Callable[[str], str]) -> str:
    """The draft on one line, as JSON and as YAML's flow style have it."""
    content = draft[1]
    if isinstance(content, str):
        return quote(content) if draft[0] == "str" else content
    if draft[0] == "map":
        return "{" + ", ".join(f"{quote(key)}: {flow(value, quote)}" for key, value in content) + "}"  # type: ignore[arg-type]
    return "[" + ", ".join(flow(value, quote) for value in content) + "]"  # type: ignore[arg-type]


def value_in_flow(draft: Draft, form: Format) -> Value:
    """What a format with flow collections reads in a draft."""
    from .base import plain

    document = form.scan(f"{{{form.quote('value')}: {flow(draft, form.quote)}}}")
    tree = plain(document, document.roots[0], form)
    assert isinstance(tree, Mapping)
    return tree[0][1]  # type: ignore[index]


def wrap(draft: Draft, steps: tuple[str | int, ...]) -> Draft:
    """The draft inside new mappings and one-element lists for the steps of a path. Raises ValueFormatError (7)."""
    check_depth(len(steps))
    for step in reversed(steps):
        draft = ("seq", [draft]) if isinstance(step, int) else ("map", [(step, draft)])
    return draft
