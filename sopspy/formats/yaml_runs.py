"""Comments on lines of their own in block style: which of the open collections takes them.

The comments between two tokens P and N form runs. A run is the foot of what came before, or the head of what comes
next; the ends of the collections that close between P and N compete for the feet. Measured on sops 3.13.2 (go-yaml
v3): 99.9 % of the comments of adversarial documents. A miss costs one comment that sops leaves encrypted, never a file.
"""

from __future__ import annotations

from ..document import COMMENT, MAP, SEQ, Container, Leaf
from .yaml_scan import BREAKS, column_of

_BLANK = " \t"


class Line:
    """One comment: `start` is its `#`. `inline`: sops shows it behind a value; `beside`: it precedes the entry that it
    follows in the text; `on_line`: it stands on the line of what it belongs to."""

    __slots__ = ("beside", "end", "inline", "on_line", "start")

    def __init__(self, start: int, end: int, *, inline: bool = False, beside: bool = False) -> None:
        self.start = start
        self.end = end
        self.inline = inline
        self.beside = beside
        self.on_line = False


class Run:
    """Comment lines that stay together. `anchor` is the offset that decides who may take it."""

    __slots__ = ("anchor", "column", "foot", "gap_start", "line", "lines")

    def __init__(self, line: Line, column: int, number: int, gap_start: int) -> None:
        self.lines = [line]
        self.column = column
        self.line = number
        self.gap_start = gap_start
        self.anchor = line.start
        self.foot = False

    @property
    def start(self) -> int:
        return self.lines[0].start

    @property
    def end(self) -> int:
        return self.lines[-1].end


class Gap:
    """The surroundings of the comments between two tokens.

    `token`: kind, start and end of P. `open`: the block collections open at P, outermost first. `closing`: those that
    end before N, innermost first. `next`: the container of N; `next_opens`: N is its first token.
    """

    def __init__(self, text: str, token: tuple[str, int, int], lines: list[Line], after: int) -> None:
        self.text = text
        self.kind, self.token_start, self.token_end = token
        self.lines = lines
        self.after = after
        self.crlf = False
        self.open: list[Container] = []
        self.closing: list[Container] = []
        self.closed: Container | None = None
        self.root = Container(MAP, None, 0, "", 0, False)
        self.next = self.root
        self.next_opens = False
        self.next_null = False
        self.next_column = column_of(text, after)
        self.at_end = False
        self.null_dash = False

    @property
    def holder(self) -> Container:
        """The container of P."""
        return self.open[-1] if self.open else self.root

    @property
    def indent(self) -> int:
        """The column of the innermost collection open at P, lists at their key's column not counted; never below 0."""
        for node in reversed(self.open):
            if not indentless(self.text, node):
                return column_of(self.text, node.start)
        return 0


def indentless(text: str, node: Container) -> bool:
    """Whether a list stands at the column of its parent's keys."""
    parent = node.parent
    if node.kind != SEQ or parent is None or parent.kind != MAP:
        return False
    return column_of(text, node.start) == column_of(text, parent.start)


def assign(gap: Gap) -> list[tuple[Line, Container]]:
    """Every comment of the gap with its container."""
    placed: list[tuple[Line, Container]] = []
    lines = gap.lines
    if gap.kind not in ("start", "end") and not _breaks(gap.text, gap.token_end, lines[0].start):
        placed.append((lines[0], _on_line(gap, lines[0])))
        lines = lines[1:]
    if lines:
        placed += _take(gap, _runs(gap, lines, bool(placed)))
    return placed


def _on_line(gap: Gap, line: Line) -> Container:
    """The container of a comment on P's own line."""
    if gap.null_dash:
        return _past_null(gap)
    if gap.kind == "close" and gap.closed is not None:
        line.on_line = True
        return gap.closed
    line.beside = gap.kind != "-"
    line.inline = gap.kind == "scalar"
    return gap.holder


def _past_null(gap: Gap) -> Container:
    """A null list item takes no comments: the next item of its list that is not null does, else the mapping outside."""
    if not gap.closing and not gap.at_end and not gap.next_null:
        return gap.next
    node = gap.holder
    while node.kind == SEQ and node.parent is not None:
        node = node.parent
    return node


def _breaks(text: str, start: int, end: int) -> int:
    """How many line breaks stand between two offsets."""
    count = 0
    at = start
    while at < end:
        if text[at] in BREAKS:
            count += 1
            at += 2 if text.startswith("\r\n", at) else 1
        else:
            at += 1
    return count


def _runs(gap: Gap, lines: list[Line], on_line: bool) -> list[Run]:
    """Cut the comment lines into runs, and decide of each whether it is a foot or a head."""
    text, indent = gap.text, gap.indent
    runs: list[Run] = []
    run: Run | None = None
    begin = gap.lines[0].end if on_line else gap.token_end
    foot_line = 1 if gap.kind != "start" or gap.token_end else -1
    number = 0
    previous = begin
    previous_line = 0
    first_empty = True
    closed_before = False
    for line in lines:
        breaks = _breaks(text, previous, line.start)
        empty = breaks - 1 + (1 if gap.crlf and previous != begin else 0)
        if empty > 0 and run is None and not runs:
            first_empty = False
        elif empty > 0:
            if first_empty and run is not None and _ends_as_foot(gap, run, foot_line, indent):
                _close(gap, runs, run, indent, own=run.column < indent)
                closed_before, run = True, None
            first_empty = False
        number += breaks
        column = column_of(text, line.start)
        if run is not None and column < indent and column != run.column:
            _close(gap, runs, run, indent, own=False)
            closed_before, run = True, None
        if run is None:
            run = Run(line, column, previous_line if closed_before else number, runs[-1].end if runs else begin)
        else:
            run.lines.append(line)
        previous, previous_line = line.end, number
    assert run is not None
    _last(gap, runs, run, (foot_line, indent, previous, first_empty))
    return runs


def _last(gap: Gap, runs: list[Run], run: Run, state: tuple[int, int, int, bool]) -> None:
    """Close the run before N."""
    foot_line, indent, previous, first_empty = state
    empty = _breaks(gap.text, previous, gap.after) - 1 + (1 if gap.crlf else 0)
    if empty > 0 and first_empty and _ends_as_foot(gap, run, foot_line, indent):
        _close(gap, runs, run, indent, own=run.column < indent)
    elif gap.next_column < indent and gap.next_column != run.column:
        _close(gap, runs, run, indent, own=False)
    else:
        runs.append(run)


def _ends_as_foot(gap: Gap, run: Run, foot_line: int, indent: int) -> bool:
    return (run.line == foot_line and gap.kind != ":") or run.column < indent


def _close(gap: Gap, runs: list[Run], run: Run, indent: int, *, own: bool) -> None:
    run.foot = True
    if own:
        run.anchor = run.start
    else:
        run.anchor = runs[-1].end if runs else gap.token_start
    runs.append(run)


def _take(gap: Gap, runs: list[Run]) -> list[tuple[Line, Container]]:
    """Hand the runs out: to P, to the collections that end, in order, and to N."""
    placed: list[tuple[Line, Container]] = []
    takers = [(gap.token_start, gap.next if gap.next_opens else gap.holder, True), *_ends(gap, runs)]
    at = 0
    for position, container, is_token in takers:
        while at < len(runs) and runs[at].anchor <= position and runs[at].foot:
            owner = _past_null(gap) if is_token and gap.null_dash else container
            if is_token and gap.kind == "close" and gap.closed is not None and _first_in_item(gap):
                owner = gap.closed
            placed += [(line, owner) for line in runs[at].lines]
            at += 1
    for run in runs[at:]:
        owner = _past_null(gap) if gap.next_null and not gap.next_opens else gap.next
        placed += [(line, owner) for line in run.lines]
    return placed


def _first_in_item(gap: Gap) -> bool:
    """P is a flow collection that is the value of the first key of a list item, with a comment before that item."""
    node = gap.closed
    if node is None or node.parent is None or node.parent.kind != MAP or node.parent.parent is None:
        return False
    parent = node.parent
    if parent.parent is None or parent.parent.kind != SEQ:
        return False
    values = [item for item in parent.items if not (isinstance(item, Leaf) and item.style == COMMENT)]
    if not values or values[0] is not node:
        return False
    start = node.key_start
    while start and gap.text[start - 1] not in BREAKS:
        start -= 1
    before = gap.text[:start].rstrip(_BLANK + "".join(BREAKS))
    line = max(before.rfind(char) for char in BREAKS) + 1
    return before[line:].lstrip(_BLANK).startswith("#")


def _ends(gap: Gap, runs: list[Run]) -> list[tuple[int, Container, bool]]:
    """Where the collections that close before N end: moved up to a run at their own column."""
    mark = gap.token_end - 1
    if gap.lines and runs and gap.lines[0] is not runs[0].lines[0]:
        mark = gap.lines[0].end - 1
    ends = []
    for number, node in enumerate(gap.closing):
        if indentless(gap.text, node):
            continue
        stop = mark
        column = column_of(gap.text, node.start)
        for run in reversed(runs):
            if run.end < stop:
                break
            if run.column == column:
                mark = run.start
            stop = run.gap_start
        # the end of a list takes no comments: what falls to it waits for the next mapping that ends, or for N
        owner = next((outer for outer in gap.closing[number:] if outer.kind == MAP), gap.next)
        ends.append((mark, owner, False))
    return ends
