"""Change a plain dotenv document in place: add, replace or remove one line. Only proposes edits."""

from __future__ import annotations

from ..errors import EmitError, ValueFormatError
from .dotenv import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Container, Document, Edit, Node
    from ..tree import Value
    from .draft import Draft


def put(document: Document, container: Container, key: str | int, draft: Draft) -> list[Edit]:
    """Add a line at the end of the file."""
    text, at = document.text, len(document.text)
    line = f"{key}={quote(text_of(draft))}"
    return [(at, at, f"\n{line}" if text and text[-1] != "\n" else f"{line}\n")]


def replace(document: Document, node: Node, draft: Draft) -> list[Edit]:
    """Put another value in the place of a line's."""
    return [(node.start, node.end, quote(text_of(draft)))]


def remove(document: Document, node: Node) -> list[Edit]:
    """Take a line out."""
    text = document.text
    if node.end < len(text):
        return [(node.key_start, node.end + 1, "")]
    return [(max(node.key_start - 1, 0), node.end, "")]


def refasten(document: Document, old: Document, text: str) -> list[Edit] | None:
    """Add the very block `text` that was cut from `old`; None when it does not fit."""
    ends = [not found or found[-1] == "\n" for found in (document.text, text)]
    if len(old.blocks) > 1 or ends[0] != ends[1] or text.startswith("\n") == ends[0]:
        return None
    return [(len(document.text), len(document.text), text)]


def value_of(draft: Draft) -> Value:
    """What the file will hold: a text, whatever the draft's type. Raises ValueFormatError (7) for a collection."""
    return text_of(draft)


def text_of(draft: Draft) -> str:
    """The text of a draft. Raises ValueFormatError (7), as sops EmitError (4) for a mapping: both have no place in a
    file of texts."""
    content = draft[1]
    if draft[0] == "map":
        raise EmitError("a mapping has no place in this format", hint="set a string")
    if not isinstance(content, str):
        raise ValueFormatError("a list has no place in this format", hint="set a string")
    if draft == ("raw", "null"):
        raise ValueFormatError("null has no place in this format", hint="remove the key instead: sopspy unset")
    return content
