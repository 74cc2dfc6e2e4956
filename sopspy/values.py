"""Typed values as envelopes hold them, and the one normal form that the MAC is computed over.

Reading is as loose as Go's parsers, writing is what sops writes. Source: sops 3.13.2, Go strconv and time.
Knows nothing of formats, of where a value stands, or of encryption.
"""

from __future__ import annotations

from .tree import Timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Value

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))
_DIGITS = frozenset("0123456789")
_FLOAT_WORDS = {"inf": "+Inf", "infinity": "+Inf", "nan": "NaN"}
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def normal(kind: str, stored: str | bytes) -> bytes:
    """The bytes that the MAC covers for a value of type `kind` whose envelope holds `stored`.

    Raises ValueError when the text is not of that type, as sops refuses it.
    """
    if isinstance(stored, bytes):
        return stored
    if kind == "str":
        return stored.encode("utf-8", "surrogateescape")
    if kind == "int":
        return stored.encode() if is_short_int(stored) else str(read_int(stored)).encode()
    if kind == "float":
        return go_float(read_float(stored)).encode()
    if kind == "bool":
        return b"True" if read_bool(stored) else b"False"
    if kind == "time":
        return read_time(stored).encode()
    raise ValueError(f"unknown type {kind}")


def plain_value(kind: str, stored: str | bytes) -> Value:
    """The value as plain data (`tree.Value`). Raises ValueError as `normal` does."""
    if kind == "null":
        return None
    if isinstance(stored, bytes) or kind == "str":
        return stored
    if kind == "int":
        return read_int(stored)
    if kind == "float":
        return read_float(stored)
    if kind == "bool":
        return read_bool(stored)
    if kind == "time":
        return Timestamp(read_time(stored))
    raise ValueError(f"unknown type {kind}")


def is_short_int(text: str) -> bool:
    """Whether a text is an int in its normal form, seen at a glance: up to 18 digits, no sign, no leading zero."""
    return text.isdigit() and text.isascii() and len(text) < 19 and text[0] != "0"


def read_bool(text: str) -> bool:
    """Go's ParseBool."""
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("not a bool")


def read_int(text: str) -> int:
    """Go's Atoi: an optional sign and decimal digits, within 64 bits."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or not _DIGITS.issuperset(digits) or len(digits) > 4000:
        raise ValueError("not an int")
    number = int(text)
    if not INT64_MIN <= number <= INT64_MAX:
        raise ValueError("int out of range")
    return number


def read_float(text: str) -> float:
    """Go's ParseFloat: decimal, exponent and hexadecimal floats, underscores between digits, inf and nan."""
    body = text[1:] if text[:1] in ("+", "-") else text
    word = _FLOAT_WORDS.get(body.lower())
    if word:
        return float(text)
    if not body or body[0] not in "0123456789." or not body.isascii():
        raise ValueError("not a float")
    if body[:2] in ("0x", "0X"):
        return _read_hex_float(text, body)
    if "_" in body and not _underscores_between_digits(body):
        raise ValueError("not a float")
    if not _is_decimal(body.replace("_", "")):
        raise ValueError("not a float")
    number = float(text.replace("_", ""))
    if number in (float("inf"), float("-inf")):
        raise ValueError("float out of range")
    return number


def _read_hex_float(text: str, body: str) -> float:
    if "p" not in body.lower() or body.strip() != body:
        raise ValueError("not a float")
    try:
        return float.fromhex(text.replace("_", ""))
    except OverflowError as err:
        raise ValueError("float out of range") from err


def _underscores_between_digits(body: str) -> bool:
    return all(
        0 < at < len(body) - 1 and body[at - 1] in _DIGITS and body[at + 1] in _DIGITS
        for at, char in enumerate(body)
        if char == "_"
    )


def _is_decimal(body: str) -> bool:
    """`1`, `1.`, `.5`, `1.5`, each with an optional exponent; no sign."""
    mantissa, mark, exponent = body.replace("E", "e").partition("e")
    if mark:
        exponent = exponent[1:] if exponent[:1] in ("+", "-") else exponent
        if not exponent or not _DIGITS.issuperset(exponent):
            return False
    whole, _, fraction = mantissa.partition(".")
    return bool(whole or fraction) and _DIGITS.issuperset(whole) and _DIGITS.issuperset(fraction)


def is_plain_float(text: str) -> bool:
    """Whether a float keeps this very spelling inside its envelope: the plain syntax, without underscores."""
    return _is_decimal(text[1:] if text[:1] in ("+", "-") else text)


def go_float(number: float) -> str:
    """Go's FormatFloat(x, 'f', -1, 64): the shortest digits that read back, never an exponent."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    sign, digits, point = float_digits(number)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}" if digits != "0" else f"{sign}0"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def float_digits(number: float) -> tuple[str, str, int]:
    """Sign, shortest digits without trailing zeros, and where the decimal point stands from their left.

    ``-0.05`` gives ``("-", "5", -1)``; zero gives digits ``"0"`` and point 1.
    """
    text = repr(number)
    sign = ""
    if text[0] == "-":
        sign, text = "-", text[1:]
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    return (sign, digits, point) if digits else (sign, "0", 1)


def read_time(text: str) -> str:
    """Strict RFC 3339 in its normal form: fraction without trailing zeros, `Z` for no offset.

    Raises ValueError for anything that Go's RFC 3339 layout does not read.
    """
    if len(text) < 20 or not text.isascii():
        raise ValueError("not a time")
    date, rest = text[:10], text[11:]
    check_date(date)
    if text[10] != "T" or len(rest) < 9 or rest[2] != ":" or rest[5] != ":":
        raise ValueError("not a time")
    clock, tail = rest[:8], rest[8:]
    hour, minute, second = _number(clock[:2]), _number(clock[3:5]), _number(clock[6:])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("not a time")
    fraction = ""
    if tail[0] in ".,":
        length = 1
        while length < len(tail) and tail[length] in _DIGITS:
            length += 1
        fraction, tail = tail[1:length], tail[length:]
        if not fraction:
            raise ValueError("not a time")
    fraction = fraction[:9].rstrip("0")
    return f"{date}T{clock}{'.' if fraction else ''}{fraction}{_read_zone(tail)}"


def check_date(date: str) -> None:
    """Raise ValueError unless `date` is a day of the calendar as ``YYYY-MM-DD``."""
    if len(date) != 10 or date[4] != "-" or date[7] != "-":
        raise ValueError("not a date")
    year, month, day = _number(date[:4]), _number(date[5:7]), _number(date[8:])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month - 1] + (month == 2 and leap):
        raise ValueError("not a date")


def _read_zone(zone: str) -> str:
    if zone == "Z":
        return zone
    if len(zone) != 6 or zone[0] not in "+-" or zone[3] != ":":
        raise ValueError("not a time zone")
    if _number(zone[1:3]) > 24 or _number(zone[4:]) > 60:
        raise ValueError("not a time zone")
    return "Z" if zone[1:] == "00:00" else zone


def _number(digits: str) -> int:
    if not digits or not _DIGITS.issuperset(digits):
        raise ValueError("not a number")
    return int(digits)
