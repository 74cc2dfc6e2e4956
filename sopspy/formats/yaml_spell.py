"""YAML scalars as sops writes them: which style, which escapes, which digits.

Where sops' own text would read back as other data we choose what reads back right; each such place says so. Must not
know of collections, comments or indentation. Source: go-yaml v3.0.4 as sops 3.13.2 drives it, and Go's strconv.
"""

from __future__ import annotations

from ..document import DOUBLE, LITERAL, PLAIN, SINGLE
from ..tree import Timestamp
from ..values import float_digits
from .yaml_resolve import resolve_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tree import Value

_BASE64_LINE = 70
_INDICATORS = frozenset("#,[]{}&*!|>'\"%@`")
_OLD_BOOLS = frozenset(
    ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF")
)
_DIGITS = frozenset("0123456789")
_ESCAPES = dict(
    zip('\0\a\b\t\n\v\f\r\x1b"\\\x85\u2028\u2029', [f"\\{letter}" for letter in '0abtnvfre"\\NLP'], strict=True)
)


def spell(value: Value) -> tuple[str, str, str]:
    """Tag (with a blank, or ""), style and content of a scalar."""
    if isinstance(value, str) and not isinstance(value, Timestamp):
        return "", _style(value), value
    if isinstance(value, bytes):
        try:
            return spell(value.decode())
        except UnicodeDecodeError:
            text = _base64(value)
        return "!!binary ", LITERAL if "\n" in text else PLAIN, text
    if value is None:
        return "", PLAIN, "null"
    if isinstance(value, bool):
        return "", PLAIN, "true" if value else "false"
    return "", PLAIN, spell_float(value) if isinstance(value, float) else str(value)


def _base64(data: bytes) -> str:
    """sops breaks what is longer than one line and ends each line; only then is the scalar a block."""
    from binascii import b2a_base64

    text = b2a_base64(data, newline=False).decode()
    if len(text) < _BASE64_LINE:
        return text
    return "".join(f"{text[at : at + _BASE64_LINE]}\n" for at in range(0, len(text), _BASE64_LINE))


def spell_float(number: float) -> str:
    """A float as sops spells it in YAML: shortest digits, an exponent below 1e-4 and from 1e6 on."""
    if number != number:
        return ".nan"
    if number in (float("inf"), float("-inf")):
        return ".inf" if number > 0 else "-.inf"
    sign, digits, point = float_digits(number)
    if not -4 < point <= 6:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'-' if point < 1 else '+'}{abs(point - 1):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _style(text: str) -> str:
    """The style of a string's text. sops chooses it once, before it knows where the string stands."""
    if "\n" in text:
        return LITERAL if _fits_block(text) else DOUBLE
    if _other_type(text):
        return DOUBLE
    if not _printable(text) or "\u2028" in text or "\u2029" in text:
        return DOUBLE  # sops puts the separators into single quotes, where reading folds them
    return PLAIN if _fits_plain(text) else SINGLE


def _other_type(text: str) -> bool:
    """Whether the text, written plain, is something else than a string to some YAML reader that sops cares about."""
    if not text or text in _OLD_BOOLS or text == "<<":
        return True  # sops writes the string `<<` plain, as a merge key
    first = text[0]
    if first.isalpha() and first not in "tTfFnN":
        return False
    return resolve_plain(text)[0] != "str" or (first in "+-0123456789" and ":" in text and _is_base60(text))


def _is_base60(text: str) -> bool:
    head, *parts = (text[1:] if text[0] in "+-" else text).split(":")
    last, dot, fraction = parts[-1].partition(".")
    parts[-1] = last
    if not head or head[0] not in _DIGITS or not _DIGITS.issuperset(head.replace("_", "")):
        return False
    if dot and not _DIGITS.issuperset(fraction.replace("_", "")):
        return False
    return all(map(_is_sixty, parts))


def _is_sixty(part: str) -> bool:
    return bool(part) and _DIGITS.issuperset(part) and (len(part) == 1 or (len(part) == 2 and part[0] < "6"))


def _fits_plain(text: str) -> bool:
    """Whether a printable text without line breaks can stand without quotes in block style."""
    first, second = text[0], text[1:2]
    if first in _INDICATORS or first == " " or text[-1] in " :" or text[:3] in ("---", "..."):
        return False
    if first in "-?:" and second in ("", " "):
        return False
    return ": " not in text and " #" not in text


def _fits_block(text: str) -> bool:
    """Whether a text with line breaks can be a block literal and is the same when read."""
    if text[0] == "\t" or "\u2028" in text or "\u2029" in text:
        return False  # sops writes a block that it cannot read itself, or that other readers read otherwise
    if text[-1] == " " or " \n" in text:
        return False
    return _printable(text.replace("\n", "").replace("\t", ""))


def _printable(text: str) -> bool:
    """Whether sops writes all characters as they are: nothing beyond the Basic Multilingual Plane, no tab."""
    if text.isascii():
        return text.isprintable()
    return all(
        " " <= char <= "~" or "\xa0" <= char <= "\ud7ff" or ("\ue000" <= char <= "\ufffd" and char != "\ufeff")
        for char in text
    )


def quote(text: str) -> str:
    """A string in double quotes, with the escapes that sops uses."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    escape_all = text[:1] == "\ufeff"  # sops takes each character behind a leading mark for another mark
    return '"' + "".join(_ESCAPES.get(char) or _escape(char, force=escape_all) for char in text) + '"'


def _escape(char: str, *, force: bool) -> str:
    if not force and _printable(char):
        return char
    code = ord(char)
    if code == 0xA0:
        return "\\_"
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
