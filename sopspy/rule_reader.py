"""Typed reading of a `.sops.yaml`, with file, line and column in every complaint.

Responsible for what a value of the file is (a text, a number, a list, ...) as strictly as sops' own decoder, and for
merge keys. Must not know which keys there are. Source: go-yaml v3 decoding into Go structs, sops 3.13.2.
"""

from __future__ import annotations

from .document import COMMENT, MAP, SEQ, Container, Leaf
from .errors import ConfigError, EmptyFileError, EncryptError, SopsError
from .source import load, position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .document import Document, Node

_YES, _NO = frozenset(("y", "Y", "yes", "on")), frozenset(("n", "N", "no", "off"))
_KINDS = {"str": "a text", "bool": "true or false", "time": "a timestamp", "null": "null"}


class Reader:
    """The first document of a configuration file. `name` is the file as messages name it."""

    __slots__ = ("_document", "name", "root")

    def __init__(self, data: bytes, name: str) -> None:
        """Parse `data`. Raises ConfigError."""
        from .formats import yaml

        self.name = name
        self.root: Container | None = None
        try:
            self._document: Document = yaml.scan(load(data).text)
            self.root = self._document.roots[0]
        except EmptyFileError:
            pass
        except SopsError as err:
            raise ConfigError(err.message, file=name, line=err.line, column=err.column, path=err.path) from None

    def error(self, node: Node, message: str, hint: str = "") -> ConfigError:
        """A complaint about a node."""
        line, column = position(self._document.text, node.start)
        return ConfigError(message, hint=hint or (), file=self.name, line=line, column=column)

    def line(self, node: Node) -> int:
        """The one-based line where a node begins."""
        return position(self._document.text, node.start)[0]

    def kind(self, leaf: Leaf) -> str:
        """The type of a scalar: an envelope's type word, or `null`."""
        if not leaf.type:
            from .formats import yaml

            try:
                yaml.resolve(self._document, leaf)
            except EncryptError:
                return "uint"
            except SopsError as err:
                raise self.error(leaf, err.message) from None
        return leaf.type

    def absent(self, node: Node | None) -> bool:
        """Whether there is no value, or null."""
        return node is None or (isinstance(node, Leaf) and self.kind(node) == "null")

    def describe(self, node: Node) -> str:
        """What a node is, for messages."""
        if isinstance(node, Container):
            return "a mapping" if node.kind == MAP else "a list"
        return _KINDS.get(self.kind(node), "a number")

    def mapping(self, node: Node | None, what: str) -> dict[str, Node]:
        """The entries of a mapping, those of its merge keys included; the earliest one counts."""
        if node is None or self.absent(node):
            return {}
        if not isinstance(node, Container) or node.kind != MAP:
            raise self.error(node, f"{what}: expected a mapping, got {self.describe(node)}")
        entries: dict[str, Node] = {}
        merged: list[Node] = []
        for item in node.items:
            if isinstance(item, Leaf) and item.style == COMMENT:
                continue
            if item.key == "<<":
                merged += self.items(item, "<<") if isinstance(item, Container) and item.kind == SEQ else [item]
            else:
                entries[str(item.key)] = item
        for part in merged:
            for key, inner in self.mapping(part, "<<").items():
                entries.setdefault(key, inner)
        return entries

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The items of a list, without those that are null."""
        return [item for item in self._all_items(node, what) if not self.absent(item)]

    def _all_items(self, node: Node | None, what: str) -> list[Node]:
        if node is None or self.absent(node):
            return []
        if not isinstance(node, Container) or node.kind != SEQ:
            raise self.error(node, f"{what}: expected a list, got {self.describe(node)}")
        return [item for item in node.items if not (isinstance(item, Leaf) and item.style == COMMENT)]

    def text(self, node: Node | None, what: str) -> str:
        """A text; other scalars count as they are spelt."""
        if node is None or self.absent(node):
            return ""
        if not isinstance(node, Leaf):
            raise self.error(node, f"{what}: expected a text, got {self.describe(node)}")
        return node.stored if node.type == "str" and isinstance(node.stored, str) else node.text

    def texts(self, node: Node | None, what: str) -> list[str]:
        """A list of texts."""
        return [self.text(item, what) for item in self.items(node, what)]

    def text_or_texts(self, node: Node | None, what: str) -> list[str]:
        """A text with commas, or a list of texts: real texts only. Items of a list stay as they are."""
        if node is None or self.absent(node):
            return []
        if isinstance(node, Container) and node.kind == SEQ:
            return [self._real_text(item, what) for item in self._all_items(node, what)]
        return [part.strip() for part in self._real_text(node, what).split(",") if part.strip()]

    def _real_text(self, node: Node, what: str) -> str:
        if not isinstance(node, Leaf) or self.kind(node) != "str":
            raise self.error(node, f"{what}: expected a text or a list of texts, got {self.describe(node)}")
        return self.text(node, what)

    def whole(self, node: Node | None, what: str) -> int:
        """A whole number; a quoted one is a text and refused."""
        if node is None or self.absent(node):
            return 0
        if isinstance(node, Leaf) and self.kind(node) == "int":
            return int(str(node.stored))
        raise self.error(node, f"{what}: expected a whole number, got {self.describe(node)}")

    def flag(self, node: Node | None, what: str) -> bool:
        """True or false, or one of the words of YAML 1.1."""
        if node is None or self.absent(node):
            return False
        if isinstance(node, Leaf):
            if self.kind(node) == "bool":
                return str(node.stored).lower() == "true"
            if node.type == "str" and node.text in _YES | _NO:
                return node.text in _YES
        raise self.error(node, f"{what}: expected true or false, got {self.describe(node)}")
