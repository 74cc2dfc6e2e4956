"""The two ways in which kustomize calls a plugin: a KRM function (a ResourceList comes and goes) and the legacy one.

A KRM generator gets its configuration twice, as `functionConfig` and, marked as local, among the `items`; KSOPS acts on
the items. As a transformer it gets all resources of the build, and encrypted ones among them can be opened one by one,
but not their MAC: kustomize has sorted their keys by then. That is refused unless the environment of this process
allows it. The list is cut into texts, never written anew, so nothing in foreign resources changes.
Source: the KRM functions specification; kustomize 5.
"""

from __future__ import annotations

from ..document import Container
from ..errors import ParseError, RefusedError
from ..formats import base
from ..operations.decrypt import decrypt
from ..rule_reader import Reader
from ..source import load
from . import config
from .generate import generate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..document import Document, Node
    from ..keys.ring import KeyRing
    from .confine import Tree

TRANSFORM_VARIABLE = "SOPSPY_ALLOW_TRANSFORMER"
_LIST_KIND = "ResourceList"
_LOCAL = "config.kubernetes.io/local-config"
_STDIN, _ITEM = "functionConfig", "items[{}]"


class Call:
    """One call of the plugin: the repository, the keys, and the environment of this process."""

    __slots__ = ("environ", "ring", "tree", "warnings")

    def __init__(self, tree: Tree, ring: KeyRing, environ: Mapping[str, str]) -> None:
        self.tree = tree
        self.ring = ring
        self.environ = environ
        self.warnings: list[str] = []

    def legacy(self, data: bytes, name: str) -> str:
        """The YAML stream for a configuration. Raises ConfigError, Failures."""
        wanted = config.parse(data, name)
        self.warnings += wanted.warnings
        return generate(wanted, self.tree, self.ring)

    def function(self, data: bytes) -> str:
        """The YAML stream for what came on standard input: a ResourceList, or a configuration by itself."""
        reader = Reader(data, "standard input")
        if config.kind_of(reader)[1] != _LIST_KIND:
            return self.legacy(data, "standard input")
        text = load(data).text
        document = base.get("yaml").scan(text)
        top = {item.key: item for item in document.roots[0].items}
        own = top.get("functionConfig")
        items = top.get("items")
        texts = [cut(document, item) for item in items.items] if isinstance(items, Container) else []
        made: list[str] = []
        if isinstance(own, Container):
            made.append(self.legacy(cut(document, own).encode(), _STDIN))
        for number, item in enumerate(texts):
            made.append(self._item(item, _ITEM.format(number), configured=isinstance(own, Container)))
        return "---\n".join(filter(None, made))

    def _item(self, text: str, name: str, *, configured: bool) -> str:
        """What becomes of one item: nothing of a configuration that was served, resources, or the item itself."""
        reader = Reader(text.encode(), name)
        if config.kind_of(reader) in config.KINDS:
            metadata = reader.mapping(reader.mapping(reader.root, name).get("metadata"), "metadata")
            if configured and _LOCAL in reader.mapping(metadata.get("annotations"), "annotations"):
                return ""
            return self.legacy(text.encode(), name)
        if not base.get("yaml").scan(text).blocks:
            return text
        if self.environ.get(TRANSFORM_VARIABLE) != "1":
            raise RefusedError(
                "an encrypted resource in a build: what kustomize has changed in it cannot be told from an attack",
                file=name,
                hint=("name its file in a generator, which checks it whole", f"or allow it: {TRANSFORM_VARIABLE}=1"),
            )
        opened = decrypt(text.encode(), "yaml", self.ring, ignore_mac=True)
        return opened.text if opened.text.endswith("\n") else opened.text + "\n"


def cut(document: Document, node: Node) -> str:
    """The text of a node inside a document as a document of its own."""
    if not isinstance(node, Container):
        raise ParseError("an item of the ResourceList is not a mapping")
    text = document.text
    start = node.start
    column = start - (text.rfind("\n", 0, start) + 1)
    lines = text[start : node.end].split("\n")
    blank = " " * column
    lines[1:] = [line.removeprefix(blank) if line.startswith(blank) else line.lstrip(" ") for line in lines[1:]]
    return "\n".join(lines).rstrip("\n") + "\n"
