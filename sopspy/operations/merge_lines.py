"""Three versions of a text into one: what only one side changed is taken, what both changed is marked.

Works on lines and knows nothing of formats, so a result without marks still has to be looked over. Source: the rules of
diff3(1): changes in lines that touch each other are a conflict.
"""

from __future__ import annotations

from difflib import SequenceMatcher

from ..errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

START, MIDDLE, END = "<<<<<<< your text", "=======", ">>>>>>> the file as it is now"


def merge(base: str, mine: str, theirs: str) -> tuple[str, int]:
    """The merged text, and the number of places that both sides changed in different ways."""
    lines = [text.splitlines(keepends=True) for text in (base, mine, theirs)]
    parts: list[str] = []
    conflicts = 0
    at = [0, 0, 0]
    for starts in _common(*lines):
        old, ours, other = (lines[side][at[side] : starts[side]] for side in range(3))
        if other in (old, ours):
            parts += ours
        elif ours == old:
            parts += other
        else:
            conflicts += 1
            parts += [START + "\n", *_ended(ours), MIDDLE + "\n", *_ended(other), END + "\n"]
        length = starts[3]
        parts += lines[0][starts[0] : starts[0] + length]
        at = [start + length for start in starts[:3]]
    return "".join(parts), conflicts


def check_no_marks(text: str) -> None:
    """Raise ParseError at the first mark of `merge` that is still in a text."""
    for number, line in enumerate(text.splitlines(), 1):
        if line in (START, END):
            raise ParseError(
                "the mark of a conflict is still in the text",
                hint=f"choose which lines stay, and remove the three lines that begin with {START[:7]}, {MIDDLE}, "
                f"{END[:7]}",
                line=number,
            )


def _common(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that all three have: where they start in each, and their length. The last one is empty."""
    ours = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    one = other = 0
    while one < len(ours) and other < len(others):
        a, b = ours[one], others[other]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            yield start, a.b + start - a.a, b.b + start - b.a, end - start
        if a.a + a.size < b.a + b.size:
            one += 1
        else:
            other += 1
    yield len(base), len(mine), len(theirs), 0


def _ended(lines: list[str]) -> list[str]:
    """The lines with a line break at the end of the last one, so that a mark stands on its own line."""
    return [*lines[:-1], lines[-1].rstrip("\r\n") + "\n"] if lines else []
