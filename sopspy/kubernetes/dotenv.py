"""The two dialects of `KEY=value` files that Secrets are made from.

`quoted` reads as KSOPS does (the rules of joho/godotenv 1.5): quotes, escapes, `export`, inline comments, variables of
the same file. `raw` reads as kustomize and Flux do: what follows the first `=` is the value. Must not read files.
"""

from __future__ import annotations

from ..errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

Pair = tuple[str, str]
_BLANKS = "\t\v\f\r \x85\xa0"
_NAME = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def raw(text: str) -> list[Pair]:
    """Pairs of a file without quoting rules. Raises ParseError with the line."""
    pairs: list[Pair] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = line.lstrip()
        if not line or line[0] == "#":
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise ParseError("a line without '='", line=number)
        pairs.append((key, value))
    return pairs


def quoted(text: str) -> list[Pair]:
    """Pairs of a file with quotes and variables. Raises ParseError with the line."""
    reader = _Reader(text.replace("\r\n", "\n"))
    return list(reader.pairs())


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.known: dict[str, str] = {}

    def pairs(self) -> Iterator[Pair]:
        while self._to_statement():
            key = self._key()
            value = self._value()
            self.known[key] = value
            yield key, value

    def _to_statement(self) -> bool:
        """Skip blanks, empty lines and comments; whether anything is left."""
        text = self.text
        while self.at < len(text):
            if text[self.at].isspace():
                self.at += 1
            elif text[self.at] == "#":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            else:
                return True
        return False

    def _key(self) -> str:
        text = self.text
        start = self.at
        if text.startswith("export", start) and text[start + 6 : start + 7] in (*_BLANKS,):
            start += 6
            while text[start : start + 1] in (*_BLANKS,):
                start += 1
        end = start
        while end < len(text) and text[end] not in "=:":
            char = text[end]
            if char not in _BLANKS and char not in "_." and not (char.isascii() and char.isalnum()):
                raise self._error("a character that no variable name may have", end)
            end += 1
        if end == len(text):
            raise self._error("a name without a value", start)
        self.at = end + 1
        self._skip_blanks()
        return text[start:end].rstrip()

    def _skip_blanks(self) -> None:
        while self.text[self.at : self.at + 1] in (*_BLANKS,):
            self.at += 1

    def _value(self) -> str:
        quote = self.text[self.at : self.at + 1]
        return self._between(quote) if quote in ("'", '"') else self._unquoted()

    def _unquoted(self) -> str:
        end = self.at
        while end < len(self.text) and self.text[end] not in "\n\r":
            end += 1
        line = self.text[self.at : end]
        self.at = end
        for place in range(len(line) - 1, 0, -1):
            if line[place] == "#" and line[place - 1] in _BLANKS:
                line = line[:place]
                break
        return self._expanded(line.strip(_BLANKS))

    def _between(self, quote: str) -> str:
        end = self.at + 1
        while True:
            end = self.text.find(quote, end)
            if end < 0:
                raise self._error("a quoted value that does not end", self.at)
            if self.text[end - 1] != "\\":
                break
            end += 1
        value = self.text[self.at : end].strip(quote)
        self.at = end + 1
        return self._expanded(_unescaped(value)) if quote == '"' else value

    def _expanded(self, text: str) -> str:
        """`$NAME`, `${NAME}` and the start of `$(NAME)` replaced by values of this file; a backslash keeps them."""
        parts: list[str] = []
        at = 0
        while True:
            dollar = text.find("$", at)
            if dollar < 0:
                return "".join(parts) + text[at:]
            escaped = text[dollar - 1 : dollar] == "\\" and dollar > at
            end, name = _variable(text, dollar + 1)
            parts.append(text[at : dollar - escaped])
            parts.append(self.known.get(name, "") if name and not escaped else text[dollar:end])
            at = end

    def _error(self, what: str, at: int) -> ParseError:
        return ParseError(what, line=self.text.count("\n", 0, at) + 1)


def _variable(text: str, at: int) -> tuple[int, str]:
    """Where a variable behind its dollar ends, and its name."""
    for mark in "({":
        if text[at : at + 1] == mark:
            at += 1
    start = at
    while text[at : at + 1] in _NAME and at < len(text):
        at += 1
    name = text[start:at]
    return at + (text[at : at + 1] == "}"), name


def _unescaped(text: str) -> str:
    """`\\n` and `\\r` as the characters, any other escape without its backslash, but for a dollar's."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        char, after = text[at], text[at + 1 : at + 2]
        if char != "\\" or not after:
            parts.append(char)
            at += 1
            continue
        parts.append({"n": "\n", "r": "\r", "$": "\\$"}.get(after, after))
        at += 2
    return "".join(parts)
