"""The layout hint: source text of the few leaves whose spelling does not fit around a token.

One encrypted metadata value, a JSON list behind a version byte. Its items: `[position, text]` for a content region,
`[position, ["w", text]]` for a whole node with its properties, `[position, ["k", text]]` for a key,
`[position, ["h", text]]` for the header of a block scalar or of a section, and `["e", word]` for the file's encoding.
A position is the document number, then keys and list indexes from the root; a key that repeats carries its number
behind a NUL, a comment has only NUL, `#` and its number in its mapping. A hint can only change spelling: operations
believe it only after scanning the result. Other programs ignore it. This module is the only source of its form.
"""

from __future__ import annotations

import json

from ..document import COMMENT, HEADER, MAP, Container, Document, Leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from ..document import Edit, Node
    from .base import Format

    Position: TypeAlias = "tuple[str | int, ...]"
    Entry: TypeAlias = "tuple[Position, str, str]"

AAD = "sopspy_layout"
"""Without the final colon that every path ends with: no leaf can have it."""

_VERSION = "1"


class Layout:
    """`entries`: (position, form, text) with form `"t"`, `"w"`, `"k"` or `"h"`; `encoding`: "", "bom" or an encoding's
    name."""

    __slots__ = ("encoding", "entries")

    def __init__(self, entries: list[Entry], encoding: str = "") -> None:
        self.entries = entries
        self.encoding = encoding

    def __bool__(self) -> bool:
        return bool(self.entries or self.encoding)

    def encode(self) -> str:
        """The plaintext of the hint."""
        items: list[object] = [["e", self.encoding]] if self.encoding else []
        items += [[list(position), text if form == "t" else [form, text]] for position, form, text in self.entries]
        return _VERSION + json.dumps(items, separators=(",", ":"))


def decode(plaintext: str) -> Layout:
    """Read a hint; whatever is not understood is left out."""
    layout = Layout([])
    if plaintext[:1] != _VERSION:
        return layout
    try:
        items = json.loads(plaintext[1:])
    except (ValueError, RecursionError):
        return layout
    for item in items if isinstance(items, list) else ():
        match item:
            case ["e", str(word)]:
                layout.encoding = word
            case [list(position), str(text)]:
                layout.entries.append((tuple(position), "t", text))
            case [list(position), [("w" | "k" | "h") as form, str(text)]]:
                layout.entries.append((tuple(position), form, text))
    return layout


def position_of(node: Node, numbers: dict[int, Numbers]) -> Position:
    """Where a node stands. `numbers` is a memo that the caller keeps for one document."""
    parts: list[str | int] = []
    step: Node = node.parent if isinstance(node, Leaf) and node.tag == HEADER else node
    while step.parent is not None:
        parent = step.parent
        parts.append(_numbers(parent, numbers).names[id(step)] if parent.kind == MAP else step.key)
        step = parent
    parts.append(step.key)
    return tuple(reversed(parts))


class Numbers:
    """The children of one container by their part of the position, and back."""

    __slots__ = ("names", "nodes")

    def __init__(self, container: Container) -> None:
        self.names: dict[int, str | int] = {}
        self.nodes: dict[str | int, Node] = {}
        comments = 0
        for child in container.items:
            name, count = child.key, 0
            if isinstance(child, Leaf) and child.style == COMMENT:
                name, comments = f"\0#{comments}", comments + 1
            while name in self.nodes:
                count += 1
                name = f"{child.key}\0{count}"
            self.names[id(child)] = name
            self.nodes[name] = child


def _numbers(container: Container, memo: dict[int, Numbers]) -> Numbers:
    found = memo.get(id(container))
    if found is None:
        found = memo[id(container)] = Numbers(container)
    return found


def find(document: Document, position: Position, memo: dict[int, Numbers]) -> Node | None:
    """The node at a position, or None."""
    if not position or not isinstance(position[0], int) or not 0 <= position[0] < len(document.roots):
        return None
    node: Node = document.roots[position[0]]
    for part in position[1:]:
        if not isinstance(node, Container):
            return None
        child = _numbers(node, memo).nodes.get(part)
        if child is None:
            return None
        node = child
    return node


def edits(document: Document, entries: list[Entry], form: Format) -> tuple[list[Edit], set[int]]:
    """The edits of those entries whose position still exists, and the `id` of every node that has one."""
    memo: dict[int, Numbers] = {}
    made: list[Edit] = []
    covered: set[int] = set()
    for position, way, text in entries:
        node = find(document, position, memo)
        if node is None or node.alias is not None:
            continue
        if way == "h" and isinstance(node, Leaf):
            made.append((node.start, node.start + _header(document.text, node.start), text))
            continue
        if way == "h" and isinstance(node, Container):
            above = _above(node)
            if above is not None:
                covered.add(id(above))
                made.append(
                    (above.key_start, document.text.rfind("]", 0, _line_end(document.text, node.start)) + 1, text)
                )
            continue
        if way == "k":
            length = key_length(document.text, node)
            if length:
                made.append((node.key_start, node.key_start + length, text))
            continue
        covered.add(id(node))
        if isinstance(node, Leaf) and way == "t":
            made.append((*form.region(document, node), text))
        else:
            made.append((node.node_start, node.end, text))
    return made, covered


def _above(section: Container) -> Leaf | None:
    """The last comment above a section."""
    found = [item for item in section.items if isinstance(item, Leaf) and item.style == COMMENT]
    return max((item for item in found if item.key_start < section.start), key=lambda item: item.start, default=None)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _header(text: str, at: int) -> int:
    """How long the indicators of a block scalar are."""
    end = at
    while text[end : end + 1] not in ("", " ", "\t", "#", "\n", "\r"):
        end += 1
    return end - at


def key_length(text: str, node: Node) -> int:
    """How long the double-quoted key of an entry is, or 0 when it is none."""
    at = node.key_start
    if text[at : at + 1] != '"':
        return 0
    end = at + 1
    while end < len(text) and text[end] != '"':
        end += 2 if text[end] == "\\" else 1
    return end + 1 - at
