"""What a YAML scalar means to sops: its type, and the plaintext that its envelope keeps.

Numbers keep their own spelling where every sops reads it; booleans swap `true` and `True`, because sops writes `True`
for `true`. Source: go-yaml v3 as sops 3.13.2 uses it (YAML 1.1 timestamps and octals, YAML 1.2 booleans).
"""

from __future__ import annotations

from ..document import PLAIN, Leaf
from ..errors import ParseError
from ..source import position
from ..values import INT64_MAX, INT64_MIN, check_date, go_float, is_plain_float, read_float, read_time

CORE = "tag:yaml.org,2002:"
_DIGITS = frozenset("0123456789")
_BASES = {"x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2}

WORDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), ("null", "")),
    **{"true": ("bool", "True"), "True": ("bool", "true"), "TRUE": ("bool", "TRUE")},
    **{"false": ("bool", "False"), "False": ("bool", "false"), "FALSE": ("bool", "FALSE")},
    **{sign + word: ("float", "+Inf") for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **{"-" + word: ("float", "-Inf") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), ("float", "NaN")),
}


def resolve_plain(text: str) -> tuple[str, str]:
    """Type word and stored plaintext of an untagged plain scalar. Type `uint` is what sops cannot encrypt."""
    found = WORDS.get(text)
    if found is not None:
        return found
    first = text[0]
    if first in "0123456789":
        if len(text) > 7 and text[4] == "-":
            moment = _timestamp(text)
            if moment:
                return "time", moment
        return _number(text)
    if first in "+-":
        return _number(text)
    if first == ".":
        return _float(text, text)
    return "str", text


def resolve_leaf(text: str, leaf: Leaf) -> tuple[str, str | bytes]:
    """Type word and stored plaintext of any scalar, its tag considered. Raises ParseError for a tag that does not
    fit."""
    tag = leaf.tag
    if tag is None:
        return resolve_plain(leaf.text) if leaf.style == PLAIN else ("str", leaf.text)
    if tag == "!":
        return resolve_plain(leaf.text) if leaf.style == PLAIN else ("str", leaf.text)
    if not tag.startswith(CORE):
        return "str", leaf.text
    return _tagged(tag[len(CORE) :], text, leaf)


def _tagged(name: str, text: str, leaf: Leaf) -> tuple[str, str | bytes]:
    if name == "binary":
        return "str", _binary(text, leaf)
    kind, stored = resolve_plain(leaf.text)
    if name not in ("int", "float", "bool", "null", "timestamp"):
        return "str", leaf.text
    if name == "float" and kind in ("int", "uint"):
        return "float", stored if is_plain_float(stored) else go_float(float(int(stored)))
    if name == ("timestamp" if kind == "time" else kind) or (name == "int" and kind == "uint"):
        return kind, stored
    line, column = position(text, leaf.start)
    raise ParseError(f"the value does not fit its tag !!{name}", line=line, column=column)


def _binary(text: str, leaf: Leaf) -> str | bytes:
    from binascii import Error, a2b_base64

    try:
        data = a2b_base64("".join(leaf.text.split()), strict_mode=True)
    except (Error, ValueError):
        line, column = position(text, leaf.start)
        raise ParseError("the value of !!binary is not base64", line=line, column=column) from None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _number(text: str) -> tuple[str, str]:
    plain = text.replace("_", "") if "_" in text else text
    body = plain[1:] if plain[0] in "+-" else plain
    if body and _DIGITS.issuperset(body):
        base = 8 if len(body) > 1 and body[0] == "0" else 10
        return _integer(text, plain, body, base)
    base = _BASES.get(body[1:2], 0) if body[:1] == "0" else 0
    if base:
        return _integer(text, plain, body[2:], base)
    return _float(text, plain)


def _integer(text: str, plain: str, digits: str, base: int) -> tuple[str, str]:
    try:
        if not digits.isalnum() or not digits.isascii():
            raise ValueError
        number = int(digits, base) if base != 10 or len(digits) < 25 else INT64_MAX * 4
    except ValueError:
        return _float(text, plain)
    if plain[0] == "-":
        number = -number
    if INT64_MIN <= number <= INT64_MAX:
        own = text is plain and _DIGITS.issuperset(text[1:]) and (base == 10 or int(text) == number)
        return "int", text if own else str(number)
    if number < 1 << 64 and plain[0] not in "+-":
        return "uint", str(number)
    return _float(text, plain)


def _float(text: str, plain: str) -> tuple[str, str]:
    try:
        if plain[:1] == "." and plain is text:
            number = read_float(text)
        elif is_plain_float(plain):
            number = read_float(plain)
        else:
            return "str", text
    except ValueError:
        return "str", text
    return "float", text if is_plain_float(text) else go_float(number)


def _timestamp(text: str) -> str:
    """A YAML timestamp as sops stores it: its own text when that is strict RFC 3339, or "" when it is none."""
    end = next((at for at, char in enumerate(text) if char in "Tt "), len(text))
    try:
        date = _date(text[:end])
        if end == len(text):
            return f"{date}T00:00:00Z"
        clock, zone = _split_zone(text[end + 1 :].lstrip(" "), zoned=text[end] != " ")
        moment = read_time(f"{date}T{_clock(clock)}{zone}")
    except ValueError:
        return ""
    try:
        read_time(text)
    except ValueError:
        return moment
    return text


def _date(text: str) -> str:
    parts = text.split("-")
    if len(parts) != 3 or len(parts[0]) != 4 or not all(0 < len(part) <= 4 for part in parts):
        raise ValueError
    if len(parts[1]) > 2 or len(parts[2]) > 2:
        raise ValueError
    date = f"{parts[0]}-{parts[1]:0>2}-{parts[2]:0>2}"
    check_date(date)
    return date


def _split_zone(text: str, *, zoned: bool) -> tuple[str, str]:
    if not zoned:
        return text, "Z"
    if text.endswith("Z"):
        return text[:-1], "Z"
    return text[:-6], text[-6:]


def _clock(text: str) -> str:
    cut = min((at for at in (text.find("."), text.find(",")) if at >= 0), default=len(text))
    parts = text[:cut].split(":")
    if len(parts) != 3 or not all(0 < len(part) <= 2 for part in parts):
        raise ValueError
    return ":".join(f"{part:0>2}" for part in parts) + text[cut:].replace(",", ".")
