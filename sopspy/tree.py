"""Plain data as sops models it: what `--extract`, conversions and the library work on.

A value is ``None``, ``bool``, ``int``, ``float``, ``str``, ``bytes`` (a string that is not UTF-8), `Timestamp`,
`Mapping` or `Sequence`. Knows nothing of texts, spans or encryption.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Value: TypeAlias = "bool | int | float | str | bytes | Timestamp | Mapping | Sequence | None"


class Timestamp(str):
    """A point in time as RFC 3339 text with nanoseconds, trailing zeros of the fraction removed."""

    __slots__ = ()


class Comment:
    """One comment line. `text` is what follows the `#`; `inline` says that it stood behind a value."""

    __slots__ = ("inline", "text")

    def __init__(self, text: str, inline: bool = False) -> None:
        self.text = text
        self.inline = inline

    def __repr__(self) -> str:
        return "Comment(...)"


class Mapping(list["tuple[str, Value] | Comment"]):
    """Ordered pairs, with comments before the pair they precede. Keys may repeat."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Mapping({len(self)} items)"


class Sequence(list["Value | Comment"]):
    """Values in order, with comments before the value they precede."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Sequence({len(self)} items)"
