"""YAML as sops writes it: whole documents, parts of them, and the metadata block.

Responsible for being equal to sops' text byte for byte, comments and blank lines included. Where sops' own text would
read back as other data we write what reads back right: `_spell` says so at each place. Must not know of spans,
envelopes or metadata. Source: go-yaml v3.0.4 as sops 3.13.2 drives it; docs/compatibility.md, "YAML output".
"""

from __future__ import annotations

from ..document import DOUBLE, LITERAL, SINGLE
from ..errors import EmitError
from ..tree import Comment, Mapping, Sequence
from .yaml_spell import quote, spell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tree import Value

DEFAULT_INDENT = 4
_LONGEST_SIMPLE_KEY = 128
_BREAKS = frozenset("\n\r\x85\u2028\u2029")


def dump(value: Mapping | list[Mapping], indent: int | None) -> str:
    """sops' own text for a document, or for several. `indent`: blanks a level, None or 0 for 4; above 9 it is 2.

    Raises EmitError (exit 4) for a negative indent.
    """
    if indent is not None and indent < 0:
        raise EmitError("a negative indent is not possible in YAML")
    emitter = _Emitter(indent or DEFAULT_INDENT)
    for document in [value] if isinstance(value, Mapping) else value:
        emitter.document(document)
    return "".join(emitter.parts)


def dump_value(value: Value, indent: int | None) -> str:
    """sops' own text for a part of a document, with a final newline. sops indents it by 4 whatever its configuration
    says, so `indent` has no effect."""
    emitter = _Emitter(DEFAULT_INDENT)
    emitter.document(value)
    return "".join(emitter.parts)


# comments -----------------------------------------------------------------------------------------------------------


class _Node:
    """A value with the comments that sops hangs on it: above it, behind it, below it. Each is whole lines or ""."""

    __slots__ = ("foot", "head", "key", "line", "value")

    def __init__(self, value: Value, head: str = "", line: str = "") -> None:
        self.value = value
        self.head = head
        self.line = line
        self.foot = ""
        self.key: _Node | None = None


def _hash(comments: list[str]) -> str:
    return "#" + "\n#".join(comments) if comments else ""


def _children(node: _Node) -> list[_Node]:
    """The values of a collection, each with its comments and its key. Those before the first one go to the collection
    itself, those behind the last one below it (in a mapping: below its key)."""
    value = node.value
    assert isinstance(value, Mapping | Sequence)
    made: list[_Node] = []
    heads: list[str] = []
    lines: list[str] = []
    for item in value:
        if isinstance(item, Comment):
            (lines if item.inline else heads).append(item.text)
            continue
        if not made and heads:
            node.head = "\n".join(filter(None, (node.head, _hash(heads))))
            heads = []
        if isinstance(item, tuple):
            child = _Node(item[1], line=_hash(lines))
            child.key = _Node(item[0], head=_hash(heads))
        else:
            child = _Node(item, head=_hash(heads), line=_hash(lines))
        heads, lines = [], []
        made.append(child)
    rest = _hash(heads + lines)
    if rest and made:
        (made[-1].key or made[-1]).foot = rest
    elif rest:
        node.head = "\n".join(filter(None, (node.head, rest)))
    return made


# the emitter --------------------------------------------------------------------------------------------------------


class _Emitter:
    """Writes documents node by node, and keeps the few facts about its place that decide over blanks and line breaks.

    `head`, `line`, `foot` and `tail` hold comments until a place for them comes; `foot_indent` asks for an empty line
    below the comment that ended a block. What is left over goes to the next node, as in sops.
    """

    def __init__(self, indent: int) -> None:
        self.best = indent if 2 <= indent <= 9 else 2
        self.parts: list[str] = []
        self.indent = -1
        self.column = 0
        self.whitespace = True
        self.indention = True
        self.foot_indent = -1
        self.head = self.line = self.foot = self.tail = self.key_line = ""

    def document(self, value: Value) -> None:
        """Write one document, behind `---` if it is not the first."""
        if self.parts:
            self._new_line()
            self._indicator("---")
            self._new_line()
            if self.head:
                self._head_comment()
                self._break()
        self._tree(_Node(value))
        self.foot_indent = 0
        self._foot_comment()
        self.foot_indent = -1
        self._new_line()

    # nodes

    def _tree(self, root: _Node) -> None:
        open_: list[tuple[_Node, list[_Node], Iterator[_Node], int]] = []
        node = root
        while True:
            indent = self.indent
            children = self._node(node, open_[-1][0] if open_ else None)
            if children:
                open_.append((node, children, iter(children), indent))
            while open_:
                parent, children, rest, indent = open_[-1]
                child = next(rest, None)
                if child is not None:
                    node = child
                    break
                last = children[-1].key
                self._note(parent, tail=last.foot if last else "")
                if last:
                    self._head_comment()
                self.indent = indent
                open_.pop()
            else:
                return

    def _node(self, node: _Node, parent: _Node | None) -> list[_Node]:
        """Write a scalar or an empty collection, or begin a collection and return its children."""
        collection = isinstance(node.value, Mapping | Sequence)
        children = _children(node) if collection else []
        in_list = parent is not None and isinstance(parent.value, Sequence)
        if node.key is not None:
            simple = self._key(node.key, plain=node.key.value == "<<" and _merges(node.value))
        self._note(node, start=collection)
        if node.key is not None:
            self._colon(simple=simple, collection=collection)
        else:
            self._head_comment()
            if in_list:
                self._new_line()
                self._indicator("-", indention=True)
        if not collection:
            self._scalar(node.value, self._deeper(in_list=in_list, flow=True))
        self._line_comment()
        self._foot_comment()
        if children:
            self.indent = self._deeper(in_list=in_list, flow=False)
        elif collection:
            self._empty(node, self._deeper(in_list=in_list, flow=True))
        return children

    def _note(self, node: _Node, *, tail: str = "", start: bool = False) -> None:
        """Take over a node's comments: those behind and below a collection come with its end."""
        self.tail = tail or self.tail
        if start or not isinstance(node.value, Mapping | Sequence):
            self.head = node.head or self.head
        if not start:
            self.line = node.line or self.line
            self.foot = node.foot or self.foot

    def _key(self, key: _Node, *, plain: bool) -> bool:
        """Write a key; returns whether its value can follow on the line."""
        self.head = key.head or self.head
        self._head_comment()
        self._new_line()
        if self.line:
            self.key_line, self.line = self.line, ""
        value = _exact(key.value)
        tag, _, text = spell(value)
        length = len(text.encode()) + (len("!!binary") if tag else 0)
        simple = length <= _LONGEST_SIMPLE_KEY and _BREAKS.isdisjoint(text)
        if not simple:
            self._indicator("?", indention=True)
        if plain:
            self._write(text)
        else:
            self._scalar(value, self._deeper(in_list=False, flow=True))
        return simple

    def _colon(self, *, simple: bool, collection: bool) -> None:
        if simple:
            self._write(":")
        else:
            self._new_line()
            self._indicator(":", indention=True)
        if not self.key_line:
            return
        if collection:
            self.line, self.key_line = self.key_line, self.line
            self._line_comment()
            self.line, self.key_line = self.key_line, self.line
        elif not self.line:
            self.line, self.key_line = self.key_line, ""

    def _empty(self, node: _Node, indent: int) -> None:
        self._note(node)
        opening, closing = "{}" if isinstance(node.value, Mapping) else "[]"
        self._indicator(opening, whitespace=True)
        outer = self.indent
        if opening == "{":
            self.indent = indent
            self._head_comment()
            self.indent = outer
        self._write(closing)
        self._line_comment()
        self._foot_comment()

    def _scalar(self, value: Value, indent: int) -> None:
        tag, style, text = spell(value)
        if tag:
            self._indicator(tag.rstrip())
        if style == LITERAL:
            self._literal(text, indent)
            return
        if style == DOUBLE:
            text = quote(text)
        elif style == SINGLE:
            text = "'" + text.replace("'", "''") + "'"
        self._indicator(text)

    def _literal(self, text: str, indent: int) -> None:
        digit = ""
        if text[0] in " \n":
            digit = str(indent - max(self.indent, 0))  # sops writes its indent even where the block stands elsewhere
        body = text.rstrip("\n")
        breaks = len(text) - len(body)
        self._indicator("|" + digit + ("-" if not breaks else "" if breaks == 1 and body else "+"))
        outer, self.indent = self.indent, indent
        if self.line:
            self._line_comment()
        else:
            self._break()
        pad = " " * indent
        self.parts.append("\n".join(pad + line if line else "" for line in text.split("\n")))
        self.whitespace = True
        self.indention = bool(breaks)
        self.column = 0 if breaks else indent + 1
        self.indent = outer

    # places

    def _deeper(self, *, in_list: bool, flow: bool) -> int:
        """The indentation inside the current block."""
        if self.indent < 0:
            return self.best if flow else 0
        if in_list:
            return self.indent + 2
        return self.best * ((self.indent + self.best) // self.best)

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self.column += len(text)
        self.whitespace = self.indention = False

    def _indicator(self, text: str, *, whitespace: bool = False, indention: bool = False) -> None:
        """Write something that needs a blank before it."""
        if not self.whitespace:
            self.parts.append(" ")
            self.column += 1
        self.parts.append(text)
        self.column += len(text)
        self.whitespace = whitespace
        self.indention = self.indention and indention

    def _break(self, mark: str = "\n") -> None:
        self.parts.append(mark)
        self.column = 0
        self.indention = True

    def _new_line(self) -> None:
        """Go to the current indentation, on a new line unless there is only indentation before it."""
        indent = max(self.indent, 0)
        if not self.indention or self.column > indent or (self.column == indent and not self.whitespace):
            self._break()
        if self.foot_indent == indent:
            self._break()
        if self.column < indent:
            self.parts.append(" " * (indent - self.column))
            self.column = indent
        self.whitespace = True
        self.foot_indent = -1

    # comments

    def _head_comment(self) -> None:
        if self.tail:
            self._new_line()
            self._comment(self.tail)
            self.tail = ""
            self.foot_indent = max(self.indent, 0)
        if self.head:
            self._new_line()
            self._comment(self.head)
            self.head = ""

    def _line_comment(self) -> None:
        if not self.line:
            return
        if not self.whitespace:
            self.parts.append(" ")
            self.column += 1
        self._comment(self.line)
        self.line = ""

    def _foot_comment(self) -> None:
        if not self.foot:
            return
        self._new_line()
        self._comment(self.foot)
        self.foot = ""
        self.foot_indent = max(self.indent, 0)

    def _comment(self, text: str) -> None:
        """Write comment lines; a line break inside a comment gets a `# ` of its own, a carriage return is one too."""
        begun = broke = False
        for char in text:
            if char in _BREAKS:
                self._break(char)
                begun, broke = False, True
                continue
            if broke:
                self._new_line()
            if not begun and char != "#":
                self.parts.append("# ")
                self.column += 2
            begun, broke = True, False
            self.parts.append(char)
            self.column += 1
            self.indention = False
        if not broke:
            self._break()
        self.whitespace = True


def _exact(key: Value) -> Value:
    """A key that came from bytes which are not UTF-8 is those bytes again."""
    try:
        str(key).encode()
    except UnicodeEncodeError:
        return str(key).encode("utf-8", "surrogateescape")
    return key


def _merges(value: Value) -> bool:
    """Whether YAML readers take the value of a key `<<` for a merge, which is what it was in the source."""
    if isinstance(value, Sequence):
        return all(isinstance(item, Mapping | Comment) for item in value)
    return isinstance(value, Mapping)
