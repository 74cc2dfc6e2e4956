"""Weak reading of metadata fields: what mapstructure makes of a value of another type.

Responsible for texts, numbers, flags, lists and the choice of field names; raises MetadataError with the path of the
field. Must not know which fields there are. Source: mapstructure 2 with weakly typed input, Go's time and strconv.
"""

from __future__ import annotations

from .errors import MetadataError
from .tree import Comment, Mapping, Sequence, Timestamp
from .values import INT64_MAX, INT64_MIN, go_float, read_bool, read_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .tree import Value

    Pairs: TypeAlias = "list[tuple[str, Value]]"
    Path: TypeAlias = "tuple[str | int, ...]"


def aad_time(text: str) -> str:
    """`lastmodified` as the MAC's additional data: RFC 3339 to the second, `Z` for no offset.

    Accepts what Go's `time.Parse` does: an hour of one digit, a comma before the fraction. Raises ValueError.
    """
    if text[12:13] == ":":
        text = f"{text[:11]}0{text[11:]}"
    exact = read_time(text)
    if exact.endswith("Z"):
        return f"{exact[:19]}Z"
    zone = exact[-6:]
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return f"{exact[:19]}{zone[0]}{minutes // 60:02}:{minutes % 60:02}"


def pick(node: Mapping, names: frozenset[str]) -> tuple[dict[str, Value], Pairs]:
    """The known fields by their own name, and the pairs of unknown name.

    Another spelling of a known name is dropped when the exact one is there: kept, it would take effect once a later
    version of the file lacks the exact one.
    """
    entries = {item[0]: item[1] for item in node if not isinstance(item, Comment)}
    found: dict[str, Value] = {}
    extra: Pairs = []
    for key, value in entries.items():
        name = key.casefold()
        if name not in names:
            extra.append((key, value))
        elif key == name or (name not in entries and name not in found):
            found[name] = value
    return found, extra


def read_records(value: Value, path: Path) -> list[Mapping]:
    """A list of mappings; a mapping stands for a list of one, null for none, as an item for an empty mapping."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [value] if any(not isinstance(item, Comment) for item in value) else []
    if not isinstance(value, Sequence):
        raise _wrong("a list", value, path)
    records: list[Mapping] = []
    for item in value:
        if isinstance(item, Mapping):
            records.append(item)
        elif item is None:
            records.append(Mapping())
        elif not isinstance(item, Comment):
            raise _wrong("a mapping", item, (*path, len(records)))
    return records


def read_text(value: Value, path: Path) -> str:
    if value is None:
        return ""
    if isinstance(value, Timestamp):
        raise MetadataError("expected a text, got a timestamp", path=path, hint="put the value in double quotes")
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise _wrong("a text", value, path)


def read_time_text(value: Value, path: Path) -> str:
    text = read_text(value, path)
    try:
        aad_time(text)
    except ValueError:
        reason = "not an RFC 3339 time" if text else "missing or empty"
        raise MetadataError(f"{path[-1]} is {reason}", path=path) from None
    return text


def read_flag(value: Value, path: Path) -> bool:
    if value is None or value == "":
        return False
    if isinstance(value, bool | int | float):
        return value != 0
    if isinstance(value, str) and not isinstance(value, Timestamp):
        try:
            return read_bool(value)
        except ValueError:
            pass
    raise _wrong("true or false", value, path)


def read_whole(value: Value, path: Path) -> int:
    """A whole number; a text may spell it as Go's ParseInt reads it with base 0."""
    if value is None or value == "":
        return 0
    number: int | None = None
    if isinstance(value, bool | int) or (isinstance(value, float) and INT64_MIN <= value <= INT64_MAX):
        number = int(value)
    elif isinstance(value, str) and not isinstance(value, Timestamp):
        number = _whole_text(value)
    if number is None or not INT64_MIN <= number <= INT64_MAX:
        raise _wrong("a whole number", value, path)
    return number


def _whole_text(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if len(text) > 80 or not digits.replace("_", "").isalnum() or not digits.isascii():
        return None
    octal = digits[0] == "0" and digits.replace("_", "").isdigit()
    try:
        return int(text, 8 if octal else 0)
    except ValueError:
        return None


def _wrong(expected: str, value: object, path: Path) -> MetadataError:
    kinds = {Mapping: "a mapping", Sequence: "a list", Timestamp: "a timestamp", str: "a text", bool: "true or false"}
    got = kinds.get(type(value), "a number" if isinstance(value, int | float) else "something else")
    return MetadataError(f"expected {expected}, got {got}", path=path)
