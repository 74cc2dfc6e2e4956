"""The dotenv format: see `formats.base.Format`. One `KEY=value` a line, and nothing else is grammar.

Responsible for lines and for the `sops_` names of the metadata; must not know of selections, keys or files. A value is
what follows the first `=`, quotes and blanks and carriage returns included, with the two characters `\\n` for a line
break; a key is what stands before it. The bytes may be of any encoding. Source: sops 3.13.2.
"""

from __future__ import annotations

from ..document import COMMENT, MAP, PLAIN, Block, Container, Document, Leaf
from ..errors import EmitError, ParseError
from ..tree import Comment, Mapping, Sequence
from .flat import flatten, unflatten
from .plain_text import spell, typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..document import Edit
    from ..tree import Value

NAME = "dotenv"
RAW = True
PREFIX = "sops_"


def scan(text: str) -> Document:
    """The document of a text. Raises ParseError with the line, MetadataError."""
    document = Document(text, NAME)
    root = Container(MAP, None, 0, "", 0, flow=False)
    root.end = len(text)
    document.roots.append(root)
    metadata: list[tuple[int, int, int]] = []
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if text.startswith(PREFIX, at) and (equals := text.find("=", at, end)) >= 0:
            metadata.append((at, equals, end))
        elif end > at:
            _read_line(document, root, at, end)
        at = end + 1
    if metadata:
        _take_blocks(document, root, metadata)
    return document


def _read_line(document: Document, root: Container, start: int, end: int) -> None:
    text = document.text
    if text[start] == "#":
        comment = Leaf(root, 0, start + 1, end, COMMENT, text[start + 1 : end])
        comment.key_start = comment.node_start = start
        root.items.append(comment)
        document.comments.append(comment)
        return
    equals = text.find("=", start, end)
    if equals < 0:
        line = text.count("\n", 0, start) + 1
        blank = not text[start:end].strip()
        raise ParseError(
            "a line of blanks" if blank else "a line without '='",
            hint="remove it, or its carriage return"
            if blank
            else "a value is written as KEY=value, a comment as # text",
            line=line,
            column=1,
        )
    leaf = Leaf(root, text[start:equals], equals + 1, end, PLAIN, text[equals + 1 : end].replace("\\n", "\n"))
    leaf.key_start = start
    root.items.append(leaf)
    document.leaves.append(leaf)


def _take_blocks(document: Document, root: Container, lines: list[tuple[int, int, int]]) -> None:
    """Take the metadata, wherever its lines stand, out of the file: one block for each run of lines."""
    text = document.text
    node = Container(MAP, None, "sops", "", lines[0][0], flow=False)
    leaves = []
    for start, equals, end in lines:
        leaf = Leaf(node, "", equals + 1, end, PLAIN, text[equals + 1 : end].replace("\\n", "\n"))
        leaf.key_start = start
        leaves.append((text[start + len(PREFIX) : equals], leaf))
    unflatten(node, leaves)
    for start, _, end in lines:
        last = document.blocks[-1] if document.blocks else None
        if last is not None and last.cut_end == start:
            last.cut_end = min(end + 1, len(text))
        else:
            document.blocks.append(Block(0, node, start, min(end + 1, len(text))))
    last = document.blocks[-1]
    if last.cut_end == len(text) and text[-1] != "\n" and last.cut_start:
        last.cut_start -= 1  # the file had no final newline: `fasten` has put one before the block


# values -------------------------------------------------------------------------------------------------------------


def resolve(document: Document, leaf: Leaf) -> None:
    """Set `type` and `stored`: every value is a string."""
    leaf.type, leaf.stored = "comment" if leaf.style == COMMENT else "str", leaf.text


def region(document: Document, leaf: Leaf) -> tuple[int, int]:
    """The span that a token takes: the whole value."""
    return leaf.start, leaf.end


def cover(document: Document, leaf: Leaf, envelope: str) -> Edit:
    """The edit that puts an envelope in the place of a value or a comment."""
    return leaf.start, leaf.end, envelope


def show(document: Document, leaf: Leaf) -> Edit:
    """The edit that writes an opened leaf."""
    return leaf.start, leaf.end, clear(leaf)


def faithful(document: Document, leaf: Leaf) -> bool:
    """Always: a line has one spelling."""
    return True


def clear(leaf: Leaf) -> str:
    """A resolved leaf in clear."""
    text = spell(leaf.type, leaf.stored)
    return text if leaf.style == COMMENT else text.replace("\n", "\\n")


def reread(leaf: Leaf) -> tuple[str, str]:
    """Type and stored plaintext of what `show` writes: another program may have stored a number."""
    return "str", spell(leaf.type, leaf.stored)


def quote(text: str) -> str:
    """A string as a value: there are no quotes."""
    return text.replace("\n", "\\n")


def check_clear(document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
    """Nothing to refuse or change: sops reads all that the scanner reads."""
    return []


# whole files --------------------------------------------------------------------------------------------------------


def fasten(document: Document, block: Mapping, indent: int | None) -> list[Edit]:
    """Add the metadata at the end, one line for each of its values."""
    text = document.text
    lines = "".join(f"{PREFIX}{name}={quote(value)}\n" for name, value in flatten(block))
    if text and text[-1] != "\n":
        lines = "\n" + lines[:-1]
    return [(len(text), len(text), lines)]


def dump(value: Mapping, indent: int | None) -> str:
    """sops' own text for a document. Raises EmitError (exit 4) for a list or a mapping."""
    lines: list[str] = []
    for item in value:
        if isinstance(item, Comment):
            lines += [f"#{line}\n" for line in item.text.split("\n")]
            continue
        key, inner = item
        if isinstance(inner, Mapping | Sequence):
            raise EmitError(
                f"cannot use complex value in dotenv file; offending key {key}",
                hint="choose a part: --extract '[\"key\"]', or another format",
            )
        lines.append(f"{key}={quote(spell(*typed(inner)))}\n")
    return "".join(lines)


def dump_value(value: Value, indent: int | None) -> str:
    """Raises EmitError (exit 4): only strings stand by themselves in this format."""
    raise EmitError("only a string can be printed as dotenv", hint="choose another format: --output-type json")
