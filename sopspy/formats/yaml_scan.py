"""YAML text to a document: one pass over the parser's events builds the tree with exact spans.

Aliases are expanded by copying, as sops does; the `sops` entry of every document becomes a metadata block. Refuses what
sops refuses in the structure (non-string keys, top-level lists, duplicate keys in the first document). Does not resolve
values, and leaves comments to `yaml_comments`. Source: libyaml's marks, go-yaml v3 as sops 3.13.2 uses it.
"""

from __future__ import annotations

from ..document import MAP, PLAIN, SEQ, Alias, Block, Container, Document, KeyAlias, Leaf, Place
from ..errors import EmptyFileError, EncryptError, ParseError
from ..limits import MAX_DEPTH, MAX_EXPANDED
from ..source import newline_of, position
from . import libyaml
from .yaml_resolve import resolve_leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..document import Node

BREAKS = "\n\r\x85\u2028\u2029"
_FLOW_MARKS = (",", "]", "}")
_PROPERTY_END = frozenset(" \t" + BREAKS)


class Builder:
    """Grows a `Document` from events. `feed` is the hot loop; everything rare has a method of its own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document = Document(text, "yaml")
        self.anchors: dict[str, Node | None] = {}
        self.stack: list[Container] = []
        self.made: list[Container] = []
        self.top: Container | None = None
        self.key: str | None = None
        self.key_start = 0
        self.leaves = self.document.leaves
        self.in_block: list[Leaf] = []
        self.seen: dict[Container, set[str]] = {}
        self.root: Node | None = None
        self.open_anchors: dict[Container, str] = {}
        self.block_key_start: int | None = None
        self.plain_keys: set[str] = set()
        self.explicit = False
        self.expanded = 0
        self.last_end = 0

    def feed(self, events: Iterable[Any]) -> Document:
        """Build the document. Raises ParseError and EncryptError with their place, libyaml.Refused."""
        for event in events:
            name = event.__class__.__name__
            if name == "ScalarEvent":
                self.scalar(event)
            elif name == "MappingStartEvent":
                self.open(event, MAP)
            elif name == "MappingEndEvent" or name == "SequenceEndEvent":
                self.close(event)
            elif name == "SequenceStartEvent":
                self.open(event, SEQ)
            elif name == "AliasEvent":
                self.alias(event)
            elif name == "DocumentStartEvent":
                self.start_document(event)
            elif name == "DocumentEndEvent":
                self.end_document(event)
        if self.document.places and self.document.places[-1].offset < 0:
            self.document.places[-1].offset = len(self.text)
        if not self.document.roots:
            raise EmptyFileError(
                "the file has no YAML document",
                hint="add a value first: an empty file cannot be encrypted",
                exit_code=2 if self.text else None,
            )
        return self.document

    # scalars ------------------------------------------------------------------------------------------------------

    def scalar(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        top, key = self.top, self.key
        self.last_end = end
        plain = event.anchor is None and event.tag is None
        if top is not None and plain and top.kind == MAP and key is None:
            self.key = event.value
            self.key_start = start
            self.check_key(top, event, start, end)
            return
        if top is None:
            self.root_scalar(event)
            return
        if top.kind == SEQ:
            leaf = Leaf(top, len(top.items), start, end, event.style or PLAIN, event.value)
        else:
            leaf = Leaf(top, key or "", start, end, event.style or PLAIN, event.value)
            leaf.key_start = self.key_start
        if not plain:
            self.properties(leaf, event)
            if top.kind == MAP and key is None:
                self.tagged_key(top, leaf)
                return
        top.items.append(leaf)
        self.leaves.append(leaf)
        self.key = None
        if self.in_block is self.leaves and len(self.stack) == 1:
            self.end_block(leaf)

    def properties(self, leaf: Leaf, event: Any) -> None:
        """Move `start` behind anchor and tag, and remember them."""
        leaf.start = min(leaf.end, skip_properties(self.text, leaf.start, (event.anchor, event.tag)))
        leaf.tag = event.tag
        if leaf.start < leaf.end and self.text[leaf.start - 1] not in _PROPERTY_END:
            leaf.tag = leaf.tag or "!"  # `&a:b`: nothing but the whole node can make room for a token
        if event.tag is not None and leaf.start == leaf.end and self.text[leaf.end : leaf.end + 1] in _FLOW_MARKS:
            raise libyaml.Refused(libyaml.TAG_PROBLEM, leaf.end)  # for sops the mark is part of the tag
        if event.anchor is not None:
            self.anchors[event.anchor] = leaf

    def check_key(self, top: Container, event: Any, start: int, end: int) -> None:
        value = event.value
        if not event.style and value not in self.plain_keys:
            self.string_key(Leaf(top, "", start, end, PLAIN, value))
            self.plain_keys.add(value)
        self.take_key(top, value)

    def tagged_key(self, top: Container, probe: Leaf) -> None:
        self.key_start = probe.node_start
        probe.type = "key"
        self.key = self.string_key(probe)
        self.take_key(top, self.key)

    def string_key(self, probe: Leaf) -> str:
        kind, stored = resolve_leaf(self.text, probe)
        if kind == "str" and isinstance(stored, str):
            return stored
        raise EncryptError(
            f"the key is not a string but of type {kind}",
            hint="put the key in quotes",
            path=(),
        ).at(*position(self.text, probe.start))

    def take_key(self, top: Container, key: str) -> None:
        """Refuse a key twice in the first document; start collecting the metadata at `sops`."""
        if not self.document.roots:
            seen = self.seen.get(top)
            if seen is None:
                seen = self.seen[top] = set()
            if key in seen:
                raise ParseError("the key stands twice in one mapping", path=(key,)).at(
                    *position(self.text, self.key_start)
                )
            seen.add(key)
        if key == "sops" and len(self.stack) == 1:
            self.leaves = self.in_block = []

    def root_scalar(self, event: Any) -> None:
        if event.value == "" and not event.style and event.tag is None:
            self.root = Leaf(
                Container(MAP, None, 0, "", 0, False), 0, event.end_mark.index, event.end_mark.index, PLAIN, ""
            )
            return
        place = position(self.text, event.start_mark.index)
        if not event.style and resolve_leaf(self.text, Leaf(_NOWHERE, 0, 0, 0, PLAIN, event.value))[0] == "null":
            raise ParseError("a document that is a written-out null has no place for the metadata").at(*place)
        raise ParseError("the document is a single value, not a mapping", hint="give the value a key").at(*place)

    # collections --------------------------------------------------------------------------------------------------

    def open(self, event: Any, kind: str) -> None:
        start = event.start_mark.index
        top, key = self.top, self.key
        if top is None:
            if kind == SEQ:
                raise ParseError("the document is a list, not a mapping", hint="put the list under a key").at(
                    *position(self.text, start)
                )
            node = Container(kind, None, len(self.document.roots), "", start, bool(event.flow_style))
            self.root = node
        elif top.kind == SEQ:
            node = Container(kind, top, len(top.items), top.aad, start, bool(event.flow_style))
            top.items.append(node)
        elif key is None:
            raise ParseError("a mapping or list cannot be a key").at(*position(self.text, start))
        else:
            node = Container(kind, top, key, f"{top.aad}{key}:", start, bool(event.flow_style))
            node.key_start = self.key_start
            top.items.append(node)
        if event.anchor is not None or event.tag is not None:
            node.start = skip_properties(self.text, start, (event.anchor, event.tag))
            node.tag = event.tag
            if event.anchor is not None:
                self.anchors[event.anchor] = None
                self.open_anchors[node] = event.anchor
        self.stack.append(node)
        self.made.append(node)
        if len(self.stack) > MAX_DEPTH:
            raise ParseError(f"more than {MAX_DEPTH} levels deep").at(*position(self.text, start))
        self.top = node
        self.key = None
        self.last_end = start

    def close(self, event: Any) -> None:
        node = self.stack.pop()
        if node.flow:
            self.last_end = event.end_mark.index
        node.end = self.last_end
        if self.seen:
            self.seen.pop(node, None)
        if self.open_anchors and node in self.open_anchors:
            self.anchors[self.open_anchors.pop(node)] = node
        self.top = self.stack[-1] if self.stack else None
        self.key = None
        if self.in_block is self.leaves and len(self.stack) == 1:
            self.end_block(node)

    # aliases ------------------------------------------------------------------------------------------------------

    def alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        name = event.anchor
        target = self.anchors.get(name)
        if target is None:
            problem = "refers to itself" if name in self.anchors else "has no anchor"
            raise ParseError(f"the alias {problem}").at(*position(self.text, start))
        top, key = self.top, self.key
        if top is None:
            raise ParseError("the document is an alias, not a mapping").at(*position(self.text, start))
        self.last_end = end
        if top.kind == MAP and key is None:
            self.alias_key(top, target, start, end)
            return
        alias = Alias(name, start, end)
        node = self.copy(target, top, len(top.items) if top.kind == SEQ else key or "", alias)
        node.key_start = start if top.kind == SEQ else self.key_start
        alias.node = node
        self.document.aliases.append(alias)
        top.items.append(node)
        self.key = None
        if self.in_block is self.leaves and len(self.stack) == 1:
            self.end_block(node)

    def alias_key(self, top: Container, target: Node, start: int, end: int) -> None:
        if not isinstance(target, Leaf):
            raise ParseError("a mapping or list cannot be a key").at(*position(self.text, start))
        self.key_start = start
        self.key = self.string_key(target)
        self.document.key_aliases.append(KeyAlias(start, end, target, self.key, top))
        self.take_key(top, self.key)

    def copy(self, node: Node, parent: Container, key: str | int, alias: Alias) -> Node:
        """A copy of an anchor's node in the place of an alias; its leaves join the document's."""
        work: list[tuple[Node, Container, str | int]] = [(node, parent, key)]
        first: Node | None = None
        while work:
            old, above, name = work.pop()
            self.expanded += 1
            if self.expanded > MAX_EXPANDED:
                raise ParseError("its aliases expand to too many values").at(*position(self.text, alias.start))
            new: Node
            if isinstance(old, Leaf):
                new = Leaf(above, name, alias.start, alias.end, old.style, old.text)
                alias.pairs.append((old, new))
                self.leaves.append(new)
            else:
                aad = f"{above.aad}{name}:" if above.kind == MAP else above.aad
                new = Container(old.kind, above, name, aad, alias.start, old.flow)
                new.end = alias.end
                work.extend((child, new, child.key) for child in reversed(old.items))
            new.tag = old.tag
            new.alias = alias
            if first is None:
                first = new
            else:
                above.items.append(new)
        assert first is not None
        return first

    # documents ----------------------------------------------------------------------------------------------------

    def start_document(self, event: Any) -> None:
        version = getattr(event, "version", None)
        if version is not None and tuple(version) != (1, 1):
            raise ParseError("%YAML must be 1.1, which is all that sops reads", hint="remove the %YAML line").at(
                *position(self.text, event.start_mark.index)
            )
        if event.explicit and self.document.places and self.document.places[-1].offset < 0:
            self.document.places[-1].offset = event.start_mark.index
        self.explicit = bool(event.explicit)
        self.root = None

    def end_document(self, event: Any) -> None:
        root = self.root
        flow = False
        column = 0
        if isinstance(root, Leaf):
            start = root.start
            root = Container(MAP, None, len(self.document.roots), "", start, False)
            root.end = start
        assert isinstance(root, Container)
        if root.flow:
            flow = True
        elif root.items or self.block_key_start is not None:
            first = root.items[0].key_start if root.items else root.end
            if self.block_key_start is not None:
                first = min(first, self.block_key_start)
            column = _indent_of(self.text, first)
        self.block_key_start = None
        if not self.explicit and not flow and not root.items and self.document.blocks:
            self.document.blocks[-1].instead = "{}" + newline_of(self.text)  # as sops writes an empty document
        self.document.roots.append(root)
        self.document.places.append(Place(event.start_mark.index if event.explicit else -1, column, flow))
        self.stack.clear()
        self.top = None

    def end_block(self, node: Node) -> None:
        """The value of a `sops` key is complete: take it out of the tree."""
        root = self.stack[0]
        root.items.pop()
        self.leaves = self.document.leaves
        self.in_block = []
        if self.block_key_start is None:
            self.block_key_start = node.key_start
        start, end = cut_span(self.text, root, node, self.last_end)
        self.document.blocks.append(Block(int(root.key), node, start, end))


_NOWHERE = Container(MAP, None, 0, "", 0, False)


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset starts."""
    while offset and text[offset - 1] not in BREAKS:
        offset -= 1
    return offset


def column_of(text: str, offset: int) -> int:
    """The zero-based column of an offset."""
    return offset - line_start(text, offset)


def header_end(text: str, leaf: Leaf) -> int:
    """The end of a block scalar's indicators."""
    end = leaf.start
    while end < len(text) and text[end] not in " \t#" + BREAKS:
        end += 1
    return end


def _indent_of(text: str, offset: int) -> int:
    """How many blanks start the line of an offset."""
    start = column = line_start(text, offset)
    while text[column : column + 1] == " ":
        column += 1
    return column - start


def skip_properties(text: str, at: int, properties: tuple[Any, Any]) -> int:
    """The offset behind a node's anchor and tag, comments and line breaks between them included."""
    left = sum(1 for part in properties if part is not None)
    size = len(text)
    while at < size:
        char = text[at]
        if char in _PROPERTY_END:
            at += 1
        elif char == "#":
            while at < size and text[at] not in BREAKS:
                at += 1
        elif left and char in "&!":
            left -= 1
            at = _property_end(text, at)
        else:
            break
    return at


def _property_end(text: str, at: int) -> int:
    if text.startswith("!<", at):
        return text.find(">", at) + 1 or len(text)
    stops = _PROPERTY_END if text[at] == "!" else _PROPERTY_END | frozenset(",[]{}:")
    at += 1
    while at < len(text) and text[at] not in stops:
        if text[at] in ",[]{}" and text[at - 1] in "!":
            break
        at += 1
    return at


def cut_span(text: str, root: Container, node: Node, last_end: int) -> tuple[int, int]:
    """What to cut for a `sops` entry: the exact inverse of what `fasten` adds."""
    if root.flow:
        return _flow_cut(text, root, node)
    start = node.key_start
    line = start
    while line and text[line - 1] in " \t":
        line -= 1
    if line == 0 or text[line - 1] in BREAKS:
        start = line
    end = last_end
    if end and text[end - 1] in BREAKS and end > node.key_start:
        return start, end
    while end < len(text) and text[end] not in BREAKS:
        end += 1
    if end < len(text):
        return start, end + (2 if text.startswith("\r\n", end) else 1)
    return _before_break(text, start), end


def _before_break(text: str, start: int) -> int:
    if text.endswith("\r\n", 0, start):
        return start - 2
    return start - 1 if start and text[start - 1] in BREAKS else start


def _flow_cut(text: str, root: Container, node: Node) -> tuple[int, int]:
    end = node.end
    if root.items:
        return root.items[-1].end, end
    following = end
    while text[following : following + 1] in (*" \t", *BREAKS):
        following += 1
    if text[following : following + 1] != ",":
        return node.key_start, end
    following += 1
    while text[following : following + 1] == " ":
        following += 1
    return node.key_start, following
