"""The JSON format: see `formats.base.Format`.

Responsible for values in JSON's spelling and for the place of the metadata; must not know of selections, keys or files.
Source: sops 3.13.2, for numbers above all (an integer of 64 bits, else a float); docs/compatibility.md, "JSON".
"""

from __future__ import annotations

from ..document import DOUBLE, Container, Document, Leaf
from ..source import newline_of
from ..values import read_bool, read_float, read_int, read_time
from .json_dump import Style, block_text, dump, dump_value, one_line, quote, replaced, spell_float
from .json_scan import is_number, refuse, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..document import Edit
    from ..tree import Mapping

__all__ = [
    "check_clear",
    "clear",
    "cover",
    "dump",
    "dump_value",
    "faithful",
    "fasten",
    "one_line",
    "quote",
    "region",
    "reread",
    "resolve",
    "scan",
    "show",
]

NAME = "json"
_WORDS = {"true": ("bool", "True"), "false": ("bool", "False"), "null": ("null", "")}


# values -------------------------------------------------------------------------------------------------------------


def resolve(document: Document, leaf: Leaf) -> None:
    """Set `type` and `stored`. Raises ParseError for a number beyond the range of floats, as sops does."""
    text = leaf.text
    if leaf.style == DOUBLE:
        leaf.type, leaf.stored = "str", text
        return
    leaf.type, leaf.stored = _WORDS.get(text) or (_number_type(text), text)
    if leaf.type == "float" and float(text) in (float("inf"), float("-inf")):
        raise refuse(document.text, leaf.start, "a number beyond the range of 64-bit floats", hint="put it in quotes")


def _number_type(text: str) -> str:
    if text.isdigit() and len(text) < 19:
        return "int"
    try:
        read_int(text)
    except ValueError:
        return "float"
    return "int"


def check_clear(document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
    """Nothing to refuse or change: sops reads all that the scanner reads."""
    return []


def region(document: Document, leaf: Leaf) -> tuple[int, int]:
    """The span that a token takes: of a string with its quotes."""
    return leaf.start, leaf.end


def cover(document: Document, leaf: Leaf, envelope: str) -> Edit:
    """The edit that puts an envelope, always a string, in the place of a leaf."""
    return leaf.start, leaf.end, f'"{envelope}"'


def faithful(document: Document, leaf: Leaf) -> bool:
    """Whether decryption will write a resolved leaf exactly as it stands."""
    return _spell(leaf) == document.text[leaf.start : leaf.end]


def show(document: Document, leaf: Leaf) -> Edit:
    """The edit that writes an opened leaf. A comment that another format left in a list goes with its comma.

    Raises EmitError (exit 4) for NaN and infinity.
    """
    if leaf.type == "comment":
        return _drop(leaf)
    return leaf.start, leaf.end, _spell(leaf)


def clear(leaf: Leaf) -> str:
    """A resolved leaf in clear."""
    return _spell(leaf)


def reread(leaf: Leaf) -> tuple[str, str]:
    """Type and stored plaintext of what `show` writes for an opened number, boolean or time."""
    spelt = _spell(leaf)
    if spelt[0] == '"':
        return "str", spelt[1:-1]
    return _WORDS.get(spelt) or (_number_type(spelt), spelt)


def _spell(leaf: Leaf) -> str:
    """A value in the one spelling that decryption uses: numbers in their own, strings with the fewest escapes."""
    kind, stored = leaf.type, leaf.stored
    if isinstance(stored, bytes):
        stored = replaced(stored.decode("utf-8", "surrogateescape"), "\ufffd")
    if kind == "str":
        return quote(stored)
    if kind == "null":
        return "null"
    if kind == "bool":
        return "true" if read_bool(stored) else "false"
    if kind == "time":
        return f'"{read_time(stored)}"'
    if kind == "int":
        return stored if is_number(stored) else str(read_int(stored))
    return stored if is_number(stored) else spell_float(read_float(stored))


def _drop(leaf: Leaf) -> Edit:
    """Remove an item: up to the next one, or, where only comments follow, from the end of the one before."""
    items, index = leaf.parent.items, leaf.parent.items.index(leaf)
    if any(not isinstance(item, Leaf) or item.type != "comment" for item in items[index + 1 :]):
        return leaf.start, items[index + 1].key_start, ""
    return (items[index - 1].end if index else leaf.parent.start + 1), leaf.end, ""


# metadata -----------------------------------------------------------------------------------------------------------


def fasten(document: Document, block: Mapping, indent: int | None) -> list[Edit]:
    """Add `"sops": ...` as the last member, in the layout of the first one; `indent` only where the file shows none."""
    text, root = document.text, document.roots[0]
    if not root.items:
        return [_fasten_empty(text, root, block, indent)]
    end = root.items[-1].end
    start = min(node.key_start for node in (root.items[0], *(block.node for block in document.blocks)))
    lead = text[root.start + 1 : start]
    if "\n" not in lead:
        return [(end, end, f', "sops": {one_line(block)}')]
    pad = lead[lead.rfind("\n") + 1 :]
    outer = _indent_of(text, root.start)
    unit = pad[len(outer) :] if pad.startswith(outer) and pad != outer else pad
    newline = newline_of(text)
    return [(end, end, f',{newline}{pad}"sops": {block_text(block, Style(unit, pad, newline))}')]


def _fasten_empty(text: str, root: Container, block: Mapping, indent: int | None) -> Edit:
    at = root.start + 1
    if root.end - at > 1:
        return at, at, f'"sops": {one_line(block)}'
    unit = "\t" if indent is None or indent < 0 else " " * indent
    newline = newline_of(text)
    return at, at, f'{newline}{unit}"sops": {block_text(block, Style(unit, unit, newline))}{newline}'


def _indent_of(text: str, at: int) -> str:
    """The blanks before an offset if nothing else stands on its line."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line if not line.strip(" \t") else ""
