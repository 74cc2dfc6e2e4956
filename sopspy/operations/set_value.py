"""Set or remove one value of an opened file: the new plain text, everything else byte for byte.

The value is JSON; numbers keep their spelling (sops makes floats of them). The change is made in the text and
believed only when the data of the new text is exactly the old data with that change. Source: sops 3.13.2;
docs/compatibility.md.
"""

from __future__ import annotations

from itertools import zip_longest

from ..document import COMMENT, MAP, Container, Document, Leaf, path_of, splice
from ..errors import AlreadyEncryptedError, ParseError, SopsError, ValueFormatError
from ..formats import base
from ..formats.draft import draft_of, wrap
from ..tree import Comment, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..document import Edit, Node
    from ..formats.draft import Draft
    from ..tree import Value
    from .decrypt import Decrypted

Path = tuple[str | int, ...]
_END = object()


def parse_value(json_text: str) -> Draft:
    """A JSON value of any kind. Raises ValueFormatError (7)."""
    form = base.get("json")
    try:
        document = form.scan('{"value":' + json_text + "\n}")
    except ParseError:
        document = None
    if document is None or len(document.roots[0].items) != 1 or document.blocks:
        raise ValueFormatError(
            "the value is not valid JSON",
            hint="""a string needs its own quotes: sopspy set FILE '["key"]' '"text"'""",
        )
    return draft_of(document.roots[0].items[0])


def set_value(old: Decrypted, path: Path, json_text: str) -> bytes:
    """The decrypted file with the value at `path` set; missing steps are made. Raises ValueFormatError, SopsError."""
    return old.encode(set_in_text(old.form, old.text, path, parse_value(json_text)))


def unset_value(old: Decrypted, path: Path) -> bytes:
    """The decrypted file without the entry at `path`. Raises MissingEntryError (1) when it is not there."""
    return old.encode(unset_in_text(old.form, old.text, path))


def parse_path_steps(path: str | int | Iterable[str | int]) -> Path:
    """A path as the library takes it: one step, or several."""
    return (path,) if isinstance(path, str | int) else tuple(path)


def set_in_text(form: base.Format, text: str, path: Path, draft: Draft, number: int = 0) -> str:
    """`set_value` on a plain text, in the document with that number."""
    _check_path(path)
    document = form.scan(text)
    if path[0] == "sops" if document.format != "dotenv" else str(path[0]).startswith("sops_"):
        raise AlreadyEncryptedError(f"the key {path[0]} at the top level is reserved for the metadata")
    node, rest = _walk(document, path, number)
    editor = base.editor(document.format)
    if rest and isinstance(node, Container) and _fits(node, rest[0]):
        edits = editor.put(document, node, rest[0], wrap(draft, rest[1:]))
    else:
        edits = editor.replace(document, node, wrap(draft, rest))
    return _checked(form, document, edits, lambda trees: _put(trees[number], path, editor.value_of(draft)))


def unset_in_text(form: base.Format, text: str, path: Path, number: int = 0) -> str:
    """`unset_value` on a plain text, in the document with that number."""
    _check_path(path)
    document = form.scan(text)
    node, rest = _walk(document, path, number)
    if rest:
        raise missing(rest[0])
    edits = base.editor(document.format).remove(document, node)
    return _checked(form, document, edits, lambda trees: _drop(trees[number], path))


def _check_path(path: Path) -> None:
    if not path:
        raise ValueFormatError("the path is empty", hint="""write it as '["key"][0]'""")


class MissingEntryError(SopsError):
    """Nothing stands at the path."""


def missing(step: str | int) -> MissingEntryError:
    """What `unset` says of a path that leads nowhere."""
    if isinstance(step, int):
        return MissingEntryError(f"list index [{step}] is out of range")
    return MissingEntryError(f"key not found: {step}")


def _walk(document: Document, path: Path, number: int) -> tuple[Node, Path]:
    """The deepest node that exists on the path, and the steps that are left."""
    node: Node = document.roots[number]
    for at, step in enumerate(path):
        if not isinstance(node, Container):
            return node, path[at:]
        if isinstance(step, str) and node.kind != MAP:
            raise ValueFormatError(
                f"{step!r} is a key, but there is a list", hint="give a list index", path=path_of(node)
            )
        child = _child(node, step)
        if child is None:
            return node, path[at:]
        if child.alias is not None:
            raise SopsError(
                f"the value is a copy of the anchor &{child.alias.name}",
                hint="set the value where the anchor stands, or edit the file: sopspy edit FILE",
                path=path_of(child),
            )
        node = child
    return node, ()


def _child(node: Container, step: str | int) -> Node | None:
    values = [item for item in node.items if not (isinstance(item, Leaf) and item.style == COMMENT)]
    if isinstance(step, int):
        return values[step] if node.kind != MAP and step < len(values) else None
    return next((item for item in values if item.key == step), None)


def _fits(node: Container, step: str | int) -> bool:
    return isinstance(step, str) == (node.kind == MAP)


def _checked(form: base.Format, document: Document, edits: list[Edit], change: Callable[[list[Value]], None]) -> str:
    """The new text, after comparing its data with the old data changed as asked."""
    text = splice(document.text, edits)
    expected = _data(document, form)
    change(expected)
    try:
        same = _same(_data(form.scan(text), form), expected)
    except SopsError:
        same = False
    if not same:
        raise SopsError(
            "the value cannot be changed in place here without changing others", hint="use the editor: sopspy edit FILE"
        )
    return text


def _data(document: Document, form: base.Format) -> list[Value]:
    return [base.plain(document, root, form) for root in document.roots]


def _same(one: list[Value], other: list[Value]) -> bool:
    """Equality of data without its comments; it tells 1 from 1.0 and True, and takes NaN for equal to itself."""
    marks = zip_longest(_flat(one), _flat(other))
    return all(type(a) is type(b) and (a == b or a != a) for a, b in marks)


def _flat(trees: list[Value]) -> Iterator[object]:
    """The keys, values and brackets of trees in order."""
    stack: list[object] = list(reversed(trees))
    while stack:
        value = stack.pop()
        if isinstance(value, tuple):
            yield value[0]
            value = value[1]
        if isinstance(value, Mapping | Sequence):
            yield type(value)
            stack.append(_END)
            stack += [item for item in reversed(value) if not isinstance(item, Comment)]
        else:
            yield value


def _put(tree: Value, path: Path, new: Value) -> None:
    """The same change on plain data."""
    value: Value = tree
    for at, step in enumerate(path[:-1]):
        inner = _get(value, step)
        if not isinstance(inner, Mapping | Sequence) or (isinstance(path[at + 1], str) != isinstance(inner, Mapping)):
            _assign(value, step, _wrapped(new, path[at + 1 :]))
            return
        value = inner
    _assign(value, path[-1], new)


def _wrapped(new: Value, steps: Path) -> Value:
    for step in reversed(steps):
        new = Sequence([new]) if isinstance(step, int) else Mapping([(step, new)])
    return new


def _get(value: Value, step: str | int) -> Value:
    if isinstance(value, Mapping):
        return next((item[1] for item in value if isinstance(item, tuple) and item[0] == step), None)
    if isinstance(value, Sequence) and isinstance(step, int):
        place = _place(value, step)
        return None if place is None else value[place]  # type: ignore[return-value]
    return None


def _place(value: Sequence, step: int) -> int | None:
    """Where the value with an index stands among the comments."""
    places = [at for at, item in enumerate(value) if not isinstance(item, Comment)]
    return places[step] if step < len(places) else None


def _assign(value: Value, step: str | int, new: Value) -> None:
    if isinstance(value, Mapping):
        for at, item in enumerate(value):
            if isinstance(item, tuple) and item[0] == step:
                value[at] = (str(step), new)
                return
        value.append((str(step), new))
    elif isinstance(value, Sequence):
        place = _place(value, int(step))
        if place is not None:
            value[place] = new
        else:
            value.append(new)


def _drop(tree: Value, path: Path) -> None:
    value = tree
    for step in path[:-1]:
        value = _get(value, step)
    if isinstance(value, Mapping):
        value.pop(next(at for at, item in enumerate(value) if isinstance(item, tuple) and item[0] == path[-1]))
    elif isinstance(value, Sequence):
        place = _place(value, int(path[-1]))
        assert place is not None
        value.pop(place)
