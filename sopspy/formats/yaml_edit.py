"""Change a plain YAML document in place: add, replace or remove one entry, everything else stays byte for byte.

Only proposes edits; the operation scans the result and compares the data before it is used. Source: YAML 1.1 §8.
"""

from __future__ import annotations

from ..document import DOUBLE, FOLDED, LITERAL, MAP, PLAIN, SEQ, SINGLE, Container, Document, Leaf
from ..source import newline_of
from .draft import flow, value_in_flow
from .yaml import block_text
from .yaml_scan import BREAKS, column_of, line_start
from .yaml_text import canonical_inline, fits_single, quote, region, safe_key, whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Edit, Node
    from ..tree import Value
    from .draft import Draft

_STEP = 4


def put(document: Document, container: Container, key: str | int, draft: Draft) -> list[Edit]:
    """Add an entry at the end of a collection."""
    text = document.text
    if container.flow:
        return [_put_in_flow(document, container, key, draft)]
    if not container.items:  # a document without any value
        lines = _entry(key, draft, 0, _step(document))
        return [_insert_lines(document, document.places[int(container.key)].offset, lines)]
    column = column_of(text, container.start)
    if container.kind == MAP:
        lines = _entry(key, draft, column, _step(document))
    else:
        lines = _item(draft, column, _step(document))
    return [_insert_lines(document, line_end(text, container.end), lines)]


def _insert_lines(document: Document, at: int, lines: list[str]) -> Edit:
    newline = newline_of(document.text)
    if at and document.text[at - 1] not in BREAKS:
        return at, at, "".join(newline + line for line in lines)
    return at, at, "".join(line + newline for line in lines)


def _put_in_flow(document: Document, container: Container, key: str | int, draft: Draft) -> Edit:
    text = document.text
    entry = flow(draft, quote)
    if container.kind == MAP:
        entry = f"{quote(str(key)) if _json_like(text, container) else _key(str(key))}: {entry}"
    if not container.items:
        return container.start + 1, container.start + 1, entry
    lead = text[container.start + 1 : container.items[0].key_start]
    if lead.strip(" \t" + BREAKS) or not any(char in BREAKS for char in lead):
        lead = " "
    end = _end(container.items[-1])
    return end, end, f",{lead}{entry}"


def _json_like(text: str, container: Container) -> bool:
    return bool(container.items) and text[container.items[0].key_start] == '"'


def replace(document: Document, node: Node, draft: Draft) -> list[Edit]:
    """Put another value in the place of a node."""
    parent = node.parent
    text = document.text
    if (
        isinstance(draft[1], str)
        or not draft[1]
        or (parent is not None and parent.flow)
        or (isinstance(node, Container) and node.flow)
    ):
        return _replace_inline(document, node, draft)
    assert parent is not None
    column = column_of(text, parent.start)
    step = _step(document)
    if parent.kind == SEQ:
        start = node.start if isinstance(node, Container) else node.node_start
        inner = column_of(text, start) if text[start - 1] == " " else column + 2
        lines = _body(draft, inner, step)
        lines[0] = lines[0].lstrip(" ")
        space = "" if text[start - 1] == " " else " "
        return [(start, _last_end(text, _end(node)), space + (newline_of(text)).join(lines))]
    lines = _body(draft, column + step, step)
    if isinstance(node, Container):
        return [(line_start(text, node.start), _last_end(text, _end(node)), newline_of(text).join(lines))]
    start = node.start
    while text[start - 1] in " \t":
        start -= 1
    if node.style in (LITERAL, FOLDED):
        return [(start, region(document, node)[1], "".join(newline_of(text) + line for line in lines))]
    at = line_end(text, node.end)
    return [(start, node.end, ""), (at, at, "".join(newline_of(text) + line for line in lines))]


def _replace_inline(document: Document, node: Node, draft: Draft) -> list[Edit]:
    text = document.text
    if isinstance(node, Container):
        made = flow(draft, quote) if not isinstance(draft[1], str) else _scalar(draft)
        if node.flow:
            return [(node.start, node.end, made)]
        start = node.node_start
        while text[start - 1] in " \t" + BREAKS:
            start -= 1
        return [(start, _last_end(text, node.end), " " + made)]
    made = _in_style(node, draft)
    start, end = region(document, node)
    if node.style not in (PLAIN, SINGLE, DOUBLE):
        start = node.start
    if draft[0] != "str" or whole(node):
        start = node.node_start
    if start == end and start and text[start - 1] not in " \t[{,":
        made = " " + made
    return [(start, end, made)]


def _in_style(leaf: Leaf, draft: Draft) -> str:
    content = draft[1]
    if not isinstance(content, str):
        return flow(draft, quote)
    if draft[0] == "raw":
        return content
    if leaf.style == DOUBLE:
        return quote(content)
    if leaf.style == SINGLE and fits_single(content):
        return "'" + content.replace("'", "''") + "'"
    return canonical_inline(content, flow=leaf.parent.flow)


def remove(document: Document, node: Node) -> list[Edit]:
    """Take an entry out of its collection; the last one leaves `{}` or `[]`."""
    parent = node.parent
    assert parent is not None
    text = document.text
    values = [item for item in parent.items if not (isinstance(item, Leaf) and item.style == "#")]
    at = values.index(node)
    if parent.flow:
        if at:
            return [(_end(values[at - 1]), _end(node), "")]
        stop = values[1].key_start if len(values) > 1 else _end(node)
        return [(node.key_start, stop, "")]
    if len(values) == 1:
        return _remove_last(document, parent)
    start = node.key_start if parent.kind == MAP else _dash(text, node)
    line = line_start(text, start)
    stop = line_end(text, _end(node))
    stop += _break_length(text, stop)
    if not text[line:start].strip(" "):
        return [(line, stop, "")]
    while stop < len(text) and text[stop] in " ":
        stop += 1
    return [(start, stop, "")]


def _remove_last(document: Document, parent: Container) -> list[Edit]:
    empty = "{}" if parent.kind == MAP else "[]"
    text = document.text
    if parent.parent is None:
        start = line_start(text, parent.start)
        return [(start, line_end(text, parent.end), empty)]
    start = parent.start
    if parent.kind == SEQ or parent.parent.kind == MAP:
        while text[start - 1] in " \t" + BREAKS:
            start -= 1
        return [(start, _last_end(text, parent.end), " " + empty)]
    return [(start, _last_end(text, parent.end), empty)]


def _last_end(text: str, end: int) -> int:
    """The end of a collection without the line break that a block scalar at its end has as its own."""
    return end - _break_length_before(text, end)


def _break_length_before(text: str, end: int) -> int:
    if text.endswith("\r\n", 0, end):
        return 2
    return 1 if end and text[end - 1] in BREAKS else 0


def value_of(draft: Draft) -> Value:
    """What the format reads where a draft was written."""
    from . import yaml

    return value_in_flow(draft, yaml)


def refasten(document: Document, old: Document, text: str) -> list[Edit] | None:
    """Add the very block `text` that was cut from `old`; None when it does not fit."""
    place = old.places[0]
    if place.flow:
        if not text.startswith(",") or any(not new.flow for new in document.places):
            return None
        return (
            [(root.items[-1].end,) * 2 + (text,) for root in document.roots]
            if all(root.items for root in document.roots)
            else None
        )
    if any(new.flow for new in document.places):
        return None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    body = "".join(line[place.column :] + "\n" for line in lines)
    return [(new.offset, new.offset, block_text(document, new, body)) for new in document.places]


# text of drafts -----------------------------------------------------------------------------------------------------


def _entry(key: str | int, draft: Draft, column: int, step: int) -> list[str]:
    pad = " " * column
    name = _key(str(key))
    content = draft[1]
    if isinstance(content, str) or not content:
        return [f"{pad}{name}: {_scalar(draft) if isinstance(content, str) else flow(draft, quote)}"]
    return [f"{pad}{name}:", *_body(draft, column + step, step)]


def _item(draft: Draft, column: int, step: int) -> list[str]:
    pad = " " * column
    content = draft[1]
    if isinstance(content, str) or not content:
        return [f"{pad}- {_scalar(draft) if isinstance(content, str) else flow(draft, quote)}"]
    lines = _body(draft, column + 2, step)
    return [f"{pad}- {lines[0].lstrip(' ')}", *lines[1:]]


def _body(draft: Draft, column: int, step: int) -> list[str]:
    lines: list[str] = []
    for child in draft[1]:
        if draft[0] == "map":
            lines += _entry(child[0], child[1], column, step)  # type: ignore[arg-type]
        else:
            lines += _item(child, column, step)  # type: ignore[arg-type]
    return lines


def _scalar(draft: Draft) -> str:
    content = draft[1]
    assert isinstance(content, str)
    return canonical_inline(content, flow=False) if draft[0] == "str" else content


def _key(key: str) -> str:
    return key if safe_key(key) else quote(key)


# places -------------------------------------------------------------------------------------------------------------


def _step(document: Document) -> int:
    """The file's own indentation: that of its first nested block mapping, else 4 as sops writes."""
    for root in document.roots:
        for item in root.items:
            if isinstance(item, Container) and not item.flow and item.items and item.alias is None:
                step = column_of(document.text, item.start) - column_of(document.text, root.start)
                if step > 0:
                    return step
    return _STEP


def _end(node: Node) -> int:
    return node.alias.end if node.alias is not None else node.end


def line_end(text: str, offset: int) -> int:
    """The end of the line an offset is in; the offset itself where it starts a line behind a block scalar."""
    if offset and text[offset - 1] in BREAKS:
        return offset
    while offset < len(text) and text[offset] not in BREAKS:
        offset += 1
    return offset


def _break_length(text: str, at: int) -> int:
    if at and text[at - 1] in BREAKS:
        return 0
    return 2 if text.startswith("\r\n", at) else 1 if at < len(text) else 0


def _dash(text: str, node: Node) -> int:
    return text.rfind("-", 0, node.node_start)
