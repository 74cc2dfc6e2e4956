"""RE2 patterns, the dialect of sops' six selection options and of `path_regex`.

Responsible for searching a text for a pattern as Go's `regexp` does: anywhere in it, `$` only at the very end, ASCII
classes, no look-around. Python's `re` reads some patterns otherwise, so it is no fallback. Imported only when a file
or a rule has a regex: google-re2 costs some milliseconds. Source: sops 3.13.2, docs/compatibility.md.
"""

from __future__ import annotations


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_regexp", "text")

    def __init__(self, text: str) -> None:
        """Compile `text`. Raises ValueError with RE2's reason."""
        import re2

        options = re2.Options()
        options.log_errors = False  # it would print the pattern to stderr by itself
        self.text = text
        try:
            self._regexp = re2.compile(_utf8(text), options)
        except re2.error as err:
            raise ValueError(_reason(err)) from None

    def found(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        return self._regexp.search(_utf8(text)) is not None

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def _utf8(text: str) -> bytes:
    """UTF-8, with U+FFFD for what is no character, as Go reads invalid bytes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()


def _reason(err: Exception) -> str:
    reason = err.args[0] if err.args else "not a regular expression"
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
