"""Random files, much harder than real life: every row of the grammar, in every combination.

A file is made from a `random.Random`, so a seed gives it again, and a property test can shrink it. `want` names a
row that the file must have. What comes out is meant to be accepted by sops; a few files are not.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.templates import KEYS, SCALARS, SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

FRAMES = (
    "leading marker",
    "several documents",
    "null document",
    "end marker",
    "directive yaml",
    "directive tag",
    "bom",
    "utf-16",
    "crlf",
    "cr",
    "unicode breaks",
    "no final newline",
    "blank lines around",
    "comments around",
    "repeated keys later",
    "alias across documents",
    "root flow",
    "root indented",
    "empty document",
)
"""What concerns a file as a whole."""

ROWS = (*FRAMES, *SCALARS, *KEYS, *SHAPES, "random columns")

LEAF = "marker_of_the_test"
"""A key that every generated file has once, with the plain value `before`."""

_ABSOLUTE = "\0"  # before a line that is not indented with its block
_FLOW_UNSAFE = ("[", "]", "{", "}", ", ", "? ", "!!binary")


class File:
    """A generated file and the rows that it has."""

    def __init__(self, data: bytes, rows: set[str]) -> None:
        self.data = data
        self.rows = rows


class _Maker:
    def __init__(self, random: Random, want: str | None) -> None:
        self.random = random
        self.want = want
        self.rows: set[str] = set()
        self.count = 0
        self.aligned = want != "random columns" and random.random() < 0.6
        self.anchors = 0

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def fresh(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def comment(self) -> str:
        self.count += 1
        return self.random.choice(("# c{}", "#c{}", "#  c{} two words", "# c{}: 'x'", "# - c{}", "## c{}")).format(
            self.count
        )

    def key(self) -> str:
        if self.chance(0.15):
            return self.key_of(self.random.choice(tuple(KEYS)))
        return self.fresh()

    def key_of(self, row: str) -> str:
        self.rows.add(row)
        return self.random.choice(KEYS[row]).format(self.fresh())

    def scalar(self, row: str | None = None) -> str:
        row = row or self.random.choice(tuple(SCALARS))
        self.rows.add(row)
        return self.random.choice(SCALARS[row])

    def flow_scalar(self) -> str:
        while True:
            text = self.scalar()
            plain = text[0] not in "'\""
            if not (plain and (any(mark in text for mark in _FLOW_UNSAFE) or text[0] == "=" or ":" in text)):
                return text

    def shape(self, row: str) -> list[str]:
        self.rows.add(row)
        return self.fill(self.random.choice(SHAPES[row])).split("\n")

    def fill(self, shape: str) -> str:
        parts = shape.split("<n>")
        if len(parts) > 1:
            self.anchors += 1
            shape = f"n{self.anchors}".join(parts)
        for mark, make in (("<k>", self.fresh), ("<c>", self.comment), ("<v>", self.scalar), ("<f>", self.flow_scalar)):
            while mark in shape:
                shape = shape.replace(mark, make(), 1)
        return shape

    def entries(self, depth: int) -> list[str]:
        """Lines of a block mapping: entries with comments and blank lines between them."""
        lines: list[str] = []
        for _ in range(self.random.randint(1, 4 if depth else 6)):
            self.between(lines)
            lines += self.entry(depth)
        self.between(lines)
        return lines

    def entry(self, depth: int) -> list[str]:
        kind = self.random.random()
        if depth < 3 and kind < 0.15:
            return [
                f"{self.key()}:{self.tail()}",
                *self.indented(self.entries(depth + 1), self.random.choice((1, 2, 2, 4))),
            ]
        if depth < 3 and kind < 0.3:
            return [
                f"{self.key()}:{self.tail()}",
                *self.indented(self.items(depth + 1), self.random.choice((0, 0, 2, 4))),
            ]
        if kind < 0.45:
            return [f"{self.key()}: {self.scalar()}{self.tail()}"]
        return self.shape(self.random.choice(tuple(SHAPES)))

    def items(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 4)):
            self.between(lines)
            kind = self.random.random()
            if depth < 3 and kind < 0.3:
                lines += self.dashed(self.plain_entry(depth + 1) + self.entries(depth + 1))
            elif depth < 3 and kind < 0.4:
                lines += self.dashed(["- " + self.scalar() + self.tail(), *self.items(depth + 1)])
            elif kind < 0.5:
                lines.append(
                    "- [" + ", ".join(self.flow_scalar() for _ in range(self.random.randint(0, 3))) + "]" + self.tail()
                )
            else:
                lines.append("- " + self.scalar() + self.tail())
        self.between(lines)
        return lines

    def plain_entry(self, depth: int) -> list[str]:
        return [f"{self.fresh()}: {self.scalar()}{self.tail()}"]

    def dashed(self, lines: list[str]) -> list[str]:
        width = self.random.choice((2, 2, 2, 4))
        return ["-" + " " * (width - 1) + lines[0], *self.indented(lines[1:], width)]

    def tail(self) -> str:
        return " " * self.random.randint(1, 3) + self.comment() if self.chance(0.2) else ""

    def between(self, lines: list[str]) -> None:
        if self.chance(0.15):
            lines += [""] * self.random.randint(1, 2)
        while self.chance(0.25):
            if self.aligned:
                lines.append(self.comment())
            else:
                self.rows.add("random columns")
                lines.append(_ABSOLUTE + " " * self.random.randint(0, 9) + self.comment())
            if self.chance(0.3):
                lines.append("")

    @staticmethod
    def indented(lines: list[str], width: int) -> list[str]:
        return [line if not line or line[0] == _ABSOLUTE else " " * width + line for line in lines]

    def wanted(self) -> list[str]:
        """The lines of the wanted row, if it is one of an entry."""
        row = self.want
        if row in SHAPES:
            return self.shape(row)
        if row in SCALARS:
            return [f"{self.fresh()}: {self.scalar(row)}"]
        if row in KEYS:
            return [f"{self.key_of(row)}: {self.scalar()}"]
        if row == "directive tag":
            return [f"{self.fresh()}: !e!thing x"]
        if row == "random columns":
            self.rows.add(row)
            return [f"{self.fresh()}: x", " " * self.random.randint(1, 9) + self.comment()]
        return []

    def frame(self, row: str, probability: float) -> bool:
        if self.want == row or self.chance(probability):
            self.rows.add(row)
            return True
        return False


def yaml(random: Random, want: str | None = None) -> File:
    """A YAML file."""
    make = _Maker(random, want)
    if want == "empty document":
        make.rows.add(want)
        return File(random.choice(("---\n", "---", "---\n# c\n", "{}\n", "--- # c\n")).encode(), make.rows)
    if want in (None, "root flow") and make.frame("root flow", 0.03):
        text = "{" + LEAF + ": before, " + ", ".join(f"{make.fresh()}: {make.flow_scalar()}" for _ in range(3)) + "}"
        return _encoded(make, text.split("\n"))
    lines = _document(make, with_leaf=True)
    if make.frame("several documents", 0.2):
        for _ in range(random.randint(1, 2)):
            lines += ["---" + make.tail(), *_document(make, with_leaf=False)]
    if make.frame("null document", 0.05):
        lines += ["---", *random.choice(([], ["# c"], ["---", "last: x"]))]
    if make.frame("repeated keys later", 0.05):
        lines += ["---", "same: 1", "same: x", "in:", "  same: a", "  same: b"]
    if make.frame("alias across documents", 0.05):
        lines = ["shared: &shared [x, 1]", *lines, "---", "there: *shared"]
    directives = _directives(make)
    if make.frame("leading marker", 0.15) or directives:
        lines = [*directives, "---" + make.tail(), *lines]
    if make.frame("end marker", 0.1):
        lines.append("...")
        if make.chance(0.5):
            lines.append(make.comment())
    if make.frame("comments around", 0.3):
        lines = [make.comment(), make.comment(), "", *lines, "", make.comment()] if lines[0][:1] != "%" else lines
    if make.frame("blank lines around", 0.15):
        lines = ["", "", *lines, "", "", ""] if lines[0][:1] != "%" else [*lines, "", ""]
    return _encoded(make, lines)


def _document(make: _Maker, *, with_leaf: bool) -> list[str]:
    groups = [make.entries(0)]
    if with_leaf:
        groups += [[f"{LEAF}: before"], make.wanted()]
    make.random.shuffle(groups)
    lines = [line for group in groups for line in group]
    if make.frame("root indented", 0.04):
        lines = [" " + line if line and line[0] != _ABSOLUTE else line for line in lines]
    return lines


def _directives(make: _Maker) -> list[str]:
    lines = []
    if make.frame("directive yaml", 0.04):
        lines.append("%YAML 1.1")
    if make.frame("directive tag", 0.04):
        lines.append("%TAG !e! tag:example.com,2000:")
    return lines


def _encoded(make: _Maker, lines: list[str]) -> File:
    text = "\n".join(line.lstrip(_ABSOLUTE) for line in lines) + "\n"
    if make.frame("no final newline", 0.12):
        text = text.rstrip("\n")
    breaks = ("crlf", "cr", "unicode breaks")
    chosen = make.want if make.want in breaks else make.random.choices((*breaks, ""), (12, 2, 3, 83))[0]
    if chosen == "crlf":
        text = text.replace("\n", "\r\n")
    elif chosen == "cr":
        text = text.replace("\n", "\r")
    elif chosen:
        text = _some_unicode_breaks(make, text)
    make.rows.update([chosen] if chosen else [])
    if make.frame("utf-16", 0.03):
        text = "\ufeff" + text
        return File(text.encode(make.random.choice(("utf-16-le", "utf-16-be"))), make.rows)
    if make.frame("bom", 0.06):
        text = "\ufeff" + text
    return File(text.encode(), make.rows)


def _some_unicode_breaks(make: _Maker, text: str) -> str:
    parts = text.split(f"{LEAF}: before\n")
    return (f"{LEAF}: before" + make.random.choice("\u0085\u2028\u2029")).join(parts)


# JSON ---------------------------------------------------------------------------------------------------------------

JSON_ROWS: dict[str, list[str]] = {
    "int": ["0", "7", "-12", "1234567890", "9007199254740991", "-9007199254740991"],
    "int beyond": ["9223372036854775808", "18446744073709551616", "-9223372036854775809"],
    "float": ["1.0", "1.50", "-2.5", "0.1", "123456789.125", "9007199254740993.0"],
    "exponent": ["1e3", "1E3", "1e+3", "1e-7", "1.5e300", "1e21", "5e-324"],
    "word": ["true", "false", "null"],
    "string": ['""', '"x"', '"two words"', '" x "', '"1"', '"true"', '"ENC[x]"', '"it\'s"'],
    "escapes": ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0041\\u00E9\\u4e2d"', '"\\ud83d\\ude00"', '"\\u0000\\u001f"'],
    "lone surrogate": ['"x\\ud800y"', '"\\udc00"', '"\\ud800\\u0041"'],
    "unicode": ['"žluťoučký"', '"😀"', '"\u2028"', '"\x7f"', '"\u0080"', '"\ufeff"'],
    "html": ['"<a&b>"', '"\\u003c\\u0026"'],
    "empty collection": ["{}", "[]", "[[]]", "{ }", "[\n]"],
}
JSON_KEYS: dict[str, list[str]] = {
    "key": ['"{}"'],
    "key suffix": ['"{}_unencrypted"'],
    "key escapes": ['"{}\\u00e9\\n"', '"\\u0061{}"'],
    "key unicode": ['"{} ключ"', '"{}😀"'],
    "key colon": ['"{}:x"'],
}
JSON_FRAMES = (
    "repeated key",
    "empty key",
    "crlf",
    "no final newline",
    "blank around",
    "minified",
    "odd blanks",
    "indented",
)
ALL_JSON_ROWS = (*JSON_ROWS, *JSON_KEYS, *JSON_FRAMES)


class _JsonMaker:
    def __init__(self, random: Random, want: str | None) -> None:
        self.random = random
        self.want = want
        self.rows: set[str] = set()
        self.count = 0
        layouts: dict[str, Callable[[int], str]] = {
            "minified": lambda depth: "",
            "odd blanks": lambda depth: self.random.choice(("", " ", "\n", "  \t", "\n\n ")),
            "indented": lambda depth: "\n" + "  " * depth,
        }
        name = want if want in layouts else random.choice(tuple(layouts))
        self.rows.add(name)
        self.blank = layouts[name]
        self.colon = ":" if name == "minified" else ": "

    def key(self, row: str | None = None) -> str:
        row = row or self.random.choice(("key", "key", "key", *JSON_KEYS))
        self.rows.add(row)
        self.count += 1
        return self.random.choice(JSON_KEYS[row]).format(f"k{self.count}")

    def scalar(self, row: str | None = None) -> str:
        row = row or self.random.choice(tuple(JSON_ROWS))
        self.rows.add(row)
        return self.random.choice(JSON_ROWS[row])

    def value(self, depth: int) -> str:
        kind = self.random.random()
        if depth < 4 and kind < 0.2:
            return self.mapping([self.member(depth + 1) for _ in range(self.random.randint(1, 4))], depth + 1)
        if depth < 4 and kind < 0.35:
            return self.joined("[]", [self.value(depth + 1) for _ in range(self.random.randint(1, 4))], depth + 1)
        return self.scalar()

    def member(self, depth: int) -> str:
        return self.key() + self.colon + self.value(depth)

    def mapping(self, members: list[str], depth: int) -> str:
        return self.joined("{}", members, depth)

    def joined(self, brackets: str, parts: list[str], depth: int) -> str:
        inner = ",".join(self.blank(depth) + part for part in parts)
        return brackets[0] + inner + self.blank(depth - 1) + brackets[1]


def json_file(random: Random, want: str | None = None) -> File:
    """A JSON file."""
    make = _JsonMaker(random, want)
    members = [make.member(1) for _ in range(random.randint(1, 6))]
    members.append(json.dumps(LEAF) + make.colon + '"before"')
    if want in JSON_ROWS:
        members.append(make.key("key") + make.colon + make.scalar(want))
    if want in JSON_KEYS:
        members.append(make.key(want) + make.colon + make.scalar())
    for row, more in (("repeated key", ['"same": 1', '"same": {"a": 1, "a": "x"}']), ("empty key", ['"": "x"'])):
        if want == row or random.random() < 0.1:
            make.rows.add(row)
            members += more
    random.shuffle(members)
    text = make.mapping(members, 1)
    if want == "blank around" or random.random() < 0.1:
        make.rows.add("blank around")
        text = "\n \t" + text + "\n\n"
    elif want == "no final newline" or random.random() < 0.3:
        make.rows.add("no final newline")
    else:
        text += "\n"
    if want == "crlf" or random.random() < 0.1:
        make.rows.add("crlf")
        text = text.replace("\n", "\r\n")
    return File(text.encode(), make.rows)
