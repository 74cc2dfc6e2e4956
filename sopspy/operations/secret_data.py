"""The `data` of Kubernetes Secrets decoded for people, and encoded again; everything else byte for byte.

A value that is text stands there as text; any other one keeps its base64 under the tag `!!binary`, as a new one may.
What did not change gets its old source back, however it was spelt. Works on plain YAML. Source: the Secret v1 resource;
RFC 4648 §4, line breaks allowed (Go's decoder, which Kubernetes uses).
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

from .. import source
from ..document import COMMENT, DOUBLE, MAP, PLAIN, SINGLE, Container, Leaf, splice
from ..errors import ParseError, RefusedError, SopsError
from ..formats.yaml_resolve import CORE
from ..formats.yaml_text import canonical_inline, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..document import Document, Edit, Node
    from ..formats.base import Format

_BINARY = CORE + "binary"
_NULLS = frozenset(("~", "null", "Null", "NULL"))
_STYLED, _QUOTED, _TAGGED = 0, 1, 2
"""How a value is shown: as text in the style of its place, as text in double quotes, or as base64 with the tag."""


class Shown:
    """A YAML text with its Secrets decoded. `text`: what people see. `count`: how many values of Secrets it has."""

    __slots__ = ("_form", "_origins", "count", "text")

    def __init__(self, form: Format, text: str) -> None:
        """Raises RefusedError for a text that could not be given back exactly, ParseError."""
        self._form = form
        self._origins: dict[tuple[str, str, bool], list[str]] = {}
        document = form.scan(text)
        leaves = list(_values(document))
        self.count = len(leaves)
        for leaf in leaves:
            if leaf.tag not in (None, CORE + "str"):
                raise _refusal().at(*source.position(text, leaf.node_start))
        self.text = self._decoded(document, leaves)
        if self.back(self.text) != text:
            raise _refusal()

    def _decoded(self, document: Document, leaves: list[Leaf]) -> str:
        texts = [_readable(leaf.text) for leaf in leaves]
        # blank lines at the end of a block could not be told from those that follow it
        ways = [_TAGGED if text is None else _QUOTED if text.endswith("\n\n") else _STYLED for text in texts]
        while True:
            edits = [_shown(self._form, document, *args) for args in zip(leaves, texts, ways, strict=True)]
            made = splice(document.text, edits)
            wrong = self._wrong(made, leaves, texts, ways)
            if not wrong:
                break
            if any(ways[at] == _TAGGED for at in wrong):
                raise _refusal()
            ways = [way + (at in wrong) for at, way in enumerate(ways)]
        for leaf, text, way in zip(leaves, texts, ways, strict=True):
            key = (str(leaf.key), leaf.text, True) if way == _TAGGED else (str(leaf.key), text or "", False)
            self._origins.setdefault(key, []).append(_source(self._form, document, leaf))
        return made

    def _wrong(self, made: str, leaves: list[Leaf], texts: list[str | None], ways: list[int]) -> set[int]:
        """The numbers of the values that do not read as they should."""
        try:
            found = list(_values(self._form.scan(made)))
        except SopsError:
            found = []
        if len(found) != len(leaves):
            return set(range(len(leaves)))
        return {
            at
            for at, leaf in enumerate(found)
            if (leaf.tag == _BINARY) != (ways[at] == _TAGGED)
            or leaf.text != (leaves[at].text if ways[at] == _TAGGED else texts[at])
        }

    def back(self, text: str) -> str:
        """The text with its Secrets encoded. Raises ParseError, also for base64 that is none."""
        form = self._form
        document = form.scan(text)
        leaves = list(_values(document))
        origins = {key: list(found) for key, found in self._origins.items()}
        edits: list[Edit] = []
        for leaf in leaves:
            binary = leaf.tag == _BINARY
            end = form.region(document, leaf)[1]
            known = origins.get((str(leaf.key), leaf.text, binary))
            if known:
                edits.append((leaf.start, end, known.pop(0)))
            elif not binary:
                edits.append((leaf.start, end, _spelt(leaf, _encode(leaf.text))))
            elif _decode(leaf.text) is None:
                raise ParseError(
                    "a value with the tag !!binary is not base64",
                    hint="without the tag it is taken for text, which is encoded for you",
                ).at(*source.position(text, leaf.start))
            if binary:
                edits.append((leaf.node_start, leaf.start, _without_tag(text[leaf.node_start : leaf.start])))
        made = splice(text, edits)
        self._check(made, leaves)
        return made

    def _check(self, made: str, shown: list[Leaf]) -> None:
        """Raise RefusedError unless the encoded values say what was shown."""
        found = list(_values(self._form.scan(made)))
        same = len(found) == len(shown) and all(
            leaf.tag != _BINARY
            and (leaf.text == old.text if old.tag == _BINARY else _decode(leaf.text) == old.text.encode())
            for leaf, old in zip(found, shown, strict=True)
        )
        if not same:
            raise _refusal()


def _refusal() -> RefusedError:
    return RefusedError(
        "the data of a Secret cannot be shown decoded and given back exactly here",
        hint="edit it in base64: sopspy edit FILE",
    )


def _values(document: Document) -> Iterator[Leaf]:
    """The values in the `data` of all Secrets, without null and without copies behind aliases."""
    for root in document.roots:
        for manifest in _manifests(root):
            data = _child(manifest, "data")
            if _is(manifest, "kind", "Secret") and _is(manifest, "apiVersion", "v1") and isinstance(data, Container):
                yield from (item for item in data.items if isinstance(item, Leaf) and _is_value(item))


def _manifests(root: Container) -> Iterator[Container]:
    yield root
    kind, items = _child(root, "kind"), _child(root, "items")
    if isinstance(kind, Leaf) and kind.text.endswith("List") and isinstance(items, Container):
        yield from (item for item in items.items if isinstance(item, Container))


def _is_value(leaf: Leaf) -> bool:
    if leaf.style == COMMENT or leaf.alias is not None or leaf.parent.kind != MAP:
        return False
    if leaf.style != PLAIN:
        return True
    return leaf.text != "" and (leaf.tag is not None or leaf.text not in _NULLS)


def _child(node: Container, key: str) -> Node | None:
    items = node.items if node.kind == MAP else []
    return next(
        (item for item in items if item.key == key and not (isinstance(item, Leaf) and item.style == COMMENT)), None
    )


def _is(node: Container, key: str, text: str) -> bool:
    leaf = _child(node, key)
    return isinstance(leaf, Leaf) and leaf.text == text


def _shown(form: Format, document: Document, leaf: Leaf, text: str | None, way: int) -> Edit:
    if text is None or way == _TAGGED:
        return leaf.node_start, leaf.node_start, "!!binary "
    if way == _QUOTED:
        return leaf.start, form.region(document, leaf)[1], quote(text)
    if "\n" in text and leaf.style in (SINGLE, DOUBLE):
        leaf.style = PLAIN  # its old source comes back anyway, so it may become a block here
    leaf.type, leaf.stored = "str", text
    return form.show(document, leaf)


def _source(form: Format, document: Document, leaf: Leaf) -> str:
    return document.text[leaf.start : form.region(document, leaf)[1]]


def _without_tag(properties: str) -> str:
    return properties.replace("!!binary ", "", 1)


def _spelt(leaf: Leaf, text: str) -> str:
    """Base64 in the quotes of the text that it stands for."""
    if leaf.style in (SINGLE, DOUBLE):
        return leaf.style + text + leaf.style
    return canonical_inline(text, flow=leaf.parent.flow)


def _encode(text: str) -> str:
    return b2a_base64(text.encode(), newline=False).decode()


def _decode(text: str) -> bytes | None:
    try:
        return a2b_base64(text.replace("\n", "").replace("\r", "").encode(), strict_mode=True)
    except (Error, UnicodeEncodeError):
        return None


def _readable(text: str) -> str | None:
    """The text in a base64 value; None for bytes that are not UTF-8 or that have control characters."""
    data = _decode(text)
    if data is None:
        return None
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        return None
    return decoded if all(map(_is_text, decoded)) else None


def _is_text(char: str) -> bool:
    return char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f")
