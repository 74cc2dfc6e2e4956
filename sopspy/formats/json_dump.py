"""JSON as sops writes it: whole documents, parts of them, and the metadata block inside somebody's file.

Responsible for the spelling only; must not know of spans, envelopes or metadata. Comments have no place in JSON and are
left out, as sops does. Source: sops 3.13.2; Go's encoding/json (escapes for HTML, floats); RFC 8259.
"""

from __future__ import annotations

from ..errors import EmitError
from ..tree import Comment, Mapping, Sequence, Timestamp
from ..values import float_digits

try:
    from _json import encode_basestring
except ImportError:  # an interpreter without the C helper
    from json.encoder import py_encode_basestring as encode_basestring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tree import Value

__all__ = ["Style", "block_text", "dump", "dump_value", "one_line", "quote", "replaced", "spell_float"]

_HTML = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_END = object()


class Style:
    """Where line breaks and blanks go: behind `newline` come `base` and a `unit` for each level.

    Without a newline all is on one line.
    """

    __slots__ = ("base", "newline", "unit")

    def __init__(self, unit: str = "\t", base: str = "", newline: str = "\n") -> None:
        self.unit = unit
        self.base = base
        self.newline = newline

    def lead(self, depth: int) -> str:
        """What stands before a member or a closing bracket at a depth (0: the outermost bracket)."""
        return self.newline + self.base + self.unit * depth if self.newline else ""


def dump(value: Mapping, indent: int | None) -> str:
    """sops' own text for a document. `indent`: blanks a level, None or -1 for a tab, 0 for line breaks only.

    Raises EmitError (exit 4) for NaN, infinity and an indent below -1.
    """
    return block_text(value, _style(indent)) + "\n"


def dump_value(value: Value, indent: int | None) -> str:
    """sops' own text for a part of a document, without a final newline. Raises EmitError as `dump` does."""
    return block_text(value, _style(indent))


def one_line(value: Value) -> str:
    """The value on one line, with `", "` and `": "`."""
    return block_text(value, Style(newline=""))


def _style(indent: int | None) -> Style:
    if indent is None or indent == -1:
        return Style()
    if indent < -1:
        raise EmitError("an indent of less than -1 is not possible in JSON", hint="-1 stands for a tab")
    return Style(" " * indent)


def block_text(value: Value, style: Style) -> str:
    """The value in a style, from its first to its last character. Raises EmitError for NaN and infinity."""
    comma = "," if style.newline else ", "
    parts: list[str] = []
    open_: list[tuple[Iterator[object], str]] = []
    current: object = value
    while True:
        if isinstance(current, Mapping | Sequence):
            opening, closing = "{}" if isinstance(current, Mapping) else "[]"
            entries = [item for item in current if not isinstance(item, Comment)]
            if entries:
                parts.append(opening)
                open_.append((iter(entries), closing))
                current = next(open_[-1][0])
                parts.append(style.lead(len(open_)))
                current = _key(current, parts)
                continue
            parts.append(opening + closing)
        else:
            parts.append(_scalar(current))
        while open_:
            entry = next(open_[-1][0], _END)
            if entry is not _END:
                parts.append(comma + style.lead(len(open_)))
                current = _key(entry, parts)
                break
            closing = open_.pop()[1]
            parts.append(style.lead(len(open_)) + closing)
        else:
            return "".join(parts)


def _key(entry: object, parts: list[str]) -> object:
    """Write the key of a pair; returns the value of the pair, or the list's item itself."""
    if isinstance(entry, tuple):
        parts.append(_string(entry[0]) + ": ")
        return entry[1]
    return entry


def _scalar(value: object) -> str:
    if isinstance(value, Timestamp):
        return f'"{value}"'
    if isinstance(value, str):
        return _string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return spell_float(value)
    assert isinstance(value, bytes)
    return _string(value.decode("utf-8", "surrogateescape"))


def _string(text: str) -> str:
    """A string as Go spells it: escapes for HTML, and `\\ufffd` for each byte that is not UTF-8."""
    spelt = quote(text)
    for char, escape in _HTML:
        if char in spelt:
            spelt = spelt.replace(char, escape)
    return replaced(spelt, "\\ufffd")


def quote(text: str) -> str:
    """A string with the fewest escapes that JSON allows."""
    spelt: str = encode_basestring(text)
    return spelt


def replaced(text: str, mark: str) -> str:
    """The text with `mark` for every surrogate: half a pair, or a byte that is not UTF-8."""
    if text.isascii() or all(char < "\ud800" or char > "\udfff" for char in text):
        return text
    return "".join(mark if "\ud800" <= char <= "\udfff" else char for char in text)


def spell_float(number: float) -> str:
    """A float as Go's encoding/json: shortest digits, an exponent below 1e-6 and from 1e21 on. Raises EmitError."""
    if number != number or number in (float("inf"), float("-inf")):
        raise EmitError("JSON has no way to write NaN or infinity", hint="choose another --output-type")
    sign, digits, point = float_digits(number)
    if number and not 1e-6 <= abs(number) < 1e21:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"
