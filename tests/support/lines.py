"""Random dotenv and INI files, much harder than real life: every row below, in every combination.

A file is made from a `random.Random`, so a seed gives it again. `ROWS` are the traps; a property test asserts that each
of them is reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_KEYS = ("A", "B_C", "export X", "a.b", "K ", "", " lead", "unx_unencrypted", "ключ")
_VALUES = (
    *("1", "", '"q"', "'s'", "a # c", "x\\ny", "\\\\n", "=", "a=b", " lead", "trail ", "é", "$A", '{"j":1}', "\\"),
    *("ENC[", "true", "1.50", "-----BEGIN\\nxx"),
)
_COMMENTS = ("", " c", "c", "# x", " ENC", "é", "!")

_INI_KEYS = (
    *("a", "b c", "x.y", '"q k"', "`b=k`", "ä", "-", "unx_unencrypted", "K", "k1", "k2", "k3", "k4"),
    *('"""t k"""', "k5"),
)
_INI_VALUES = (
    *("1", "", '"q"', "'s'", "a b", "x ; c", "y # d", "z;e", '"a;b"', "`a;b`", '"""t"""', '"""m\nl"""', "`m\n\nl`"),
    *("cont\\\n  more", "c2\\\n\n", "é", "%(a)s", "\\n", '"', "'", 'a"b', '" lead"', "tr  ", "C:\\dir", "a:b=c"),
    *("http://h/x?y=1", '"""u" v"""', "\\\\", '"x" "y"', '"""a""" junk', "`q` ; c", '"""m\nl""" ; c'),
    *("e\\ ; c\\\nf", "[x]", "{}"),
)
_INI_COMMENTS = (" c", "c", "", " a ; b", ";; d", "  lead", " é", "!", " x]")
_SECTIONS = ("s", "t", "a b", "DEFAULT", "x_unencrypted", "q]r", '"s"')

ROWS = {
    "dotenv": (b"\\n", b"export ", b"\r", b"# ", b'"q"', b"\n\n", b"\n=", b"\xff"),
    "ini": (
        *(b"\r\n", b'"""m', b"`m", b"\\\n", b"] ;", b"junk", b"- ", b"[DEFAULT]", b"; ", b"# ", b"\n\n", b"[s]"),
        *(b"`b=k`", b'"q k"', b":"),
    ),
}


def dotenv(random: Random) -> bytes:
    """A dotenv file."""
    lines: list[str] = []
    for _ in range(random.randint(0, 8)):
        chance = random.random()
        if chance < 0.15:
            lines.append("")
        elif chance < 0.35:
            lines.append("#" + random.choice(_COMMENTS))
        else:
            lines.append(f"{random.choice(_KEYS)}={random.choice(_VALUES)}")
    if random.random() < 0.15:
        lines = [f"{line}\r" if line else line for line in lines]
    data = _joined(lines, "\n", random).encode()
    return data.replace(b"A=", b"A=\xff\xfe", 1) if random.random() < 0.05 else data


def ini(random: Random) -> bytes:
    """An INI file."""
    lines = ["\ufeff; first"] if random.random() < 0.1 else []
    for _ in range(random.randint(0, 9)):
        chance = random.random()
        if chance < 0.12:
            lines.append(random.choice(("", "  ", "\t")))
        elif chance < 0.3:
            lines.append(random.choice(("", " ", "\t")) + random.choice("#;") + random.choice(_INI_COMMENTS))
        elif chance < 0.45:
            behind = random.choice(("", "", "  ; inl", " # i", "junk"))
            lines.append(f"{random.choice(('', '  '))}[{random.choice(_SECTIONS)}]{behind}")
        else:
            lines.append(_ini_line(random))
    return _joined(lines, random.choice(("\n", "\n", "\n", "\r\n")), random).encode()


def _ini_line(random: Random) -> str:
    delimiter = random.choice(("=", " = ", ":", " : ", "= ", " ="))
    behind = random.choice(("", "", "", " ", " ; note", " # n"))
    lead = random.choice(("", "  ", "\t"))
    return f"{lead}{random.choice(_INI_KEYS)}{delimiter}{random.choice(_INI_VALUES)}{behind}"


def _joined(lines: list[str], newline: str, random: Random) -> str:
    text = "\n".join(lines).replace("\n", newline)
    return text + newline if random.random() < 0.7 else text
