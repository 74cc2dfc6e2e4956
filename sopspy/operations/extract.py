"""Parts of a decrypted file, and conversions: sops' own output, made by the format's emitter."""

from __future__ import annotations

from ..errors import EmitError, PathError, SopsError
from ..formats import base
from ..tree import Comment, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tree import Value
    from .decrypt import Decrypted

Path = tuple[str | int, ...]


def parse_path(text: str) -> Path:
    """`["a"]['b'][0]` as keys and indexes; sops' grammar. Raises PathError."""
    parts: list[str | int] = []
    for piece in text.split("["):
        if not piece:
            continue
        body = piece[:-1]
        if piece[-1] != "]" or not body:
            raise _bad_path()
        if body[0] in "\"'":
            if len(body) < 2:
                raise _bad_path()
            parts.append(body[1:-1])
        elif body.isascii() and body.isdigit():
            parts.append(int(body))
        else:
            raise _bad_path()
    return tuple(parts)


def _bad_path() -> PathError:
    return PathError("not a valid path", hint="""write it as '["key"][0]': keys in quotes, list indexes from 0""")


def lookup(value: Value, path: Path) -> Value:
    """The value at a path. Raises SopsError (1) when it is not there."""
    for part in path:
        value = _step(value, part)
    return value


def _step(value: Value, part: str | int) -> Value:
    if isinstance(part, int):
        if not isinstance(value, Sequence):
            raise SopsError(f"[{part}] is a list index, but there is no list", hint="give the key in quotes")
        entries = [entry for entry in value if not isinstance(entry, Comment)]  # sops counts comments as entries
        if part >= len(entries):
            raise SopsError(f"list index [{part}] is out of range: the list has {len(entries)} entries")
        return entries[part]
    if isinstance(value, Mapping):
        for item in value:
            if not isinstance(item, Comment) and item[0] == part:
                return item[1]
    raise SopsError(f"key {part!r} not found")


def extract(result: Decrypted, path: Path, output_format: str, indent: int | None) -> bytes:
    """What stands at a path of the first document: a string raw, anything else as `output_format` writes it."""
    document = result.document
    value = lookup(base.plain(document, document.roots[0], result.form), path)
    if isinstance(value, bytes):
        return value
    if isinstance(value, str) and value.__class__ is str:
        return value.encode("utf-8", "surrogateescape")
    form = base.get(output_format)
    if isinstance(value, Mapping):
        return form.dump(value, indent).encode("utf-8", "surrogateescape")
    return form.dump_value(value, indent).encode("utf-8", "surrogateescape")


def convert(result: Decrypted, output_format: str, indent: int | None) -> bytes:
    """The decrypted file in another format. Raises EmitError (4) for what that format cannot hold."""
    document = result.document
    trees = base.trees(document, result.form, output_format)
    if output_format == "binary":
        return _data_of(trees[0])
    if output_format == "yaml":
        from ..formats.yaml_dump import dump

        return dump(trees, indent).encode("utf-8", "surrogateescape")
    return base.get(output_format).dump(trees[0], indent).encode("utf-8", "surrogateescape")


def _data_of(tree: Value) -> bytes:
    for item in tree if isinstance(tree, Mapping) else ():
        if not isinstance(item, Comment) and item[0] == "data" and isinstance(item[1], str | bytes):
            return item[1] if isinstance(item[1], bytes) else item[1].encode("utf-8", "surrogateescape")
    raise EmitError("there is no key data to write as binary", hint="choose another format: --output-type yaml")
