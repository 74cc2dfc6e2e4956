"""Change a plain JSON document in place: add, replace or remove one entry, everything else stays byte for byte.

Only proposes edits; the operation scans the result and compares the data before it is used.
"""

from __future__ import annotations

from ..document import MAP, Container, Document
from ..source import newline_of
from .draft import value_in_flow
from .json_dump import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Edit, Node
    from ..tree import Value
    from .draft import Draft

_BLANK = " \t\r\n"


def put(document: Document, container: Container, key: str | int, draft: Draft) -> list[Edit]:
    """Add an entry at the end of a collection."""
    text = document.text
    lead = _lead(text, container)
    colon = ": " if "\n" in lead or not _tight(text, document) else ":"
    entry = _render(draft, lead, _unit(document), colon)
    if container.kind == MAP:
        entry = f"{quote(str(key))}{colon}{entry}"
    if not container.items:
        return [(container.start + 1, container.start + 1, entry)]
    end = container.items[-1].end
    return [(end, end, f",{lead}{entry}")]


def replace(document: Document, node: Node, draft: Draft) -> list[Edit]:
    """Put another value in the place of a node."""
    text = document.text
    lead = _lead(text, node.parent) if node.parent is not None else ""
    colon = ": " if "\n" in lead or not _tight(text, document) else ":"
    return [(node.start, node.end, _render(draft, lead, _unit(document), colon))]


def remove(document: Document, node: Node) -> list[Edit]:
    """Take an entry out of its collection, with one comma and the white space before it."""
    parent = node.parent
    assert parent is not None
    at = parent.items.index(node)
    if at:
        return [(parent.items[at - 1].end, node.end, "")]
    if len(parent.items) > 1:
        return [(node.key_start, parent.items[1].key_start, "")]
    return [(parent.start, parent.end, "{}" if parent.kind == MAP else "[]")]


def _lead(text: str, container: Container) -> str:
    """The white space before the entries of a collection."""
    if not container.items:
        return ""
    start = container.items[0].key_start
    blank = start
    while text[blank - 1] in _BLANK:
        blank -= 1
    lead = text[blank:start]
    return lead if "\n" in lead or len(container.items) < 2 else _second_lead(text, container)


def _second_lead(text: str, container: Container) -> str:
    start = container.items[1].key_start
    blank = start
    while text[blank - 1] in _BLANK:
        blank -= 1
    return text[blank:start]


def _unit(document: Document) -> str:
    """The file's own indentation, a tab where it has none."""
    root = document.roots[0]
    lead = _lead(document.text, root)
    return lead.rpartition("\n")[2] if "\n" in lead else "\t"


def _tight(text: str, document: Document) -> bool:
    """Whether the file writes no blank behind a colon."""
    items = document.roots[0].items
    return bool(items) and text[items[0].start - 1] == ":"


def _render(draft: Draft, lead: str, unit: str, colon: str) -> str:
    content = draft[1]
    if isinstance(content, str):
        return quote(content) if draft[0] == "str" else content
    opened, closed = "{}" if draft[0] == "map" else "[]"
    if not content:
        return opened + closed
    broken = "\n" in lead
    inner = lead.rpartition("\n")[0] + "\n" + lead.rpartition("\n")[2] + unit if broken else ""
    parts = []
    for child in content:
        if draft[0] == "map":
            parts.append(f"{quote(child[0])}{colon}{_render(child[1], inner, unit, colon)}")  # type: ignore[arg-type]
        else:
            parts.append(_render(child, inner, unit, colon))  # type: ignore[arg-type]
    if broken:
        return opened + inner + f",{inner}".join(parts) + lead + closed
    return opened + (", " if colon == ": " else ",").join(parts) + closed


def value_of(draft: Draft) -> Value:
    """What the format reads where a draft was written."""
    from . import json

    return value_in_flow(draft, json)


def refasten(document: Document, old: Document, text: str) -> list[Edit] | None:
    """Add the very block that was cut from `old`; None when it does not fit."""
    root = document.roots[0]
    if not root.items or not text.startswith(",") or newline_of(document.text) != newline_of(old.text):
        return None
    end = root.items[-1].end
    return [(end, end, text)]
