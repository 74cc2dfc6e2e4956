"""Change a plain INI document in place: add, replace or remove one line or section. Only proposes edits."""

from __future__ import annotations

from ..document import COMMENT, Container, Leaf
from ..errors import ValueFormatError
from ..tree import Mapping
from .dotenv_edit import text_of
from .ini import quoted
from .ini_dump import section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Document, Edit, Node
    from ..tree import Value
    from .draft import Draft

_FORM = 'a value stands in a section: \'["section"]["key"]\''


def put(document: Document, container: Container, key: str | int, draft: Draft) -> list[Edit]:
    """Add a line at the end of a section, or a section at the end of the file."""
    text = document.text
    if container.parent is None:
        made = section(str(key), [("", name, inner) for name, inner in _pairs(draft)])
        return [(len(text), len(text), _joined(text, made))]
    at = container.end
    line = section("", [("", str(key), text_of(draft))])
    if at and text[at - 1] != "\n":
        return [(at, at, f"\n{line[:-1]}")]
    return [(at, at, line)]


def replace(document: Document, node: Node, draft: Draft) -> list[Edit]:
    """Put another value in the place of a line's, or other lines into a section."""
    if isinstance(node, Container):
        made = section(str(node.key), [("", name, inner) for name, inner in _pairs(draft)])
        return [(node.start, node.end, made)]
    line = document.text[node.start : node.start + 1]
    lead = "" if document.text[node.start - 1 : node.start] in (" ", "\t") or not line else " "
    return [(node.start, node.end, lead + quoted(text_of(draft), node.style))]


def remove(document: Document, node: Node) -> list[Edit]:
    """Take a line or a section out, with the comments that belong to it."""
    text = document.text
    if isinstance(node, Container):
        start, end = _above(node.items, node.start), node.end
    else:
        end = text.find("\n", node.end) + 1 or len(text)
        start = node.key_start
    start = text.rfind("\n", 0, start) + 1
    return [(start, end, "")]


def _above(items: list[Node], start: int) -> int:
    """Where the comments above a section begin."""
    return min([item.key_start for item in items if isinstance(item, Leaf) and item.style == COMMENT] + [start])


def refasten(document: Document, old: Document, text: str) -> list[Edit] | None:
    """Add the very block `text` that was cut from `old`; None when it does not fit."""
    found, last = document.text, text[-1:] == "\n"
    lead = "" if not found else "\n" if last else "\n\n"
    if len(old.blocks) > 1 or (found and (found[-1] == "\n") != last) or not text.startswith(lead + "["):
        return None
    return [(len(found), len(found), text)]


def value_of(draft: Draft) -> Value:
    """What the file will hold: texts, whatever the types of the draft. Raises ValueFormatError (7)."""
    if draft[0] == "map":
        return Mapping(_pairs(draft))
    return text_of(draft)


def _pairs(draft: Draft) -> list[tuple[str, str]]:
    pairs = [item for item in draft[1] if isinstance(item, tuple) and isinstance(item[0], str)]
    if draft[0] != "map" or isinstance(draft[1], str):
        raise ValueFormatError("only sections stand at the top level of an INI file", hint=_FORM)
    return [(str(key), text_of(inner)) for key, inner in pairs]  # type: ignore[arg-type]


def _joined(text: str, made: str) -> str:
    """A new section behind an empty line; a file without a final newline gets none."""
    if not text:
        return made
    return f"\n{made}" if text[-1] == "\n" else f"\n\n{made[:-1]}"
