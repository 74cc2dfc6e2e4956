"""The INI format: see `formats.base.Format`. The dialect is that of `ini_scan`.

Responsible for values in the quotes that they need, for the place of the metadata and for sops' own text of a whole
file; must not know of selections, keys or files. Source: sops 3.13.2 and ini.v1 1.67.3. The metadata is written with
its line breaks in triple quotes, the one form that every version reads.
"""

from __future__ import annotations

from ..document import COMMENT, DOUBLE, HEADER, OVERRIDDEN, PLAIN, SINGLE, Document, Leaf
from ..errors import EmitError, ParseError
from .flat import flatten
from .ini_scan import BACKTICK, METADATA, TRIPLE, Comment, read_value, scan, tail_of
from .plain_text import spell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..document import Edit
    from ..tree import Mapping, Value

__all__ = [
    "check_clear",
    "clear",
    "cover",
    "dump",
    "dump_value",
    "faithful",
    "fasten",
    "quote",
    "region",
    "reread",
    "resolve",
    "scan",
    "show",
]

NAME = "ini"
NEWLINE = "\n"
_QUOTES = {PLAIN: "", SINGLE: SINGLE, DOUBLE: DOUBLE, BACKTICK: BACKTICK, TRIPLE: TRIPLE}


def resolve(document: Document, leaf: Leaf) -> None:
    """Set `type` and `stored`: every value is a string. An overridden one is kept out of the data as a comment is."""
    leaf.type = "comment" if leaf.style == COMMENT or leaf.tag == OVERRIDDEN else "str"
    leaf.stored = leaf.text


def region(document: Document, leaf: Leaf) -> tuple[int, int]:
    """The span that a token takes: a value with its quotes."""
    return leaf.start, leaf.end


def cover(document: Document, leaf: Leaf, envelope: str) -> Edit:
    """The edit that puts an envelope in the place of a value, in its quotes, or of a comment.

    One behind a section's name moves above it, and the layout hint knows where it was.
    """
    if leaf.tag == HEADER:
        text, name = document.text, leaf.parent.start
        start = min(name, leaf.key_start)
        close = text.rfind("]", name, text.find("\n", name) if "\n" in text[name:] else None) + 1
        return start, leaf.end, f"; {envelope}\n{text[text.rfind(NEWLINE, 0, name) + 1 : close]}"
    quote = "" if leaf.style == COMMENT else _QUOTES[leaf.style]
    if quote in (BACKTICK, TRIPLE) and _has_comment_of_long_value(document.text, leaf):
        envelope += "\n"
    return leaf.start, leaf.end, f"{quote}{envelope}{quote}"


def _has_comment_of_long_value(text: str, leaf: Leaf) -> bool:
    """Whether a comment stands behind a quoted value of several lines: sops sees it only if those stay several."""
    end = text.find("\n", leaf.end)
    return "\n" in text[leaf.start : leaf.end] and bool(text[leaf.end : end if end >= 0 else None].strip())


def show(document: Document, leaf: Leaf) -> Edit:
    """The edit that writes an opened leaf in the quotes around its token, or in others where they cannot hold it."""
    text = clear(leaf)
    if isinstance(leaf, Comment) and leaf.behind is not None and leaf.behind.type:
        text = text.removesuffix(tail_of(document.text, leaf, str(leaf.behind.stored)))
    return leaf.start, leaf.end, text


def faithful(document: Document, leaf: Leaf) -> bool:
    """Whether decryption will write a resolved leaf exactly as it stands."""
    return leaf.tag != HEADER and show(document, leaf)[2] == document.text[leaf.start : leaf.end]


def clear(leaf: Leaf) -> str:
    """A resolved leaf in clear."""
    text = spell("str" if leaf.type == "comment" else leaf.type, leaf.stored)
    return text if leaf.style == COMMENT else quoted(text, leaf.style)


def quoted(text: str, style: str = PLAIN) -> str:
    """A value as it has to stand in the file, in `style` if that holds it."""
    for one in (style, PLAIN, DOUBLE, BACKTICK, TRIPLE, SINGLE):
        made = f"{_QUOTES[one]}{text}{_QUOTES[one]}"
        if _reads_back(made, text):
            return made
    raise EmitError(
        "a value that INI cannot hold: it has line breaks or quotes of every kind", hint="choose another format"
    )


def _reads_back(made: str, text: str) -> bool:
    line = f"{made}\n"
    try:
        value = read_value(line, 0)
    except ParseError:
        return False
    whole = value.next == len(line) and value.end == len(made) and value.comment < 0 and value.start == 0
    return value.text == text and (whole or not text)


def reread(leaf: Leaf) -> tuple[str, str]:
    """Type and stored plaintext of what `show` writes: another program may have stored a number."""
    return "str", spell(leaf.type, leaf.stored)


def quote(text: str) -> str:
    """A string as a value."""
    return quoted(text)


def check_clear(document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
    """Nothing to refuse or change: sops reads all that the scanner reads."""
    return []


# whole files --------------------------------------------------------------------------------------------------------


def fasten(document: Document, block: Mapping, indent: int | None) -> list[Edit]:
    """Add the metadata as the last section."""
    text = document.text
    from .ini_dump import section

    lines = section(METADATA, [("", name, value) for name, value in flatten(block)])
    if not text:
        return [(0, 0, lines)]
    if text[-1] != "\n":
        return [(len(text), len(text), f"\n\n{lines[:-1]}")]
    return [(len(text), len(text), f"\n{lines}")]


def dump(value: Mapping, indent: int | None) -> str:
    """sops' own text for a document. Raises EmitError (exit 4) unless it is a mapping of mappings of values."""
    from .ini_dump import dump as emit

    return emit(value)


def dump_value(value: Value, indent: int | None) -> str:
    """What sops prints for a part of a document: its JSON."""
    from .json_dump import one_line

    return one_line(value)
