"""The heart: a text, its leaves with their spans, and `splice`.

Offsets are code points of the text without its byte order mark; spans are half-open. A document never changes:
operations make edits, and `splice` makes the new text. Knows nothing of formats, keys or files.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Edit: TypeAlias = tuple[int, int, str]
    Part: TypeAlias = "str | int"

PLAIN, SINGLE, DOUBLE, LITERAL, FOLDED, COMMENT = " ", "'", '"', "|", ">", "#"
"""Styles of a leaf. A JSON string is DOUBLE, any other JSON scalar PLAIN."""

MAP, SEQ = "map", "seq"

OVERRIDDEN = "overridden"
"""The tag of a value that a later one with the same key replaces: it is sealed, but it is no data of the file."""

HEADER = "header"
"""The tag of a comment behind a section's name: a token there would be read as a part of the name."""

LOST = "lost"
"""The tag of a comment that sops does not see: it is sealed and shown, but a conversion leaves it out, as sops does."""


class Container:
    """A mapping or a sequence.

    `items` holds the child nodes in order, comments among them. `aad` is the path as the envelopes of the leaves
    inside use it (`a:b:`, empty for the root): list indexes are not part of it.
    """

    __slots__ = (
        "aad",
        "alias",
        "chosen",
        "end",
        "flow",
        "items",
        "key",
        "key_start",
        "kind",
        "node_start",
        "parent",
        "start",
        "tag",
    )

    def __init__(self, kind: str, parent: Container | None, key: Part, aad: str, start: int, flow: bool) -> None:
        self.kind = kind
        self.parent = parent
        self.key = key
        self.aad = aad
        self.start = start
        self.node_start = start
        self.key_start = start
        self.end = start
        self.flow = flow
        self.items: list[Node] = []
        self.tag: str | None = None
        self.alias: Alias | None = None
        self.chosen: bool | None = None

    def __repr__(self) -> str:
        return f"Container({self.kind}, {self.aad!r}, {len(self.items)} items)"


class Leaf:
    """A scalar or a comment.

    `start`, `end`: its content, without anchor and tag, for a comment without the `#`. `node_start`: with them.
    `key_start`: where its entry begins (the key, or the node in a list). `text`: the content as the parser reads it.
    `type` and `stored` are empty until the leaf is resolved or opened: the envelope's type word (or `null`), and the
    plaintext as it stands in the envelope.
    """

    __slots__ = (
        "alias",
        "end",
        "key",
        "key_start",
        "node_start",
        "parent",
        "start",
        "stored",
        "style",
        "tag",
        "text",
        "type",
    )

    def __init__(self, parent: Container, key: Part, start: int, end: int, style: str, text: str) -> None:
        self.parent = parent
        self.key = key
        self.start = start
        self.end = end
        self.style = style
        self.text = text
        self.node_start = start
        self.key_start = start
        self.tag: str | None = None
        self.alias: Alias | None = None
        self.type = ""
        self.stored: str | bytes = ""

    @property
    def aad(self) -> str:
        """The additional authenticated data of this leaf's envelope: its map keys, each followed by a colon."""
        parent = self.parent
        if parent.kind == MAP and self.style != COMMENT:
            return f"{parent.aad}{self.key}:"
        return parent.aad or ":"

    def __repr__(self) -> str:
        return f"Leaf({self.aad!r}, {self.style!r}, {self.start}-{self.end})"


class Alias:
    """`*name` at a span. The node in its place is a copy of the anchor's, whose nodes all point here.

    `pairs`: each leaf under the anchor with its copy.
    """

    __slots__ = ("end", "name", "node", "pairs", "start")

    def __init__(self, name: str, start: int, end: int) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.pairs: list[tuple[Leaf, Leaf]] = []
        self.node: Node | None = None


if TYPE_CHECKING:
    Node: TypeAlias = "Container | Leaf"


class Block:
    """A metadata block: what to cut, the value of its `sops` key, and the number of its document.

    `instead` takes its place where nothing else would be left of the document.
    """

    __slots__ = ("cut_end", "cut_start", "index", "instead", "node")

    def __init__(self, index: int, node: Node, cut_start: int, cut_end: int) -> None:
        self.index = index
        self.node = node
        self.cut_start = cut_start
        self.cut_end = cut_end
        self.instead = ""


class Document:
    """A scanned file: all YAML documents of a stream, or the one value of another format.

    `leaves` are the values in file order, copies behind aliases included; `comments` likewise. Neither holds
    anything of the metadata blocks. `roots` are the documents' mappings without their `sops` entry. `aliases` are those
    in the place of a value, `key_aliases` those in the place of a key.
    """

    __slots__ = ("aliases", "blocks", "comments", "format", "key_aliases", "leaves", "places", "roots", "text")

    def __init__(self, text: str, format: str) -> None:
        self.text = text
        self.format = format
        self.roots: list[Container] = []
        self.leaves: list[Leaf] = []
        self.comments: list[Leaf] = []
        self.blocks: list[Block] = []
        self.places: list[Place] = []
        self.aliases: list[Alias] = []
        self.key_aliases: list[KeyAlias] = []

    def __repr__(self) -> str:
        return f"Document({self.format}, {len(self.leaves)} leaves)"


class KeyAlias:
    """`*name` at a span in the place of the key of `parent`; `target` is the anchor's scalar, `key` its text."""

    __slots__ = ("end", "key", "parent", "start", "target")

    def __init__(self, start: int, end: int, target: Leaf, key: str, parent: Container) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.key = key
        self.parent = parent


class Place:
    """Where a document's metadata block goes: at `offset`, in block form indented by `column`, or in flow form."""

    __slots__ = ("column", "flow", "offset")

    def __init__(self, offset: int, column: int, flow: bool) -> None:
        self.offset = offset
        self.column = column
        self.flow = flow


def splice(text: str, edits: list[Edit]) -> str:
    """`text` with every edit's span replaced. Edits inside another edit's span are dropped; others must not overlap."""
    parts: list[str] = []
    done = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if start < done:
            if end > done:
                raise AssertionError("overlapping edits")
            continue
        parts.append(text[done:start])
        parts.append(new)
        done = end
    parts.append(text[done:])
    return "".join(parts)


def path_of(node: Node) -> tuple[Part, ...]:
    """Keys and list indexes from the document's root, for messages."""
    path: list[Part] = []
    step: Node | None = node
    while step is not None and step.parent is not None:
        path.append(step.key)
        step = step.parent
    return tuple(reversed(path))
