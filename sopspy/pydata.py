"""Python objects for decrypted data, and the changes between two of them as steps that a document can take.

A mapping is a `dict` (of repeated keys the last one), a list a `list`, a timestamp an aware `datetime`, a string that
is not UTF-8 `bytes`. Knows nothing of files or encryption.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from .errors import ValueFormatError
from .tree import Comment, Mapping, Sequence, Timestamp, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .formats.draft import Draft

Path = tuple[str | int, ...]


def to_python(value: Value) -> Any:
    """Plain data as Python objects; comments are left out."""
    if isinstance(value, Mapping):
        return {item[0]: to_python(item[1]) for item in value if not isinstance(item, Comment)}
    if isinstance(value, Sequence):
        return [to_python(item) for item in value if not isinstance(item, Comment)]
    if isinstance(value, Timestamp):
        try:
            return datetime.fromisoformat(value)
        except ValueError:  # a year that Python does not have
            return str(value)
    return value


def to_draft(value: Any, format: str) -> Draft:
    """A Python object as a value to be written. Raises ValueFormatError (7) for what a file cannot hold."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ValueFormatError(f"a key is of type {type(key).__name__}, not a string")
        return "map", [(key, to_draft(item, format)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return "seq", [to_draft(item, format) for item in value]
    if isinstance(value, str):
        return "str", value
    if value is None or isinstance(value, bool):
        return "raw", {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return "raw", str(value)
    if isinstance(value, float):
        return "raw", _float(value, format)
    if isinstance(value, date):
        return ("raw" if format == "yaml" else "str"), _moment(value)
    raise ValueFormatError(f"a value of type {type(value).__name__} has no place in {format}")


def _float(value: float, format: str) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        if format != "yaml":
            raise ValueFormatError(f"NaN and infinity have no place in {format}")
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    return repr(value)


def _moment(value: date) -> str:
    if not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00Z"
    aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return aware.isoformat().replace("+00:00", "Z")


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[tuple[Path, bool]]:
    """The steps from one object to another: (path, True) to set what is there in `new`, (path, False) to remove."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            if key not in new:
                yield (*path, key), False
        for key, value in new.items():
            if key not in old:
                yield (*path, key), True
            else:
                yield from changes(old[key], value, (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for at in range(len(old) - 1, len(new) - 1, -1):
            yield (*path, at), False
        for at, value in enumerate(new):
            if at >= len(old):
                yield (*path, at), True
            else:
                yield from changes(old[at], value, (*path, at))
    elif type(old) is not type(new) or (old != new and not (old != old and new != new)):
        yield path, True


def at_path(value: Any, path: Path) -> Any:
    """What stands at a path of Python objects."""
    for step in path:
        value = value[step]
    return value
