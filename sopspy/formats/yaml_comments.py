"""To which container a YAML comment belongs: it decides the path under which the comment is sealed.

sops takes the answer from go-yaml, which hangs comments on tokens as head, line or foot; `yaml_runs` follows it for
comments on lines of their own. This module finds the comments in the gaps between the parser's events, and puts each
into the items of its container. Source: measured on sops 3.13.2, docs/compatibility.md, "Comments".
"""

from __future__ import annotations

from bisect import bisect_right

from ..document import COMMENT, Container, Document, Leaf
from .yaml_runs import Gap, Line, assign
from .yaml_scan import BREAKS, skip_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BLANK = " \t" + BREAKS


def attach(document: Document, events: list[Any], made: list[Container]) -> None:
    """Find all comments and put them into `document.comments` and their containers' items."""
    finder = _Finder(document, events, made)
    finder.run()
    cuts = [(block.cut_start, block.cut_end) for block in document.blocks]
    for line, container in sorted(finder.found, key=lambda pair: pair[0].start):
        if any(start <= line.start < end for start, end in cuts):
            continue
        leaf = Leaf(
            container, int(line.inline), line.start + 1, line.end, COMMENT, document.text[line.start + 1 : line.end]
        )
        leaf.key_start = leaf.node_start = line.start
        document.comments.append(leaf)
        _insert(container, leaf, line)


def _insert(container: Container, leaf: Leaf, line: Line) -> None:
    items = container.items
    at = bisect_right(items, leaf.key_start, key=lambda item: item.key_start)
    if line.beside and at:
        at -= 1
        while at and isinstance(items[at], Leaf) and items[at].style == COMMENT:  # type: ignore[union-attr]
            at -= 1
    elif container.end <= line.start and container.flow and line.on_line:
        at = 0
    items.insert(at, leaf)


class _Finder:
    """Walks the events once, with the stack of open containers, and looks into every gap that has a `#`."""

    def __init__(self, document: Document, events: list[Any], made: list[Container]) -> None:
        self.document = document
        self.text = document.text
        self.events = events
        self.made = made
        self.used = 0
        self.nulls = {
            event.start_mark.index
            for event in events
            if event.__class__.__name__ == "ScalarEvent"
            and event.start_mark.index == event.end_mark.index
            and self.text[event.start_mark.index - 1 : event.start_mark.index] == "-"
        }
        self.stack: list[Container] = []
        self.found: list[tuple[Line, Container]] = []
        self.crlf = "\r\n" in document.text
        self.number = 0
        self.end = 0  # of the last real token
        self.seen = 0  # comments before this offset are placed
        self.kind = "start"
        self.token_start = 0
        self.closed: Container | None = None

    def run(self) -> None:
        events = self.events
        for at, event in enumerate(events):
            name = event.__class__.__name__
            start = event.start_mark.index
            if start > self.end and self.text.find("#", max(self.end, self.seen), start) >= 0:
                self.gap(at, start)
            self.step(at, event, name, start)
        size = len(self.text)
        if self.text.find("#", max(self.end, self.seen), size) >= 0:
            self.gap(len(events), size)

    def step(self, at: int, event: Any, name: str, start: int) -> None:
        end = event.end_mark.index
        if name == "ScalarEvent":
            if end > start:
                if event.style in ("|", ">"):  # its mark stands behind the blank lines that follow
                    end = start + len(self.text[start:end].rstrip(_BLANK))
                self.real("scalar", start, end)
                self.inside(event, start, end)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            node = self.made[self.used]
            self.used += 1
            if node.start > start:
                self.comments_between(start, node.start, node if not node.flow or not self.stack else self.stack[-1])
                self.end = max(self.end, node.start)
            self.stack.append(node)
            if node.flow:
                self.real("open", start, node.start + 1)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            node = self.stack.pop()
            if node.flow:
                self.real("close", start, end)
                self.closed = node
        elif name == "AliasEvent":
            self.real("scalar", start, end)
        elif name == "DocumentStartEvent" and event.explicit:
            self.comments_between(start, end, self.root())
            self.real("start", start, end)
        elif name == "DocumentEndEvent":
            if event.explicit:
                self.real("end", start, end)
            self.number += 1

    def real(self, kind: str, start: int, end: int) -> None:
        self.kind = kind
        self.token_start = start
        self.end = end

    def root(self) -> Container:
        roots = self.document.roots
        return roots[min(self.number, len(roots) - 1)]

    def inside(self, event: Any, start: int, end: int) -> None:
        """Comments between a scalar's properties and its content, and behind a block scalar's header."""
        content = start
        if event.anchor is not None or event.tag is not None:
            content = min(end, skip_properties(self.text, start, (event.anchor, event.tag)))
            self.comments_between(start, content, self.stack[-1] if self.stack else self.root())
        if event.style in ("|", ">"):
            stop = self.line_end(content)
            hash_at = self.text.find("#", content, stop)
            if hash_at >= 0 and self.stack:
                self.keep(Line(hash_at, stop, inline=True, beside=True), self.stack[-1])

    def comments_between(self, start: int, end: int, container: Container) -> None:
        """Comments inside the span of one event: between properties, or directives."""
        at = start
        while at < end:
            char = self.text[at]
            if char == "#" and (at == start or self.text[at - 1] in _BLANK):
                stop = self.line_end(at)
                self.keep(Line(at, stop), container)
                at = stop
            at += 1

    def keep(self, line: Line, container: Container) -> None:
        self.found.append((line, container))

    def line_end(self, at: int) -> int:
        text, size = self.text, len(self.text)
        while at < size and text[at] not in BREAKS:
            at += 1
        return at

    # gaps ---------------------------------------------------------------------------------------------------------

    def gap(self, at: int, stop: int) -> None:
        """Place the comments between the last real token and `stop`, the start of event `at`."""
        text = self.text
        first = self.first_comment(max(self.end, self.seen), stop)
        self.seen = stop
        while first < stop:
            previous = first - 1
            while previous >= self.end and text[previous] in _BLANK:
                previous -= 1
            token = (self.kind, self.token_start, self.end)
            if previous >= self.end:  # an indicator stands between the last event and the comment
                token = (text[previous], previous, previous + 1)
            lines, after = self.comment_lines(first, stop)
            self.place(at, token, lines, after)
            first = self.first_comment(after, stop)

    def first_comment(self, at: int, stop: int) -> int:
        found = self.text.find("#", at, stop)
        return stop if found < 0 else found

    def comment_lines(self, at: int, stop: int) -> tuple[list[Line], int]:
        """The comments from offset `at` on with nothing but blanks between them, and where the next token stands."""
        lines = []
        text, size = self.text, len(self.text)
        while at < size and text[at] == "#":
            end = self.line_end(at)
            lines.append(Line(at, end))
            at = end
            while at < size and text[at] in _BLANK:
                at += 1
        return lines, at

    def place(self, at: int, token: tuple[str, int, int], lines: list[Line], after: int) -> None:
        inner = self.stack[-1] if self.stack else None
        if inner is not None and inner.flow:
            self.place_in_flow(inner, token, lines)
            return
        gap = Gap(self.text, token, lines, after)
        gap.crlf = self.crlf
        gap.open = [node for node in self.stack if not node.flow]
        gap.root = self.root()
        gap.closed = self.closed if token[0] == "close" else None
        gap.null_dash = token[0] == "-" and token[2] in self.nulls
        self.look_ahead(at, gap, after)
        for line, container in assign(gap):
            self.keep(line, container)

    def place_in_flow(self, inner: Container, token: tuple[str, int, int], lines: list[Line]) -> None:
        for number, line in enumerate(lines):
            on_line = number == 0 and not _breaks_between(self.text, token[2], line.start)
            closed = self.closed if self.text[token[1] : token[2]] in (",", "]", "}") else None
            if on_line and closed is not None and closed.parent is inner and self.end == closed.end:
                line.on_line = True
                self.keep(line, closed)
                continue
            line.inline = line.beside = on_line and token[0] != "open"
            self.keep(line, inner)

    def look_ahead(self, at: int, gap: Gap, after: int) -> None:
        """What comes behind the comments: the block collections that close, and the container of the next token."""
        stack = list(self.stack)
        made: Container | None = None
        events = self.events
        while at < len(events):
            name = events[at].__class__.__name__
            if name in ("MappingEndEvent", "SequenceEndEvent") and not stack[-1].flow:
                gap.closing.append(stack.pop())
            elif name != "ScalarEvent" or events[at].end_mark.index > events[at].start_mark.index:
                break
            at += 1
        gap.at_end = at >= len(events) or events[at].__class__.__name__ in (
            "DocumentEndEvent", "DocumentStartEvent", "StreamEndEvent",
        )  # fmt: skip
        if gap.at_end:
            gap.next_column = self.document.places[min(self.number, len(self.document.places) - 1)].column
            gap.next = gap.root
            return
        name = events[at].__class__.__name__
        if name in ("MappingStartEvent", "SequenceStartEvent"):
            made = self.made[self.used]
        gap.next_opens = made is not None and not made.flow and made.node_start <= after <= made.start
        gap.next = made if made is not None and gap.next_opens else stack[-1] if stack else gap.root
        gap.next_null = self.text[after : after + 1] == "-" and after + 1 in self.nulls


def _breaks_between(text: str, start: int, end: int) -> bool:
    return any(char in BREAKS for char in text[start:end])
