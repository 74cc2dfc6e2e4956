"""Metadata without nesting, as dotenv and INI files have it: `age__list_0__map_enc` and so on.

Responsible for the grammar of such names and for spelling values on one line; must not know which keys there are.
Source: sops 3.13.2. A name with `__map_` or `__list_` inside a key cannot be told apart; sops breaks it as well.
"""

from __future__ import annotations

from itertools import pairwise

from ..document import MAP, SEQ, Container, Leaf
from ..errors import MetadataError
from ..limits import MAX_RECIPIENTS
from ..tree import Comment, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tree import Value

    Step = tuple[str, str]
    Found = dict[tuple[int, str], Container | Leaf]
    """The children of each collection by their step."""

_MAP, _LIST = "__map_", "__list_"
_MOST_STEPS = 32
"""The names of sops' own metadata have seven steps at most."""


def flatten(block: Mapping) -> Iterator[tuple[str, str]]:
    """Names and texts of a metadata block, in its order. Empty lists vanish."""
    for item in block:
        if not isinstance(item, Comment):
            yield from _flat(item[0], item[1])


def _flat(name: str, value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for item in value:
            if not isinstance(item, Comment):
                yield from _flat(f"{name}{_MAP}{item[0]}", item[1])
    elif isinstance(value, Sequence):
        for index, inner in enumerate(value):
            yield from _flat(f"{name}{_LIST}{index}", inner)  # type: ignore[arg-type]
    elif value is not None:
        yield name, {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def unflatten(root: Container, leaves: list[tuple[str, Leaf]]) -> None:
    """Put leaves with flat names into `root` as a tree. Raises MetadataError for names that contradict each other."""
    found: Found = {}
    for name, leaf in leaves:
        if name.count(_MAP) + name.count(_LIST) > _MOST_STEPS:
            raise MetadataError(
                f"the metadata cannot be read: a name has more than {_MOST_STEPS} steps", path=("sops", f"{name[:80]}…")
            )
        steps = list(_steps(name))
        node = root
        for step, after in pairwise(steps):
            node = _inner(found, node, step, after, name)
        _place(found, node, steps[-1], leaf, name)
    _check_lists(root)


def _steps(name: str) -> Iterator[Step]:
    """The steps of a name: `("map", key)` and `("list", index)`."""
    kind, rest = MAP, name
    while True:
        ends = [end for end in (rest.find(_MAP), rest.find(_LIST)) if end >= 0]
        end = min(ends, default=len(rest))
        yield kind, _index(rest[:end], name) if kind == SEQ else rest[:end]
        if end == len(rest):
            return
        kind, mark = (MAP, _MAP) if rest.startswith(_MAP, end) else (SEQ, _LIST)
        rest = rest[end + len(mark) :]


def _index(text: str, name: str) -> str:
    if not text.isascii() or not text.isdigit() or int(text[:9]) >= MAX_RECIPIENTS or len(text) > 8:
        raise _contradiction(name, "a list index is no number, or too large")
    return str(int(text))


def _inner(found: Found, node: Container, step: Step, after: Step, name: str) -> Container:
    """The collection at a step, made when it is not there; `after` says of which kind it is."""
    child = _child(found, node, step, name)
    if child is None:
        child = found[id(node), step[1]] = Container(after[0], node, _key(step), "", node.start, flow=False)
        node.items.append(child)
    if not isinstance(child, Container):
        raise _contradiction(name, "a value stands where others need a collection")
    return child


def _place(found: Found, node: Container, step: Step, leaf: Leaf, name: str) -> None:
    if _child(found, node, step, name) is not None:
        raise _contradiction(name, "it stands there twice")
    leaf.parent, leaf.key = node, _key(step)
    node.items.append(leaf)
    found[id(node), step[1]] = leaf


def _child(found: Found, node: Container, step: Step, name: str) -> Container | Leaf | None:
    if node.kind != step[0]:
        raise _contradiction(name, "it is a list in one place and a mapping in another")
    return found.get((id(node), step[1]))


def _key(step: Step) -> str | int:
    return int(step[1]) if step[0] == SEQ else step[1]


def _check_lists(node: Container) -> None:
    """Sort the lists; raise MetadataError for one with a gap."""
    if node.kind == SEQ:
        node.items.sort(key=lambda item: item.key)
        if [item.key for item in node.items] != list(range(len(node.items))):
            raise MetadataError("the metadata has a list with a missing entry", path=("sops", str(node.key)))
    for item in node.items:
        if isinstance(item, Container):
            _check_lists(item)


def _contradiction(name: str, why: str) -> MetadataError:
    return MetadataError(f"the metadata cannot be read: {why}", path=("sops", name))
