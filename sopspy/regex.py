"""RE2 patterns, the dialect of sops' six selection options and of `path_regex`.

Responsible for searching a text for a pattern as Go's `regexp` does: anywhere in it, `$` only at the very end, ASCII
classes, no look-around. Python's `re` reads some patterns otherwise, so it is no fallback. Imported only when a file
or a rule has a regex: google-re2 costs some milliseconds. Source: sops 3.13.2, docs/compatibility.md.
"""

from __future__ import annotations

from . import fast


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        """Compile `text`. Raises ValueError with RE2's reason."""
        self.text = text
        words = _words(text)
        self._found = words.__contains__ if words else fast.re2_finder(_utf8(text))

    def found(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        return self._found(_utf8(text))

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def _words(text: str) -> frozenset[bytes] | None:
    """What `^(data|stringData)$` matches, the usual pattern by far: told without loading RE2."""
    if text[:1] != "^" or text[-1:] != "$":
        return None
    inner = text[1:-1]
    words = inner[1:-1].split("|") if inner[:1] == "(" and inner[-1:] == ")" else [inner]
    plain = all(word.isascii() and word.isalnum() for word in words)
    return frozenset(word.encode() for word in words) if plain else None


def _utf8(text: str) -> bytes:
    """UTF-8, with U+FFFD for what is no character, as Go reads invalid bytes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()
