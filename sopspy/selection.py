"""Which leaf is encrypted.

Responsible for the six options of a file or a rule, applied to the containers and leaves of one document. A key
decides for all that is below it; lists pass their own path through; a comment has the path of its container. Each
key's name is tested once. Must not change a document. Source: sops 3.13.2; docs/compatibility.md.
"""

from __future__ import annotations

from .document import COMMENT, MAP, SEQ, Leaf
from .errors import EncryptError
from .metadata import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .document import Container, Node

__all__ = ["Options", "Selection", "looser"]


class Selection:
    """The decisions of one set of options. Holds on to the documents it was asked about.

    `reading`: the document is an encrypted one. Then a pattern that does not compile matches nothing, as in sops, and
    an encrypted comment that stands as a list item counts as a comment. For writing, patterns must compile (call
    `Options.check_patterns` first).
    """

    __slots__ = ("_by_comment", "_decided", "_hits", "_known", "_matches", "_on_hit", "_reading")

    def __init__(self, options: Options, *, reading: bool = False) -> None:
        options = options.with_default()
        name = options.names()[0]
        text: str = getattr(options, name)
        self._matches = _search(text) if name.endswith("_regex") else lambda key: key.endswith(text)
        self._on_hit = name.startswith("encrypted")
        self._by_comment = "comment" in name
        self._reading = reading
        self._known: dict[str, bool] = {}
        self._hits: dict[Container, bool] = {}
        self._decided: dict[Leaf, bool] = {}

    def container(self, container: Container) -> bool | None:
        """True or False when its path decides for everything in it, None when its entries differ."""
        return self._on_hit if not self._by_comment and self._hit(container) else None

    def leaf(self, leaf: Leaf) -> bool:
        """Whether a value is (to be) encrypted, if its type and text allow it."""
        if self._by_comment:
            return self._from_comments(leaf)
        parent = leaf.parent
        hit = self._hits.get(parent)
        if hit is None:
            hit = self._hit(parent)
        if not hit and parent.kind == MAP:
            key = leaf.key
            hit = self._known.get(key)  # type: ignore[arg-type]  # keys of mappings are texts
            if hit is None:
                hit = self._component(str(key))
        return hit is self._on_hit

    def comment(self, leaf: Leaf) -> bool:
        """Whether a comment is (to be) encrypted."""
        if self._by_comment:
            return self._from_comments(leaf)
        return self._hit(leaf.parent) is self._on_hit

    def check_comment(self, envelope: str) -> None:
        """For the writer of a comment: raise EncryptError when its envelope itself would count as a marker."""
        if self._by_comment and not self._on_hit and self._matches(envelope):
            raise EncryptError(
                "unencrypted_comment_regex matches the text of an encrypted comment, so the file could not be read",
                hint="anchor the pattern, for example '^ *public'",
            )

    def _component(self, key: str) -> bool:
        hit = self._known.get(key)
        if hit is None:
            hit = self._known[key] = self._matches(key)
        return hit

    def _hit(self, container: Container) -> bool:
        """Whether a key on the path of `container` matches."""
        chain: list[Container] = []
        step: Container | None = container
        hit = False
        while step is not None:
            known = self._hits.get(step)
            if known is not None:
                hit = known
                break
            chain.append(step)
            step = step.parent
        for step in reversed(chain):
            above = step.parent
            if not hit and above is not None and above.kind == MAP:
                hit = self._component(str(step.key))
            self._hits[step] = hit
        return hit

    def _from_comments(self, leaf: Leaf) -> bool:
        if leaf not in self._decided:
            root = leaf.parent
            while root.parent is not None:
                root = root.parent
            self._walk(root)
        return self._decided[leaf]

    def _walk(self, root: Container) -> None:
        """Decide every leaf of a document by the comments that stand before it or before a container around it.

        A level's comments are active from where they stand up to the next value of that level, and in all of it.
        The marking comment of `encrypted_comment_regex` stays plain itself.
        """
        levels = [_Level(root.items, False)]
        while levels:
            level = levels[-1]
            node = next(level.nodes, None)
            if node is None:
                levels.pop()
                continue
            active = level.above or level.marked
            if not isinstance(node, Leaf):
                levels.append(_Level(node.items, active))
                level.marked = False
            elif self._is_comment(node):
                matches = self._matches(node.text)
                self._decided[node] = active if self._on_hit else not (active or matches)
                level.marked = level.marked or matches
            else:
                self._decided[node] = active is self._on_hit
                level.marked = False

    def _is_comment(self, leaf: Leaf) -> bool:
        """Real sops writes an encrypted comment inside a list as an item of that list."""
        if leaf.style == COMMENT:
            return True
        text = leaf.text
        listed = self._reading and leaf.parent.kind == SEQ
        return listed and text.startswith("ENC[AES256_GCM,") and text.endswith(",type:comment]")


class _Level:
    """A container on the way down: its remaining nodes, and which comments are active."""

    __slots__ = ("above", "marked", "nodes")

    def __init__(self, nodes: list[Node], above: bool) -> None:
        self.nodes: Iterator[Node] = iter(nodes)
        self.above = above
        self.marked = False


def looser(file: Selection, today: Selection, leaf: Leaf) -> bool:
    """Whether today's options would encrypt what the file's own options leave in clear."""
    if leaf.style == COMMENT:
        return today.comment(leaf) and not file.comment(leaf)
    return today.leaf(leaf) and not file.leaf(leaf)


def _search(text: str) -> Callable[[str], bool]:
    from .regex import Pattern

    try:
        return Pattern(text).found
    except ValueError:
        return lambda _: False
