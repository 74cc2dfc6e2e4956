"""The YAML format: see `formats.base.Format`. Reads `.sops.yaml` too.

Source: docs/compatibility.md, "YAML"; sops 3.13.2.
"""

from __future__ import annotations

from ..document import COMMENT, Document, Leaf
from ..errors import EncryptError, ParseError
from ..limits import MAX_MASKED
from ..source import BOM, newline_of, position
from ..tree import Mapping
from . import libyaml
from .yaml_resolve import resolve_leaf, resolve_plain
from .yaml_scan import BREAKS, Builder
from .yaml_text import clear, cover, faithful, number, quote, region, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..document import Edit, Place
    from ..tree import Value

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

NAME = "yaml"


def scan(text: str) -> Document:
    """The document of a YAML text without byte order mark. Raises ParseError, EncryptError (a key that is no
    string)."""
    if BOM in text:
        _check_marks(text)
    try:
        if "#" not in text:
            return Builder(text).feed(libyaml.events(text))
        return _with_comments(text, list(libyaml.events(text)))
    except libyaml.Refused as err:
        return _deep(text) if libyaml.too_deep(err) else _lenient(text, err)


def _deep(text: str) -> Document:
    """The same where the nesting is too deep for libyaml."""
    try:
        return _with_comments(text, list(libyaml.slow_events(text)))
    except libyaml.Refused as err:
        raise libyaml.refused(err, text) from None


def _check_marks(text: str) -> None:
    """Refuse a byte order mark at the start of a line: it is no character there, and offsets would shift."""
    for at, char in enumerate(text):
        if char == BOM and (at == 0 or text[at - 1] in BREAKS):
            line, column = position(text, at)
            raise ParseError("a byte order mark inside the file", hint="remove it", line=line, column=column)


def check_clear(document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
    """Refuse what would stay in clear and sops cannot read. Returns edits of what would read otherwise with a block
    behind it, each with the source of a block scalar's header."""
    text = document.text
    if "?" in text or "\\/" in text or "<<" in text or text[-1:] not in BREAKS:
        from .yaml_check import check

        return check(document, chosen)
    return []


def _lenient(text: str, first: libyaml.Refused) -> Document:
    """The same where sops reads a text that libyaml refuses."""
    masked, err = text, first
    for _ in range(MAX_MASKED):
        try:
            masked = libyaml.mask(masked, err, text)
            return _with_comments(text, libyaml.unmask(list(libyaml.events(masked)), text, masked), masked)
        except libyaml.Refused as again:
            if again is err:
                break
            err = again
    raise libyaml.refused(err, text)


def _with_comments(text: str, events: list[object], masked: str = "") -> Document:
    builder = Builder(masked or text)
    document = builder.feed(events)
    document.text = text
    if "#" in text:
        from .yaml_comments import attach

        attach(document, events, builder.made)
    return document


def resolve(document: Document, leaf: Leaf) -> None:
    """Set `type` and `stored`. Raises ParseError for a tag that does not fit, EncryptError for what sops cannot
    hold."""
    if leaf.style == COMMENT:
        leaf.type, leaf.stored = "comment", leaf.text
        return
    kind, stored = resolve_leaf(document.text, leaf)
    if kind == "uint":
        raise EncryptError(
            "an integer above 9223372036854775807, which sops cannot hold", hint="put the number in quotes"
        ).at(*position(document.text, leaf.start))
    leaf.type, leaf.stored = kind, stored


def fasten(document: Document, block: Mapping, indent: int | None) -> list[Edit]:
    """Add the block to every document of the stream: Flux decrypts each by itself."""
    return [_fasten(document, number, block, indent) for number in range(len(document.places))]


def _fasten(document: Document, number: int, block: Mapping, indent: int | None) -> Edit:
    place = document.places[number]
    if place.flow:
        return _fasten_flow(document, number, block)
    text = dump(Mapping([("sops", block)]), indent)
    return place.offset, place.offset, block_text(document, place, text)


def block_text(document: Document, place: Place, text: str) -> str:
    """A block that starts at column 0 with LF line ends, made to fit its place."""
    lines = text.split("\n")[:-1]
    newline = newline_of(document.text)
    pad = " " * place.column
    made = "".join(f"{pad if line else ''}{line}{newline}" for line in lines)
    if place.offset and document.text[place.offset - 1] not in BREAKS:
        return newline + made[: -len(newline)]
    return made


def reread(leaf: Leaf) -> tuple[str, str]:
    """Type and stored plaintext of what `show` writes for an opened number, boolean or time."""
    return resolve_plain(number(leaf))


def _fasten_flow(document: Document, number: int, block: Mapping) -> Edit:
    from .json_dump import one_line

    root = document.roots[number]
    text = f'"sops": {one_line(block)}'
    if root.items:
        at = root.items[-1].end
        return at, at, ", " + text
    return root.start + 1, root.start + 1, text


def dump(value: Mapping, indent: int | None) -> str:
    """sops' own YAML for one document."""
    from .yaml_dump import dump as emit

    return emit(value, indent)


def dump_value(value: Value, indent: int | None) -> str:
    """sops' own YAML for a part of a document."""
    from .yaml_dump import dump_value as emit

    return emit(value, indent)
