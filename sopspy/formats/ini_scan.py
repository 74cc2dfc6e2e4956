"""INI text to a document, in the dialect that sops reads: that of gopkg.in/ini.v1, sections allowed to repeat.

Responsible for exact spans of values and comments and for taking the `[sops]` section out; must not know what becomes
of them. What decides is the first `=` or `:` of a line, the first `#` or `;` of an unquoted value, a backslash at its
end, and `\"\"\"` or a backtick at its start. Source: sops 3.13.2 and ini.v1 1.67.3.
"""

from __future__ import annotations

from ..document import COMMENT, DOUBLE, HEADER, LOST, MAP, OVERRIDDEN, PLAIN, SINGLE, Block, Container, Document, Leaf
from ..errors import MetadataError, ParseError
from ..source import position
from .flat import unflatten

BACKTICK, TRIPLE = "`", '"""'
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go takes for white space."""

DEFAULT, METADATA = "DEFAULT", "sops"

_MARKS = ("\ufeff", "\udcff\udcfe", "\udcfe\udcff")
"""Byte order marks, which are skipped: that of UTF-8, and those of UTF-16, whose text is not decoded."""

_ENVELOPE = "ENC[AES256_GCM,"
_COMMENT_CHARS = "#;"


class Comment(Leaf):
    """The comment of a key or of a section. `behind` is another one that stands behind the value, if this one is above
    it; `gap` what is between this one and the next line."""

    __slots__ = ("behind", "gap")

    def __init__(self, parent: Container, key: int, start: int, end: int, style: str, text: str) -> None:
        super().__init__(parent, key, start, end, style, text)
        self.behind: Comment | None = None
        self.gap = ""


class Value:
    """A value in the text: its span with quotes, its style, what it says, and where the reading goes on.

    `comment` is where a comment behind it starts, or -1; `next` the offset behind its last line.
    """

    __slots__ = ("comment", "end", "next", "start", "style", "text")

    def __init__(self, start: int, end: int, style: str, text: str, after: int) -> None:
        self.start = start
        self.end = end
        self.style = style
        self.text = text
        self.comment = -1
        self.next = after


def read_value(text: str, at: int) -> Value:
    """The value that starts behind a delimiter at `at`. Raises ParseError for quotes that do not end."""
    line_end = _line_end(text, at)
    start = at
    while start < line_end and text[start] in SPACE:
        start += 1
    if start == line_end:
        return Value(at, at, PLAIN, "", line_end)
    line = text[start:line_end]
    if (line.startswith(TRIPLE) and len(line) > 3) or line[0] == BACKTICK:
        return _quoted(text, start, line_end, TRIPLE if line[0] == '"' else BACKTICK)
    stripped = line.rstrip(SPACE)
    if stripped[-1] == "\\":
        return _continued(text, start, start + len(stripped), line_end)
    mark = min((found for found in map(stripped.find, _COMMENT_CHARS) if found >= 0), default=-1)
    shown = stripped if mark < 0 else stripped[:mark].rstrip(SPACE)
    style = _surrounding(shown)
    value = Value(start, start + len(shown), style, shown if style == PLAIN else shown[1:-1], line_end)
    value.comment = start + mark if mark >= 0 else -1
    return value


def _quoted(text: str, start: int, line_end: int, quote: str) -> Value:
    """A value in backticks or three double quotes, on one line or several. What stands behind it belongs to the span,
    for sops drops it, but for a comment behind a value of several lines."""
    inner = start + len(quote)
    close = text.rfind(quote, inner, line_end)
    if close >= 0:
        end = start + len(text[start:line_end].rstrip(SPACE))
        return Value(start, end, quote, text[inner:close], line_end)
    after = line_end
    while after < len(text):
        begin, after = after, _line_end(text, after)
        close = text.rfind(quote, begin, after)
        rest = text[close + len(quote) : after].rstrip("\r\n").strip(SPACE) if close >= 0 else "\\"
        if not rest.endswith("\\"):
            value = Value(start, start + len(text[start:after].rstrip(SPACE)), quote, text[inner:close], after)
            if rest[:1] and rest[0] in _COMMENT_CHARS:
                value.end = close + len(quote)
                value.comment = text.index(rest[0], value.end)
            return value
    raise _error(text, start, "a quoted value does not end", "close it with the same quotes")


def _continued(text: str, start: int, end: int, after: int) -> Value:
    """A value whose line ends with a backslash goes on in the next one."""
    value = text[start : end - 1]
    while after < len(text):
        begin, after = after, _line_end(text, after)
        line = text[begin:after].strip(SPACE)
        if not line:
            break
        end = begin + len(text[begin:after].rstrip(SPACE))
        value += line
        if not value.endswith("\\"):
            break
        value = value[:-1]
    return Value(start, end, PLAIN, value, after)


def _surrounding(text: str) -> str:
    """The quotes around a value that sops takes off."""
    for quote in (SINGLE, DOUBLE):
        if len(text) >= 2 and text[0] == quote == text[-1] and text.find(quote, 1) == len(text) - 1:
            return quote
    return PLAIN


def _line_end(text: str, at: int) -> int:
    """The offset behind the line break of the line at `at`."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _error(text: str, at: int, message: str, hint: str) -> ParseError:
    line = text.count("\n", 0, at) + 1
    return ParseError(message, hint=hint, line=line, column=at - text.rfind("\n", 0, at))


def scan(text: str) -> Document:
    """The document of a text. Raises ParseError with the line, MetadataError."""
    return _Scanner(text).run()


class _Scanner:
    """One pass over the lines. `pending`: comments that wait for the key or section that they belong to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document = Document(text, "ini")
        self.root = Container(MAP, None, 0, "", 0, flow=False)
        self.root.end = len(text)
        self.document.roots.append(self.root)
        self.section = self._new_section(DEFAULT, 0)
        self.count = 1
        self.pending: list[tuple[int, int]] = []
        self.metadata: list[tuple[str, Leaf]] = []
        self.names: dict[str, Leaf] = {}

    def run(self) -> Document:
        text = self.text
        at = next((len(mark) for mark in _MARKS if text.startswith(mark)), 0)
        while at < len(text):
            end = _line_end(text, at)
            start = at
            while start < end and text[start] in SPACE:
                start += 1
            if start == end:
                at = end
            elif text[start] in _COMMENT_CHARS:
                self.pending.append((start, start + len(text[start:end].rstrip(SPACE))))
                at = end
            elif text[start] == "[":
                at = self._header(start, end)
            else:
                at = self._key(start, end)
        for comment in self._comments():
            comment.tag = LOST
            self.section.items.append(comment)
        self._finish()
        return self.document

    def _new_section(self, name: str, start: int) -> Container:
        made = Container(MAP, self.root, name, f"{name}:", start, flow=False)
        self.root.items.append(made)
        return made

    def _header(self, start: int, end: int) -> int:
        text = self.text
        close = text.rfind("]", start, end)
        if close < 0:
            raise _error(text, start, "a section header without its closing bracket", "write it as [name]")
        if close == start + 1:
            raise _error(text, start, "a section without a name", "write it as [name]")
        self.section = self._new_section(text[start + 1 : close], start)
        self.names = {}
        marks = [found for found in (text.find(mark, close, end) for mark in _COMMENT_CHARS) if found >= 0]
        if marks:
            self.pending.append((min(marks), start + len(text[start:end].rstrip(SPACE))))
        self.section.items += self._comments()
        if marks:
            self.document.comments[-1].tag = HEADER
        self.count = 1
        self.section.end = end
        return end

    def _key(self, start: int, end: int) -> int:
        name, at = self._name(start, end)
        if name == "-":
            name = f"#{self.count}"
            self.count += 1
        value = read_value(self.text, at)
        leaf = Leaf(self.section, name, value.start, value.end, value.style, value.text)
        leaf.key_start = start
        if value.comment >= 0:
            line = self.text[value.comment : _line_end(self.text, value.comment)]
            self._add(leaf, self._behind(value.comment, value.comment + len(line.rstrip(SPACE))))
        else:
            self._add(leaf, self._comments())
        self.section.end = value.next
        return value.next

    def _name(self, start: int, end: int) -> tuple[str, int]:
        """A key's name, and the offset behind its delimiter."""
        text = self.text
        quote = ""
        if text[start] in '"`':
            quote = TRIPLE if text.startswith(TRIPLE, start) and end - start > 6 else text[start]
        inner = start + len(quote)
        stop = text.find(quote, inner, end) if quote else inner
        if stop < 0:
            raise _error(text, start, "a quoted key does not end", "close it with the same quotes")
        marks = [found for found in (text.find(mark, stop + len(quote), end) for mark in "=:") if found >= 0]
        if not marks:
            raise _error(text, start, "key-value delimiter not found", "a value is written as key = value")
        name = text[inner : stop if quote else min(marks)].strip(SPACE)
        if not name:
            raise _error(text, start, "a key without a name", "a value is written as key = value")
        return name, min(marks) + 1

    def _add(self, leaf: Leaf, comments: list[Comment]) -> None:
        """Add a value and its comments. One whose key stands in the section already takes its place, as sops reads
        it."""
        items, leaves = self.section.items, self.document.leaves
        if self.section.key == METADATA:
            self.metadata.append((str(leaf.key), leaf))
        names = self.names
        old = names.get(str(leaf.key))
        names[str(leaf.key)] = leaf
        if old is None:
            items += (leaf, *comments)
            leaves.append(leaf)
            return
        old.tag = OVERRIDDEN
        at = items.index(old)
        behind = at + 1
        while behind < len(items) and _is_comment(items[behind]):
            items[behind].tag = LOST
            behind += 1
        items[at:] = [leaf, *comments, *items[behind:], *items[at:behind]]
        leaves[leaves.index(old)] = leaf
        leaves.append(old)

    def _comments(self) -> list[Comment]:
        """Make one comment of all the lines that wait, as sops reads them: without what is between them.

        Where one of them holds an envelope each is a comment of its own.
        """
        waiting, text = self.pending, self.text
        self.pending = []
        if not any(_ENVELOPE in text[start:end] for start, end in waiting):
            return [self._comment(waiting)] if waiting else []
        return [self._comment([one]) for one in waiting]

    def _comment(self, lines: list[tuple[int, int]]) -> Comment:
        text = self.text
        start, end = lines[0][0], lines[-1][1]
        inner = start
        while inner < end and text[inner] in (text[start], " "):
            inner += 1
        said = "".join(text[begin : _line_end(text, stop)] for begin, stop in lines[:-1]) + text[slice(*lines[-1])]
        comment = Comment(self.section, 0, inner, end, COMMENT, said[inner - start :])
        comment.key_start = comment.node_start = start
        self.document.comments.append(comment)
        return comment

    def _behind(self, start: int, end: int) -> list[Comment]:
        """The comments of a value with one behind it: sops reads that as the last line of those above the value.

        So the one above holds both, and the one behind is there for us alone.
        """
        above = self._comments()
        behind = self._comment([(start, end)])
        if above:
            last = above[-1]
            last.behind = behind
            last.gap = self.text[last.end : _line_end(self.text, last.end)]
            if _ENVELOPE not in last.text:
                last.text += tail_of(self.text, last, behind.text)
            behind.tag = LOST
        return [*above, behind]

    def _finish(self) -> None:
        """Take the metadata out of the file."""
        document, root = self.document, self.root
        found = [item for item in root.items if isinstance(item, Container) and item.key == METADATA]
        if not found:
            return
        if len(found) > 1:
            place = position(self.text, found[1].start)
            raise MetadataError("the section [sops] stands twice", line=place[0], column=place[1])
        section = found[0]
        self._hand_back(section)
        node = Container(MAP, None, METADATA, "", section.start, flow=False)
        node.key_start = section.start
        last = dict(self.metadata)  # a key that stands twice has its last value
        kept = set(last.values())
        for leaf in last.values():
            leaf.text = leaf.text.replace("\\n", "\n")
        unflatten(node, list(last.items()))
        document.blocks.append(Block(0, node, *_cut(self.text, section)))
        root.items.remove(section)
        document.leaves[:] = [leaf for leaf in document.leaves if leaf.parent is not section and leaf not in kept]
        document.comments[:] = [leaf for leaf in document.comments if leaf.parent is not section]

    def _hand_back(self, section: Container) -> None:
        """Comments above `[sops]` are the last ones of the section before it."""
        before = self.root.items[self.root.items.index(section) - 1]
        assert isinstance(before, Container)
        for item in section.items:
            if isinstance(item, Leaf) and item.style == COMMENT and item.key_start < section.start:
                item.parent, item.tag = before, LOST
                before.items.append(item)


def tail_of(text: str, above: Comment, behind: str) -> str:
    """What a comment above a value says at its end because of the one behind the value, which says `behind`."""
    assert above.behind is not None
    return above.gap + text[above.behind.key_start : above.behind.start] + behind


def _is_comment(item: Container | Leaf) -> bool:
    return isinstance(item, Leaf) and item.style == COMMENT


def _cut(text: str, section: Container) -> tuple[int, int]:
    """The section with the empty line that sops and we put before it; with the line break of a file without one."""
    start, end = section.start, section.end
    line = text.rfind("\n", 0, start) + 1
    if line and text[end - 1] != "\n" and text[:line].endswith("\n\n"):
        return line - 2, end
    return (line - 1 if text[:line].endswith("\n\n") else line), end
