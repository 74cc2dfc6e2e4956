"""What every format offers, which format a file has, and plain data of a document's nodes.

A format is a module with the functions of `Format`. Source of the detection: sops 3.13.2 (case-sensitive endings).
"""

from __future__ import annotations

from .. import source
from ..document import COMMENT, LOST, MAP, OVERRIDDEN, Container, Document, Leaf
from ..errors import SopsError
from ..tree import Comment, Mapping, Sequence
from ..values import plain_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from ..document import Edit, Node
    from ..source import Source
    from ..tree import Value
    from .draft import Draft

    class Format(Protocol):
        """The functions of a format module."""

        def scan(self, text: str) -> Document:
            """The document of a text, its metadata blocks apart. Raises ParseError with line and column."""

        def resolve(self, document: Document, leaf: Leaf) -> None:
            """Set `type` and `stored` of a leaf from its source text."""

        def cover(self, document: Document, leaf: Leaf, envelope: str) -> Edit:
            """The edit that puts an envelope in the place of a resolved leaf, in its style."""

        def show(self, document: Document, leaf: Leaf) -> Edit:
            """The edit that writes an opened leaf in the style around its token."""

        def region(self, document: Document, leaf: Leaf) -> tuple[int, int]:
            """The span that `cover` replaces, and that a layout hint holds the source of."""

        def faithful(self, document: Document, leaf: Leaf) -> bool:
            """Whether `show` after `cover` gives back the source text of a resolved leaf."""

        def fasten(self, document: Document, block: Mapping, indent: int | None) -> list[Edit]:
            """The edits that add the metadata; cutting the document's blocks is the exact inverse."""

        def reread(self, leaf: Leaf) -> tuple[str, str]:
            """Type and stored plaintext that `resolve` finds in what `show` writes for a number, boolean or time."""

        def quote(self, text: str) -> str:
            """A string in double quotes."""

        def clear(self, leaf: Leaf) -> str:
            """A resolved leaf in clear, as it stands in a flow collection."""

        def check_clear(self, document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
            """Refuse what would stay in clear and sops cannot read; edits of what would read otherwise (form `h`)."""

        def dump(self, value: Mapping, indent: int | None) -> str:
            """sops' own text for a whole document."""

        def dump_value(self, value: Value, indent: int | None) -> str:
            """sops' own text for a part of a document."""

    class Editor(Protocol):
        """Proposes edits of a plain document; the caller scans the result before believing it."""

        def put(self, document: Document, container: Container, key: str | int, draft: Draft) -> list[Edit]:
            """Add an entry at the end of a collection."""

        def replace(self, document: Document, node: Node, draft: Draft) -> list[Edit]:
            """Put another value in the place of a node."""

        def remove(self, document: Document, node: Node) -> list[Edit]:
            """Take an entry out of its collection."""

        def value_of(self, draft: Draft) -> Value:
            """What the format reads where a draft was written."""

        def refasten(self, document: Document, old: Document, text: str) -> list[Edit] | None:
            """Add the very metadata block that was cut from `old`; None when it does not fit."""


_MODULES = {"yaml": ".yaml", "json": ".json", "binary": ".binary", "dotenv": ".dotenv", "ini": ".ini"}
_RAW = ("dotenv", "ini")
"""Formats whose bytes may be of any encoding."""

NAMES = ("yaml", "json", "dotenv", "ini", "binary")
_ENDINGS = ((".yaml", "yaml"), (".yml", "yaml"), (".json", "json"), (".env", "dotenv"), (".ini", "ini"))


def get(name: str) -> Format:
    """The module of a format. Raises SopsError for one that is not available."""
    module = _MODULES.get(name)
    if module is None:
        raise SopsError(f"the format {name} is not available in this version")
    return __import__(module[1:], globals(), fromlist=("scan",), level=1)  # `importlib` costs 0.3 ms


def read(data: bytes, name: str) -> Source:
    """The text of a file as its format decodes it. Raises ParseError."""
    return source.load_raw(data) if name in _RAW else source.load(data)


def decoding(name: str) -> str:
    """What becomes of bytes that are not UTF-8 in a comment: the name of the error handler."""
    return "surrogateescape" if name in _RAW else "replace"


def editor(name: str) -> Editor:
    """The module that changes plain documents of a format in place."""
    return __import__(f"{name}_edit", globals(), fromlist=("put",), level=1)


def detect(path: str) -> str:
    """The format of a file by the end of its path; `binary` for any that is not known."""
    for ending, name in _ENDINGS:
        if path.endswith(ending):
            return name
    return "binary"


def plain(document: Document, node: Node, form: Format) -> Value:
    """The data of a node and all below it, comments included. Unresolved leaves are resolved by `form`."""
    if isinstance(node, Leaf):
        return _value(document, node, form)
    result: Mapping | Sequence = Mapping() if node.kind == MAP else Sequence()
    stack: list[tuple[Container, Mapping | Sequence, int]] = [(node, result, 0)]
    while stack:
        container, made, at = stack.pop()
        while at < len(container.items):
            item = container.items[at]
            at += 1
            inner: Value
            if isinstance(item, Leaf):
                if item.tag == OVERRIDDEN or item.tag == LOST:
                    continue
                if item.style == COMMENT or item.type == "comment":
                    made.append(_comment(item))
                    continue
                inner = _value(document, item, form)
            else:
                inner = Mapping() if item.kind == MAP else Sequence()
            if isinstance(made, Mapping):
                made.append((str(item.key), inner))
            else:
                made.append(inner)
            if isinstance(item, Container):
                stack.append((container, made, at))
                assert isinstance(inner, Mapping | Sequence)
                container, made, at = item, inner, 0
    return result


def trees(document: Document, form: Format, target: str) -> list[Mapping]:
    """The data of a file for another format: YAML holds all documents, INI the sections of all, others the first."""
    roots = document.roots if target in ("yaml", "ini") else document.roots[:1]
    made = [tree for tree in (plain(document, root, form) for root in roots) if isinstance(tree, Mapping)]
    return [Mapping(item for tree in made for item in tree)] if target == "ini" else made


def _comment(leaf: Leaf) -> Comment:
    return Comment(str(leaf.stored) if leaf.type else leaf.text, leaf.style == COMMENT and leaf.key == 1)


def _value(document: Document, leaf: Leaf, form: Format) -> Value:
    if not leaf.type:
        form.resolve(document, leaf)
    return plain_value(leaf.type, leaf.stored)
