"""INI as sops writes it: whole files and single sections.

Where sops' own text would read back as another value (one with quotes of its own around it) we write what reads back
right. Source: sops 3.13.2 and ini.v1 1.67.3: equals signs of a section in one column, an empty line between sections.
"""

from __future__ import annotations

from ..document import DOUBLE, PLAIN
from ..errors import EmitError
from ..tree import Comment, Mapping, Sequence
from .ini import quoted
from .ini_scan import BACKTICK, DEFAULT, SPACE, TRIPLE
from .plain_text import spell, typed

TYPE_CHECKING = False
if TYPE_CHECKING:
    Line = tuple[str, str, str]

_DELIMITERS = '"=:'


def dump(value: Mapping) -> str:
    """The text of a document. Raises EmitError (exit 4) unless it is a mapping of mappings of values."""
    made: list[str] = []
    above = ""
    for place, item in enumerate(item for item in value if not isinstance(item, Comment)):
        name, inner = item
        if not isinstance(inner, Mapping):
            raise EmitError(
                f"Error encoding section: Section values should always be TreeBranches: {name} is none",
                hint="INI holds sections of values only; choose another format",
            )
        head, lines = _lines(name, inner)
        if not name:
            raise EmitError("a section without a name has no place in INI", hint="choose another format")
        if place or name.upper() != DEFAULT:
            made.append(head + section(name, lines))
        elif lines:
            made.append(head + section("", lines))
        elif head:
            above = head
    return above + "\n".join(made)


def _lines(name: str, tree: Mapping) -> tuple[str, list[Line]]:
    """The comment above a section, and its lines: the comment above each, its key and its value."""
    head = ""
    lines: list[Line] = []
    places: dict[str, int] = {}
    last = -1
    for place, item in enumerate(tree):
        if isinstance(item, Comment):
            if place == 0:
                head = _comment(item.text, strip=False)
            elif lines:
                lines[last] = (_comment(item.text), *lines[last][1:])
            continue
        key, value = item
        if isinstance(value, Mapping | Sequence):
            raise EmitError(f"a value inside a value has no place in INI: {name}: {key}", hint="choose another format")
        if not key:
            raise EmitError(f"a key without a name has no place in INI: {name}", hint="choose another format")
        last = places.setdefault(key, len(lines))
        above = lines[last][0] if last < len(lines) else ""
        lines[last : last + 1] = [(above, key, spell(*typed(value)))]  # a key that stands twice has its last value
    return head, lines


def section(name: str, lines: list[Line]) -> str:
    """The text of a section; without a name, its lines alone."""
    width = max((_size(key) + _extra(key) for _, key, _ in lines), default=0)
    made = [f"[{name}]\n"] if name else []
    for above, key, value in lines:
        shown = _key(key)
        made.append(f"{above}{shown}{' ' * (width - _size(shown))} = {_value(value)}\n")
    return "".join(made)


def _size(text: str) -> int:
    """sops counts bytes."""
    return len(text.encode("utf-8", "surrogateescape"))


def _extra(key: str) -> int:
    """How much longer sops takes a key for because of its quotes."""
    return 2 if any(char in key for char in _DELIMITERS) else 6 if "`" in key else 0


def _key(key: str) -> str:
    if any(char in key for char in _DELIMITERS):
        return f"`{key}`"
    return f'"""{key}"""' if "`" in key else key


def _value(text: str) -> str:
    """A value in the quotes that sops gives it, in others where they would not read back."""
    if "\n" in text or "`" in text:
        return quoted(text, TRIPLE)
    if "#" in text or ";" in text:
        return quoted(text, BACKTICK)
    return quoted(text, DOUBLE if text.strip(SPACE) != text else PLAIN)


def _comment(text: str, *, strip: bool = True) -> str:
    """Comment lines as sops writes them: those of a section keep the blanks that they begin with."""
    made = []
    for line in text.split("\n"):
        if line[:1] in ("#", ";"):
            made.append(f"{line[0]} {line[1:].strip(SPACE)}\n")
        elif line:
            made.append(f"; {line.strip(SPACE) if strip else line}\n")
    return "".join(made)
