"""What stays in clear in an encrypted YAML file must be readable for sops, whose parser is stricter in a few spots.

Values that become envelopes need no check: the token takes the place of the text. Source: go-yaml v3 as sops 3.13.2
uses it; docs/compatibility.md, "YAML".
"""

from __future__ import annotations

from ..document import COMMENT, DOUBLE, FOLDED, LITERAL, MAP, PLAIN, SEQ, Container, Document, Leaf
from ..errors import ParseError
from ..source import position
from .layout import key_length
from .yaml_scan import BREAKS, header_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..document import Edit, Node


def check(document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
    """See `yaml.check_clear`. Raises ParseError."""
    stack: list[Node] = list(document.roots)
    while stack:
        node = stack.pop()
        if isinstance(node, Container):
            for child in node.items:
                if node.kind == MAP and not (isinstance(child, Leaf) and child.style == COMMENT):
                    _check_key(document, node, child)
            if node.alias is None:
                stack += node.items
        elif node.alias is None and not chosen(node):
            _check_value(document, node)
    return _open_end(document, chosen)


def _check_value(document: Document, leaf: Leaf) -> None:
    source = document.text[leaf.start : leaf.end]
    if leaf.style == PLAIN and leaf.parent.flow and "?" in source:
        raise _refusal(document, leaf.start, "a value with a question mark inside a flow collection needs quotes")
    if leaf.style == DOUBLE and "\\/" in source:
        raise _refusal(document, leaf.start, "the escape \\/ is not known to sops", "write / without the backslash")


def _check_key(document: Document, parent: Container, child: Node) -> None:
    text, start = document.text, child.key_start
    first = text[start : start + 1]
    key = str(child.key)
    if parent.flow and "?" in key and first not in ('"', "'") and child.alias is None:
        raise _refusal(document, start, "a key with a question mark inside a flow collection needs quotes")
    if first == '"' and "\\/" in text[start : start + key_length(text, child)]:
        raise _refusal(document, start, "the escape \\/ is not known to sops", "write / without the backslash")
    if key == "<<" and first == "<" and not _merges(child):
        raise _refusal(document, start, "the value of a merge key has to be a mapping or a list of mappings")


def _merges(node: Node) -> bool:
    if not isinstance(node, Container):
        return False
    values = [item for item in node.items if not (isinstance(item, Leaf) and item.style == COMMENT)]
    return node.kind == MAP or all(isinstance(item, Container) and item.kind != SEQ for item in values)


def _refusal(document: Document, at: int, message: str, hint: str = "put it in quotes") -> ParseError:
    line, column = position(document.text, at)
    return ParseError(f"{message}: sops could not read the encrypted file", hint=hint, line=line, column=column)


def _open_end(document: Document, chosen: Callable[[Leaf], bool]) -> list[tuple[Edit, Leaf, str]]:
    """A block scalar in clear that ends without a line break, which the metadata block will add: strip it there."""
    text = document.text
    leaves = [leaf for leaf in document.leaves[-1:] if leaf.alias is None and leaf.style in (LITERAL, FOLDED)]
    if text[-1:] in BREAKS or not leaves or leaves[0].end != len(text) or chosen(leaves[0]):
        return []
    leaf = leaves[0]
    end = header_end(text, leaf)
    header = text[leaf.start : end]
    if "-" in header or leaf.text.endswith("\n") or not leaf.text:
        return []
    return [((leaf.start, end, header.replace("+", "") + "-"), leaf, header)]
