"""The binary format: a whole file as one encrypted value, `{"data": "ENC[...]", "sops": {...}}`.

Here the two sides differ, so this is a `formats.base.Format` for the wrapper only. The plaintext is no text: any bytes,
neither decoded nor scanned. To encrypt: seal them (unless they are empty) as type `str` with the path `AAD`, and write
`seal_text`. To decrypt: `scan`, open the leaves as of any JSON file, and take `unseal`. The MAC covers the bytes. No
step looks at single characters. Source: sops 3.13.2, JSON store; docs/compatibility.md, "Binary".
"""

from __future__ import annotations

from ..document import DOUBLE, Document, Leaf
from ..errors import EmitError
from ..tree import Mapping
from . import json
from .json import check_clear, clear, cover, faithful, fasten, quote, region, reread, resolve, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tree import Value

__all__ = [
    "check_clear",
    "clear",
    "cover",
    "dump",
    "dump_value",
    "faithful",
    "fasten",
    "quote",
    "region",
    "reread",
    "resolve",
    "scan",
    "show",
]

NAME = "binary"
KEY = "data"
AAD = "data:"


def scan(text: str) -> Document:
    """The wrapper as a document; its value is the leaf of the key `data`. Raises ParseError, MetadataError."""
    document = json.scan(text)
    document.format = NAME
    return document


def seal_text(envelope: str, block: Mapping, indent: int | None) -> str:
    """The encrypted file as sops writes it. `envelope` is "" for an empty file; `indent` as in JSON."""
    around = json.dump(Mapping([(KEY, ""), ("sops", block)]), indent)
    at = around.index('""') + 1
    return around[:at] + envelope + around[at:]


def unseal(document: Document) -> bytes:
    """The plaintext of a wrapper whose leaves are opened. Raises EmitError (exit 4) when it holds no string `data`."""
    for node in document.roots[0].items:
        if node.key != KEY:
            continue
        if not isinstance(node, Leaf) or node.style != DOUBLE or node.type not in ("", "str"):
            raise _not_binary("the value of data is not a string")
        return _bytes(node.stored if node.type else node.text)
    raise _not_binary("there is no key data")


def wrap(data: bytes) -> Mapping:
    """A file's bytes as plain data, for other formats: text where they are UTF-8."""
    try:
        return Mapping([(KEY, data.decode())])
    except UnicodeDecodeError:
        return Mapping([(KEY, data)])


def unwrap(value: Mapping) -> bytes:
    """The bytes that plain data stands for: those of its first key `data`. Raises EmitError (exit 4)."""
    for item in value:
        if isinstance(item, tuple) and item[0] == KEY:
            if isinstance(item[1], str | bytes):
                return _bytes(item[1])
            raise _not_binary("the value of data is not a string")
    raise _not_binary("there is no key data")


def dump(value: Mapping, indent: int | None) -> str:
    """The plaintext as text; encode it with `surrogateescape` to get the very bytes, or use `unwrap`."""
    return unwrap(value).decode("utf-8", "surrogateescape")


def dump_value(value: Value, indent: int | None) -> str:
    """Raises EmitError (exit 4): a binary file has no parts."""
    raise EmitError("a binary file has no parts to extract", hint="choose another format: --output-type json")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def _not_binary(what: str) -> EmitError:
    return EmitError(
        f"{what}, so this is no binary file", hint="name the right format: --output-type yaml, json, dotenv or ini"
    )
