"""YAML scalars as text: an envelope in the style of a value, and an opened value in the style around its token.

Both directions meet in `_spell`: encryption asks it what decryption will write, and leaves a layout hint where that is
not the source. Never changes anything outside a leaf. Source: docs/compatibility.md, "Layout"; YAML 1.1 §5, §7, §8.
"""

from __future__ import annotations

from ..document import COMMENT, DOUBLE, FOLDED, LITERAL, MAP, PLAIN, SEQ, SINGLE, Container, Document, Leaf
from ..source import newline_of
from ..values import is_short_int, read_bool, read_float, read_int
from .yaml_resolve import CORE, resolve_plain
from .yaml_scan import BREAKS, header_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Edit

_ESCAPES = {
    **{"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "\a": "\\a", "\b": "\\b"},
    **{"\x1b": "\\e", "\f": "\\f", "\v": "\\v", "\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P", "\ufeff": "\\uFEFF"},
}
_INDICATORS = frozenset(",[]{}#&*!|>'\"%@`")
_FLOW = frozenset(",[]{}")
_YAML11_BOOLS = frozenset(("y", "n", "yes", "no", "on", "off"))
_BOOLS = {"True": "true", "true": "True", "False": "false", "false": "False", "TRUE": "TRUE", "FALSE": "FALSE"}
_LITERAL_STEP = 4


# the two directions -------------------------------------------------------------------------------------------------


def cover(document: Document, leaf: Leaf, envelope: str) -> Edit:
    """The edit that puts an envelope in the place of a resolved leaf."""
    start, end = region(document, leaf)
    style = leaf.style
    if style == COMMENT:
        return start, end, envelope
    if whole(leaf):
        token = f'"{envelope}"' if leaf.parent.flow else envelope
        return start, end, _anchor(document.text[start : leaf.start]) + token
    if style in (LITERAL, FOLDED):
        indent = _body_indent(document.text, start, end, leaf)
        return (
            (start, end, " " * indent + envelope)
            if indent is not None
            else (leaf.start, header_end(document.text, leaf), f'"{envelope}"')
        )
    if style == SINGLE:
        return start, end, f"'{envelope}'"
    if style == PLAIN:
        if not leaf.parent.flow:
            return start, end, envelope
        if leaf.type == "str":
            return start, end, f'"{envelope} "'
    return start, end, f'"{envelope}"'


def show(document: Document, leaf: Leaf) -> Edit:
    """The edit that writes an opened leaf in the style around its token."""
    start, end = region(document, leaf)
    if leaf.type == "comment":
        text = leaf.stored if isinstance(leaf.stored, str) else leaf.stored.decode("utf-8", "replace")
        return (start, end, text) if leaf.style == COMMENT else _list_comment(document, leaf, text)
    if leaf.type != "str":
        return leaf.start, end, number(leaf)
    if isinstance(leaf.stored, bytes):
        return leaf.node_start, leaf.end, _binary(leaf.stored)
    spelt = _spell(document, leaf, leaf.stored, _tail(leaf))
    if spelt is not None:
        return start, end, spelt
    return leaf.start, end, _canonical(document, leaf, leaf.stored)


def faithful(document: Document, leaf: Leaf) -> bool:
    """Whether decryption will write a resolved leaf exactly as it stands."""
    if whole(leaf):
        return False
    start, end = region(document, leaf)
    source = document.text[start:end]
    if leaf.style == COMMENT:
        return True
    if leaf.type != "str":
        return leaf.stored == source or number(leaf) == source
    if isinstance(leaf.stored, bytes):
        return False
    if leaf.style == PLAIN:
        marked = leaf.parent.flow
        return source == leaf.stored and (_readable_plain if marked else _safe_plain)(source, leaf)
    if leaf.style in (LITERAL, FOLDED):
        if leaf.end == len(document.text) and document.text[-1:] not in BREAKS:
            return False
        body = leaf.stored.rstrip("\n")
        return bool(body) and _spell(document, leaf, leaf.stored, leaf.stored[len(body) :]) == source
    return _spell(document, leaf, leaf.stored, "") == source


def _anchor(properties: str) -> str:
    """The anchor among a node's properties: it stays where the tag has to go."""
    at = properties.find("&")
    return properties[at:].split(maxsplit=1)[0] + " " if at >= 0 else ""


def region(document: Document, leaf: Leaf) -> tuple[int, int]:
    """What a token replaces: the content; of a block scalar its body, without trailing blank lines; with a tag that a
    token cannot carry the whole node."""
    if leaf.style in (LITERAL, FOLDED):
        start, end = _body(document.text, leaf)
        return (leaf.node_start if whole(leaf) else start if start < end else leaf.start, end)
    return (leaf.node_start if whole(leaf) else leaf.start), leaf.end


def whole(leaf: Leaf) -> bool:
    """Whether the tag has to go with the value: a token is a string for sops."""
    tag = leaf.tag
    return tag is not None and (
        tag == "!" or (tag.startswith(CORE) and tag != CORE + "str" and tag[len(CORE) :] in _TYPED)
    )


_TYPED = frozenset(("int", "float", "bool", "null", "timestamp", "binary"))


# what decryption writes ---------------------------------------------------------------------------------------------


def _spell(document: Document, leaf: Leaf, text: str, tail: str) -> str | None:
    """A string in the style of its leaf, or None when it does not fit. `tail`: the line breaks that a block adds."""
    style = leaf.style
    if style == DOUBLE:
        if _marked(leaf) and _readable_plain(text, leaf):
            return text
        return quote(text)
    if style == SINGLE:
        return "'" + text.replace("'", "''") + "'" if text and _printable(text) else None
    if style == PLAIN:
        return text if _safe_plain(text, leaf) else None
    return _block_body(document, leaf, text, tail)


def _block_body(document: Document, leaf: Leaf, text: str, tail: str) -> str | None:
    body = text[: len(text) - len(tail)] if tail else text
    if not text.endswith(tail) or not body or body[-1] == "\n" or not _printable(body.replace("\n", "")):
        return None
    start, end = _body(document.text, leaf)
    indent = _body_indent(document.text, start, end, leaf)
    lines = body.split("\n")
    if indent is None or (not _explicit(document.text, leaf) and (lines[0][:1] in (" ", "\t") or not lines[0])):
        return None
    if leaf.style == FOLDED:
        if any(line[:1] in ("", " ", "\t") for line in lines):
            return None
        lines = [part for line in lines for part in (line, "")][:-1]
    pad = " " * indent
    return newline_of(document.text).join(pad + line if line else "" for line in lines)


def number(leaf: Leaf) -> str:
    """A number, boolean or time as plain YAML, in its stored spelling where YAML reads that as sops does."""
    stored = leaf.stored if isinstance(leaf.stored, str) else leaf.stored.decode()
    if leaf.type == "bool":
        return _BOOLS.get(stored) or ("true" if read_bool(stored) else "false")
    if leaf.type == "int" and is_short_int(stored):
        return stored
    kind, own = resolve_plain(stored) if stored else ("", "")
    if leaf.type == "int":
        number = read_int(stored)
        return stored if kind == "int" and read_int(own) == number else str(number)
    if leaf.type == "float":
        if kind == "float" and (own == stored or read_float(own) == read_float(stored)):
            return stored
        from .yaml_spell import spell_float  # sops' own spelling: another program wrote the token

        return spell_float(read_float(stored))
    return stored if kind == leaf.type else quote(stored)


def _list_comment(document: Document, leaf: Leaf, text: str) -> Edit:
    """sops writes a comment in a list as an item of type comment: show it as a comment, and `[]` if nothing is left."""
    source = document.text
    dash = source.rfind("-", 0, leaf.node_start)
    items = leaf.parent.items
    if leaf is items[-1] and all(item.__class__ is Leaf and item.type == "comment" for item in items):
        start = dash
        while start and source[start - 1] not in BREAKS:
            start -= 1
        return dash, leaf.end, f"#{text}{newline_of(source)}{' ' * (dash - start)}[]"
    return dash, leaf.end, "#" + text


def _canonical(document: Document, leaf: Leaf, text: str) -> str:
    """A string in a style of our choice: for tokens of other programs, and values that outgrew their style."""
    if _safe_plain(text, leaf):
        return text
    if "\n" in text and leaf.style == PLAIN and not leaf.parent.flow:
        literal = _literal(document, leaf, text)
        if literal is not None:
            return literal
    if not _printable(text) or _ambiguous(text, leaf):
        return quote(text)
    return "'" + text.replace("'", "''") + "'"


def _literal(document: Document, leaf: Leaf, text: str) -> str | None:
    """A block literal in the place of a plain token that ends its line, or None."""
    source = document.text
    if source[leaf.end : leaf.end + 1] not in ("\n", "\r") or leaf.node_start != leaf.start:
        return None
    body = text.rstrip("\n")
    lines = body.split("\n")
    if not body or lines[0][:1] in ("", " ", "\t") or not _printable(body.replace("\n", "")):
        return None
    if any(line[-1:] in (" ", "\t") for line in lines):
        return None
    breaks = len(text) - len(body)
    start = leaf.key_start
    while start and source[start - 1] not in BREAKS:
        start -= 1
    pad = " " * (leaf.key_start - start + (0 if leaf.parent.kind == SEQ else _LITERAL_STEP))
    end = newline_of(source)
    header = ("|-", "|", "|+")[min(breaks, 2)]
    return end.join((header, *(pad + line if line else "" for line in lines))) + end * max(0, breaks - 1)


def clear(leaf: Leaf) -> str:
    """A resolved leaf that stays in clear, as one line that fits into a flow collection."""
    if leaf.type != "str":
        return number(leaf)
    return quote(leaf.stored) if isinstance(leaf.stored, str) else _binary(leaf.stored)


def canonical_inline(text: str, *, flow: bool) -> str:
    """A new string in one line: plain where every reader takes it for a string, else quoted."""
    leaf = Leaf(Container(MAP, None, 0, "", 0, flow), "", 0, 0, PLAIN, text)
    return text if _safe_plain(text, leaf) else quote(text)


def safe_key(text: str) -> bool:
    """Whether a key may stand plain anywhere."""
    return len(text) < 100 and canonical_inline(text, flow=True) == text and "?" not in text


def fits_single(text: str) -> bool:
    """Whether a string can stand in single quotes on one line."""
    return bool(text) and _printable(text)


def quote(text: str) -> str:
    """A string in double quotes, with escapes only where they are needed."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    known = _ESCAPES.get(char)
    if known:
        return known
    if _printable(char):
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _binary(data: bytes) -> str:
    from binascii import b2a_base64

    return f"!!binary {b2a_base64(data, newline=False).decode()}"


# what a plain scalar may be -----------------------------------------------------------------------------------------


def _safe_plain(text: str, leaf: Leaf) -> bool:
    """Whether a string is a string again when written plain, for YAML 1.1 readers too."""
    if not _readable_plain(text, leaf):
        return False
    return not _ambiguous(text, leaf)


def _ambiguous(text: str, leaf: Leaf) -> bool:
    """Whether some YAML reader takes the plain text for another type."""
    if leaf.tag is not None and leaf.tag != "!":
        return not text
    if not text or resolve_plain(text)[0] != "str" or text in ("<<", "="):
        return True
    if text[0] in "yYnNoO" and text.lower() in _YAML11_BOOLS:
        return True
    return (
        text[0] in "+-0123456789"
        and ":" in text
        and all(part.replace("_", "").replace(".", "", 1).isdigit() for part in text.lstrip("+-").split(":"))
    )


def _readable_plain(text: str, leaf: Leaf) -> bool:
    """Whether the parser reads a plain text back as these very characters."""
    if not text or not _printable(text) or text[0] in " \t" or text[-1] in " \t":
        return False
    first = text[0]
    flow = leaf.parent.flow
    if first in _INDICATORS or (first in "-?:" and (len(text) == 1 or text[1] in " \t" or (flow and text[1] in _FLOW))):
        return False
    if text[:3] in ("---", "...") and (len(text) == 3 or text[3] in " \t"):
        return False
    if text[-1] == ":" or ": " in text or ":\t" in text or " #" in text or "\t#" in text:
        return False
    if not flow:
        return True
    return _FLOW.isdisjoint(text)


def _printable(text: str) -> bool:
    """Whether YAML allows all characters raw inside one line: no breaks, no controls, no byte order mark."""
    if text.isascii():
        return text.isprintable() or all(" " <= char <= "~" or char == "\t" for char in text)
    return all(
        char == "\t"
        or " " <= char <= "~"
        or ("\xa0" <= char <= "\ud7ff" and char not in "\u2028\u2029")
        or ("\ue000" <= char <= "\ufffd" and char != "\ufeff")
        or char >= "\U00010000"
        for char in text
    )


# tokens and bodies --------------------------------------------------------------------------------------------------


def _marked(leaf: Leaf) -> bool:
    """Whether the token says that its value stood plain inside a flow collection: a blank behind the bracket."""
    return leaf.parent.flow and leaf.text.endswith("] ")


def _tail(leaf: Leaf) -> str:
    """The line breaks that a block scalar's header and trailing lines add to its token."""
    text = leaf.text
    return text[len(text.rstrip("\n")) :]


def _body(text: str, leaf: Leaf) -> tuple[int, int]:
    """From the first body line of a block scalar to the end of its last line that is not blank."""
    start = leaf.start
    while start < leaf.end and text[start] not in BREAKS:
        start += 1
    start += 2 if text.startswith("\r\n", start) else 1
    end = min(leaf.end, len(text))
    while end > start and text[end - 1] in " \t" + BREAKS:
        end -= 1
    if end <= start:
        return leaf.start, header_end(text, leaf)
    if leaf.text and leaf.text.rstrip("\n")[-1:] in (" ", "\t"):
        line = end
        while line < leaf.end and text[line] in " \t":
            line += 1
        end = line
    return start, end


def _body_indent(text: str, start: int, end: int, leaf: Leaf) -> int | None:
    """The indentation of a block scalar's body: the blanks of its first line that are not part of the value."""
    if start == leaf.start:
        return None
    value = leaf.text.lstrip("\n")
    at = start
    while True:
        blanks = at
        while text[blanks : blanks + 1] == " ":
            blanks += 1
        if blanks >= end:
            return None
        if text[blanks] not in BREAKS:
            return blanks - at - (len(value) - len(value.lstrip(" ")))
        at = blanks + (2 if text.startswith("\r\n", blanks) else 1)


def _explicit(text: str, leaf: Leaf) -> bool:
    """Whether a block scalar's header has an indentation digit."""
    return any(char.isdigit() for char in text[leaf.start : header_end(text, leaf)])
