"""Values as the formats write them that know nothing but text: dotenv and INI.

Source: sops 3.13.2: floats with capital E and always recognisable as such, times to the second, null as `<nil>`.
"""

from __future__ import annotations

from ..tree import Timestamp
from ..values import read_bool, read_float, read_int, read_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tree import Value

NULL = "<nil>"


def spell(kind: str, stored: str | bytes) -> str:
    """The text of a value of type `kind`, as envelopes hold it. Raises ValueError as `values.normal` does."""
    if isinstance(stored, bytes):
        return stored.decode("utf-8", "surrogateescape")
    if kind == "int":
        return str(read_int(stored))
    if kind == "float":
        return _float(read_float(stored))
    if kind == "bool":
        return "true" if read_bool(stored) else "false"
    if kind == "time":
        return _seconds(read_time(stored))
    return NULL if kind == "null" else stored


def typed(value: Value) -> tuple[str, str | bytes]:
    """Type and stored text of plain data that is no collection."""
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "bool", str(value)
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, float):
        return "float", repr(value)
    if isinstance(value, Timestamp):
        return "time", str(value)
    assert isinstance(value, str | bytes)
    return "str", value


def _float(number: float) -> str:
    from .yaml_spell import spell_float

    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    text = spell_float(number).upper()
    return text if "." in text or "E" in text else f"{text}.0"


def _seconds(text: str) -> str:
    """RFC 3339 text without its fraction."""
    start = text.find(".")
    if start < 0:
        return text
    end = start + 1
    while text[end : end + 1].isdigit():
        end += 1
    return text[:start] + text[end:]
