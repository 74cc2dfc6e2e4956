"""The variables that a decrypted file stands for: names and values as a process gets them.

Must not touch the environment of this process or start another one. Values are spelt as sops does; where a name or a
value cannot be a variable, that is said before anything starts. Source: sops 3.13.2; environ(7).
"""

from __future__ import annotations

from ..errors import SopsError
from ..formats import base, binary
from ..formats.plain_text import spell, typed
from ..tree import Comment, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tree import Value
    from .decrypt import Decrypted

    Entry = tuple[tuple[str, ...], Value]


class Naming:
    """How `run` names variables. `only`: the keys that are wanted, none for all of them."""

    __slots__ = ("flatten", "only", "prefix", "upper")

    def __init__(self, only: tuple[str, ...] = (), prefix: str = "", *, flatten: bool = False, upper: bool = False):
        self.only = only
        self.prefix = prefix
        self.flatten = flatten
        self.upper = upper

    def name(self, path: tuple[str, ...]) -> str:
        """The variable of a path, without the prefix."""
        name = "_".join(path)
        return name.upper() if self.upper else name

    def wanted(self, path: tuple[str, ...]) -> bool:
        """Whether the value at a path is to be a variable: it is named, or the key at the top that it stands under."""
        return not self.only or path[0] in self.only or self.name(path) in self.only


def variables(opened: Decrypted) -> dict[bytes, bytes]:
    """The variables of `exec-env`: the top level of the first document. Of repeated keys the last one counts.

    Raises SopsError for a value that is a collection and for what cannot be a variable.
    """
    return {_name(path[0]): _text(path[0], value, "<nil>") for path, value in _flat(_tree(opened), flatten=False)}


def chosen(opened: Decrypted, naming: Naming) -> tuple[dict[bytes, bytes], set[str]]:
    """The variables of `run`, and which of the wanted keys were found. Null is an empty value.

    Raises SopsError as `variables`, and where two values would be one variable.
    """
    made: dict[bytes, bytes] = {}
    paths: dict[bytes, tuple[str, ...]] = {}
    found: set[str] = set()
    for path, value in _flat(_tree(opened), flatten=naming.flatten, naming=naming):
        found |= {path[0], naming.name(path)}
        name = _name(naming.prefix + naming.name(path))
        if paths.setdefault(name, path) != path:
            raise SopsError(
                f"two values would be the variable {name.decode('utf-8', 'replace')}: "
                f"{': '.join(paths[name])} and {': '.join(path)}",
                hint="choose one with --only KEY",
            )
        made[name] = _text(naming.name(path), value, "")
    return made, found


def _tree(opened: Decrypted) -> Mapping:
    if opened.document.format == "binary":
        return binary.wrap(opened.data)
    document = opened.document
    root = document.roots[0]
    tree = base.plain(document, root, opened.form)
    return tree if isinstance(tree, Mapping) else Mapping()


def _flat(tree: Mapping, *, flatten: bool, naming: Naming | None = None) -> Iterator[Entry]:
    """The values with their paths. Raises SopsError for a collection unless they are to be flattened."""
    for path, value in _entries(tree, ()):
        if not isinstance(value, Mapping | Sequence):
            if naming is None or naming.wanted(path):
                yield path, value
        elif flatten:
            yield from ((deep, inner) for deep, inner in _deep(path, value) if naming is None or naming.wanted(deep))
        elif naming is None or naming.wanted(path):
            hint = "sopspy run can do that: --flatten, or leave it out with --only KEY"
            raise SopsError(f"cannot use complex value in environment; offending key {path[0]}", hint=hint)


def _deep(path: tuple[str, ...], value: Value) -> Iterator[Entry]:
    waiting = [_entries(value, path)]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
        elif isinstance(entry[1], Mapping | Sequence):
            waiting.append(_entries(entry[1], entry[0]))
        else:
            yield entry


def _entries(value: Value, path: tuple[str, ...]) -> Iterator[Entry]:
    if isinstance(value, Mapping):
        for item in value:
            if not isinstance(item, Comment):
                yield (*path, item[0]), item[1]
    elif isinstance(value, Sequence):
        for at, inner in enumerate(inner for inner in value if not isinstance(inner, Comment)):
            yield (*path, str(at)), inner


def _name(name: str) -> bytes:
    """A name as bytes. Raises SopsError for one that no variable can have."""
    if not name:
        raise SopsError("cannot use an empty key in environment", hint="give the key a name")
    if "=" in name:
        raise SopsError(f"cannot use keys with '=' in environment: {name}", hint="give the key another name")
    if "\0" in name:
        raise SopsError("cannot use keys with a NUL character in environment", hint="give the key another name")
    return name.encode("utf-8", "surrogateescape")


def _text(key: str, value: Value, null: str) -> bytes:
    text = null if value is None else spell(*typed(value))
    if "\0" in text:
        raise SopsError(
            f"cannot use a value with a NUL character in environment; offending key {key}",
            hint="sopspy exec-file hands over any bytes",
        )
    return text.encode("utf-8", "surrogateescape")
