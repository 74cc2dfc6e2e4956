"""Python objects for decrypted data, and the changes between two of them as steps that a document can take.

A mapping is a `dict` (of repeated keys the last one), a list a `list`, a timestamp an aware `datetime`, a string that
is not UTF-8 `bytes`. Knows nothing of files or encryption.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from .errors import ValueFormatError
from .formats.draft import check_depth
from .tree import Comment, Mapping, Sequence, Timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .formats.draft import Draft
    from .tree import Value

Path = tuple[str | int, ...]
_NOTHING = object()


def to_python(value: Value) -> Any:
    """Plain data as Python objects; comments are left out."""
    root = _started(value)
    stack = [(value, root)]
    while stack:
        source, target = stack.pop()
        for item in source if isinstance(source, Mapping | Sequence) else ():
            if isinstance(item, Comment):
                continue
            inner = item[1] if isinstance(item, tuple) else item
            child = _started(inner)
            if isinstance(item, tuple):
                target[item[0]] = child
            else:
                target.append(child)
            if isinstance(inner, Mapping | Sequence):
                stack.append((inner, child))
    return root


def _started(value: Value) -> Any:
    """The object for a value; that of a collection is still empty."""
    made: Any = value
    if isinstance(value, Mapping | Sequence):
        made = {} if isinstance(value, Mapping) else []
    elif isinstance(value, Timestamp):
        try:
            made = datetime.fromisoformat(value)
        except ValueError:  # a year that Python does not have
            made = str(value)
    return made


def to_draft(value: Any, format: str, depth: int = 0) -> Draft:
    """A Python object as a value to be written. Raises ValueFormatError (7) for what a file cannot hold."""
    check_depth(depth)
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ValueFormatError(f"a key is of type {type(key).__name__}, not a string")
        return "map", [(key, to_draft(item, format, depth + 1)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return "seq", [to_draft(item, format, depth + 1) for item in value]
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


def changes(old: Any, new: Any) -> Iterator[tuple[Path, bool]]:
    """The steps from one object to another: (path, True) to set what is there in `new`, (path, False) to remove."""
    waiting: list[Iterator[tuple[Path, Any, Any]]] = [iter([((), old, new)])]
    while waiting:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            continue
        path, before, after = step
        if after is _NOTHING:
            yield path, False
        elif before is _NOTHING:
            yield path, True
        elif isinstance(before, dict) and isinstance(after, dict):
            waiting.append(_in_mapping(path, before, after))
        elif isinstance(before, list) and isinstance(after, list):
            waiting.append(_in_list(path, before, after))
        elif type(before) is not type(after) or (before != after and not (before != before and after != after)):
            yield path, True


def _in_mapping(path: Path, old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[Path, Any, Any]]:
    for key in old:
        if key not in new:
            yield (*path, key), old[key], _NOTHING
    for key, value in new.items():
        yield (*path, key), old.get(key, _NOTHING), value


def _in_list(path: Path, old: list[Any], new: list[Any]) -> Iterator[tuple[Path, Any, Any]]:
    for at in range(len(old) - 1, len(new) - 1, -1):
        yield (*path, at), old[at], _NOTHING
    for at, value in enumerate(new):
        yield (*path, at), old[at] if at < len(old) else _NOTHING, value


def at_path(value: Any, path: Path) -> Any:
    """What stands at a path of Python objects."""
    for step in path:
        value = value[step]
    return value
