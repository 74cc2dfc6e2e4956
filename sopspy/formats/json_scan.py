"""JSON text to a document: one pass, without recursion and without regular expressions.

Responsible for exact spans, for what is refused and where, and for taking the `sops` member out of the tree; must not
know what values mean. Source: RFC 8259 for the grammar; sops 3.13.2 for the rest; docs/compatibility.md, "JSON".
"""

from __future__ import annotations

from ..document import DOUBLE, MAP, PLAIN, SEQ, Block, Container, Document, Leaf
from ..errors import MetadataError, ParseError
from ..limits import MAX_DEPTH
from ..source import position
from .json_dump import replaced

try:
    from _json import scanstring
except ImportError:  # an interpreter without the C helper
    from json.decoder import py_scanstring as scanstring  # type: ignore[attr-defined, no-redef]

BLANK = " \t\n\r"
_CHUNK = 64
_PLAIN_CHARS = frozenset("0123456789+-.eEtrufalsn")
_WORDS = frozenset(("true", "false", "null"))


def scan(text: str) -> Document:
    """The document of a JSON text without byte order mark.

    Raises ParseError with its place, MetadataError when the metadata stand there twice.
    """
    document = Document(text, "json")
    start = _skip(text, 0)
    if text[start : start + 1] != "{":
        raise _not_an_object(text, start)
    root = Container(MAP, None, 0, "", start, flow=True)
    try:
        end = _members(text, root, document.leaves)
    except SystemError:
        return _scan_with_errors(text)
    except IndexError:
        raise refuse(text, len(text), "the text ends inside an object or a list") from None
    except ValueError as err:
        raise _bad_string(text, err) from None
    rest = _skip(text, end)
    if rest < len(text):
        raise refuse(text, rest, "there is text after the closing brace, which sops drops", hint="remove it")
    document.roots.append(root)
    _take_block(document, root)
    return document


def _scan_with_errors(text: str) -> Document:
    """Scan again: until Python 3.12 the C helper finds its error class only where `json.decoder` is loaded."""
    import sys

    if "json.decoder" in sys.modules:
        raise AssertionError
    import json.decoder  # noqa: F401

    return scan(text)


def _members(text: str, root: Container, leaves: list[Leaf]) -> int:
    """Fill `root`, which starts at its brace, and all below it; returns where it ends. The hot loop.

    Raises ParseError, IndexError at the end of the text, ValueError for a bad string.
    """
    read = _read_with_surrogates if "\\ud" in text or "\\uD" in text else scanstring
    top, items, closing, depth = root, root.items, "}", 1
    at = key_at = _skip(text, root.start + 1)
    key: str | int
    value_follows = text[at] != "}"
    while True:
        if value_follows:
            if closing == "}":
                key_at = at
                if text[at] != '"':
                    raise refuse(text, at, "a key in double quotes is missing here")
                key, at = read(text, at + 1, True)
                at = at + 1 if text[at] == ":" else _colon(text, at)
                if text[at] in BLANK:
                    at = at + 1 if text[at + 1] not in BLANK else _skip(text, at)
            else:
                key_at, key = at, len(items)
            char = text[at]
            if char == '"':
                value, end = read(text, at + 1, True)
                leaf = Leaf(top, key, at, end, DOUBLE, value)
            elif char in "{[":
                depth += 1
                top = _open(text, top, key, at, depth)
                top.key_start = key_at
                items.append(top)
                items, closing = top.items, "}" if char == "{" else "]"
                at = _skip(text, at + 1)
                value_follows = text[at] != closing
                continue
            else:
                end = _plain_end(text, at)
                leaf = Leaf(top, key, at, end, PLAIN, text[at:end])
            leaf.key_start = key_at
            leaves.append(leaf)
            items.append(leaf)
            at = end
        char = text[at]
        if char in BLANK:
            at = _skip(text, at)
            char = text[at]
        at += 1
        if char == ",":
            value_follows = True
            if text[at] in BLANK:
                at = _skip(text, at)
        elif char == closing:
            top.end = at
            if top.parent is None:
                return at
            value_follows = False
            depth -= 1
            top = top.parent
            items, closing = top.items, "}" if top.kind == MAP else "]"
        else:
            raise refuse(text, at - 1, f"a comma or a closing {closing} is missing here")


def _open(text: str, top: Container, key: str | int, at: int, depth: int) -> Container:
    if depth > MAX_DEPTH:
        raise refuse(text, at, f"more than {MAX_DEPTH} levels deep")
    kind, aad = (MAP if text[at] == "{" else SEQ), (f"{top.aad}{key}:" if top.kind == MAP else top.aad)
    return Container(kind, top, key, aad, at, True)


def _skip(text: str, at: int) -> int:
    """The offset of the next character that is not blank."""
    while True:
        chunk = text[at : at + _CHUNK]
        rest = chunk.lstrip(BLANK)
        at += len(chunk) - len(rest)
        if rest or not chunk:
            return at


def _colon(text: str, at: int) -> int:
    at = _skip(text, at)
    if text[at] != ":":
        raise refuse(text, at, "a colon is missing here")
    return at + 1


def _read_with_surrogates(text: str, at: int, strict: bool) -> tuple[str, int]:
    """A string's value and end; half a surrogate pair becomes U+FFFD, as sops reads it."""
    value, end = scanstring(text, at, strict)
    return replaced(value, "\ufffd"), end


def _plain_end(text: str, at: int) -> int:
    """The end of a number, `true`, `false` or `null`."""
    end = at
    while text[end] in _PLAIN_CHARS:
        end += 1
    token = text[at:end]
    if token in _WORDS or is_number(token):
        return end
    if not token:
        raise refuse(text, at, "a value is missing here")
    raise refuse(text, at, "this is neither a number nor true, false or null", hint="put text in double quotes")


def is_number(token: str) -> bool:
    """Whether a text is a number in JSON's grammar."""
    whole = token[1:] if token[:1] == "-" else token
    if not whole.isascii():
        return False
    if not whole.isdigit():
        mantissa, mark, exponent = whole.replace("E", "e").partition("e")
        whole, dot, fraction = mantissa.partition(".")
        if dot and not fraction.isdigit():
            return False
        if mark and not (exponent[1:] if exponent[:1] in ("+", "-") else exponent).isdigit():
            return False
    return whole.isdigit() and (whole[0] != "0" or len(whole) == 1)


# what is refused ----------------------------------------------------------------------------------------------------


def refuse(text: str, at: int, message: str, hint: str = "") -> ParseError:
    """The error for a place in a text."""
    line, column = position(text, at)
    return ParseError(message, hint=hint or (), line=line, column=column)


def _not_an_object(text: str, at: int) -> ParseError:
    if at == len(text):
        return refuse(text, at, "the file is empty, not a JSON object", hint="an object without members is {}")
    hint = 'only objects can be encrypted: wrap it in one, such as {"data": [...]}'
    return refuse(text, at, "the file is not a JSON object", hint=hint)


def _bad_string(text: str, err: ValueError) -> ParseError:
    at, problem = getattr(err, "pos", len(text)), str(err)
    if problem.startswith("Unterminated"):
        return refuse(text, at, "the string that starts here has no end")
    if problem.startswith("Invalid control"):
        return refuse(text, at, "a control character in a string", hint="write a line break as \\n, a tab as \\t")
    return refuse(text, at, "a backslash with something after it that JSON does not know")


# metadata -----------------------------------------------------------------------------------------------------------


def _take_block(document: Document, root: Container) -> None:
    """Take the `sops` member, wherever it stands, out of the tree."""
    items = root.items
    found = [index for index, node in enumerate(items) if node.key == "sops"]
    if not found:
        return
    if len(found) > 1:
        place = position(document.text, items[found[1]].key_start)
        raise MetadataError("the key sops stands twice at the top level", line=place[0], column=place[1])
    index = found[0]
    node = items[index]
    document.blocks.append(Block(0, node, *_cut(document.text, root, index)))
    del items[index]
    document.leaves = [leaf for leaf in document.leaves if not node.key_start <= leaf.start < node.end]


def _cut(text: str, root: Container, index: int) -> tuple[int, int]:
    """The member with one comma. What stands alone leaves the braces as they were before `fasten`."""
    items, node = root.items, root.items[index]
    if index:
        return items[index - 1].end, node.end
    if len(items) > 1:
        return node.key_start, items[1].key_start
    behind = text[node.end : root.end - 1]
    if "\n" in text[root.start : node.key_start] and "\n" in behind:
        return root.start + 1, root.end - 1
    return root.start + 1, node.end
