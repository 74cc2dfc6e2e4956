"""Command lines of every form, and what came of them: exit code, output and files.

The lines are made by rule; what sops 3.13.2 does with each stands in `sops.jsonl`, which `tests.lines.record` writes.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.support import env, ours

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD = Path(__file__).parent / "sops.jsonl"
REFERENCE = "3.13.2"
PLAIN = "one: 1\ntwo: deux\nthree_x: trois\n"
TO, OTHER = env.recipient("age1"), env.recipient("age2")
EDITOR = 'sh "$HOME/editor.sh"'

NONE: tuple[str, ...] = ()
OUTPUT = [
    *(("-i",), ("--in-place",), ("-in-place=true",), ("-i=false",), ("--output", "out.yaml"), ("-output=out.yaml",)),
    *(("-i", "--output", "out.yaml"), ("-i=perhaps",), ("--output-type", "json"), ("--output-type=nonsense",)),
    *(("--input-type", "json"), ("-input-type", "yaml"), ("--input-type", "binary"), ("--output",)),
    *(("--filename-override", "x.json"), ("--filename-override", "prod/x.yaml")),
]
GENERAL = [
    *(("--config", "rules.yaml"), ("-config=prod.yaml",), ("--config", "missing.yaml"), ("--indent", "2")),
    *(("--config", "prod.yaml", "--config", "rules.yaml"), ("--verbose",), ("--disable-version-check",)),
    *(("--mac-only-encrypted",), ("--indent=two",), ("--check-for-updates",), ("--config", "no-rules.yaml")),
    *(("--config", "empty-rules.yaml"), ("--config", "broken.yaml"), ("--bogus",), ("-ei",), ("--bogus=1",)),
]
KEYS = [
    *(("--age", TO), ("-age", TO), ("-a", TO), (f"--age={TO},{OTHER}",), ("--age", "age1bad"), ("--age", "")),
    *(("--age", TO, "--encryption-context", "k:v"), ("--age", TO, "--encryption-context", "k")),
    *(("--age", TO, "--shamir-secret-sharing-threshold", "2"), ("--shamir-secret-sharing-threshold=x",)),
    *(("--aws-profile", "x", "--age", TO), ("--age",)),
]
CHOICES = [
    *(("--encrypted-regex", "^one$"), ("-encrypted-regex=_x$",), ("--unencrypted-regex", "t"), ("--age", OTHER)),
    *(("--encrypted-suffix", "_x"), ("--unencrypted-suffix=_x",), ("--encrypted-suffix", "-x")),
    *(("--encrypted-regex", "a", "--unencrypted-regex", "b"), ("--mac-only-encrypted",)),
]
COMMENTS = [("--encrypted-comment-regex", "x"), ("--unencrypted-comment-regex=x",)]
OPENING = [
    *(("--ignore-mac",), ("--ignore-mac=false",), ("--decryption-order", "age,pgp"), ("--decryption-order", "age,age")),
    *(("--enable-local-keyservice=false",), ("--enable-local-keyservice",), ("--decryption-order=",)),
]
EXTRACT = [("--extract", '["two"]'), ('--extract=["none"]',), ("--extract", '["two"')]
CHANGES = [
    *(("--add-age", OTHER), (f"-add-age={OTHER}",), ("--rm-age", TO), ("--rm-age", OTHER), ("--add-age", "age1bad")),
    *(("--add-age", OTHER, "--rm-age", TO),),
]
IDEMPOTENT = [("--idempotent",), ("--idempotent=false",)]
LEGACY = {
    "": [*OUTPUT[4:], *GENERAL, *KEYS, *OPENING, ("-s",), ("--show-master-keys",)],
    "-e": [*OUTPUT, *GENERAL, *KEYS, *CHOICES, *COMMENTS],
    "--decrypt": [*OUTPUT, *GENERAL, *OPENING, *EXTRACT, ("-s",), *CHANGES[:2]],
    "-rotate": [*OUTPUT, *GENERAL, *OPENING, *CHANGES, ("--age", OTHER), *EXTRACT[:1]],
    '--set=["two"] "zwei"': [*OUTPUT, *GENERAL, *OPENING, *EXTRACT[:1]],
}
COMMANDS = {
    "encrypt": [*OUTPUT, *KEYS, *CHOICES],
    "decrypt": [*OUTPUT, *OPENING, *EXTRACT],
    "rotate": [*OUTPUT, *CHANGES, *OPENING[2:]],
    "edit": [*OUTPUT[8:14], *KEYS, *OPENING, ("-s",)],
    "set": [*OUTPUT[8:14], *OPENING, *IDEMPOTENT, ("--value-file",), ("--shamir-secret-sharing-threshold", "3")],
    "unset": [*OUTPUT[8:14], *OPENING, *IDEMPOTENT],
}
BEHIND = {"set": ('["two"]', '"zwei"'), "unset": ('["two"]',)}
ENVIRONS: list[dict[str, str]] = [
    {"SOPS_AGE_RECIPIENTS": TO},
    {"SOPS_AGE_RECIPIENTS": "", "SOPS_CONFIG": ""},
    {"SOPS_CONFIG": "rules.yaml"},
    {"SOPS_CONFIG": "missing.yaml"},
    {"SOPS_ENABLE_LOCAL_KEYSERVICE": "false"},
    {"SOPS_ENABLE_LOCAL_KEYSERVICE": "perhaps"},
    {"SOPS_DECRYPTION_ORDER": "age,age"},
]
FILES = ("sealed.yaml", "plain.yaml", "bad-mac.yaml", "none.yaml", "folder", "")
FILES_OF = {"-e": "plain.yaml", "encrypt": "plain.yaml"}


class Line:
    """One command line. `words` is what sops gets; `moved` is the same line in an order that only we take, or None.

    `mixed`: it may hold two mistakes.
    """

    mixed = False

    def __init__(self, words: list[str], environ: dict[str, str] | None = None, moved: list[str] | None = None) -> None:
        self.words = words
        self.environ = environ or {}
        self.moved = moved

    @property
    def id(self) -> str:
        """A name for it."""
        names = {TO: "TO", OTHER: "OTHER"}
        said = [f"{name}={value}" for name, value in self.environ.items()] + self.words
        text = " ".join(said)
        for recipient, name in names.items():
            text = text.replace(recipient, name)
        return text


def lines() -> list[Line]:
    """All lines, none twice."""
    mixed = list(_pairs())
    for line in mixed:
        line.mixed = True
    found = {line.id: line for line in (*mixed, *_legacy(), *_commands(), *_variables(), *_stray())}
    return list(found.values())


def _legacy() -> Iterator[Line]:
    for mode, flags in LEGACY.items():
        own = [mode] if mode else []
        for file in FILES:
            for key in (NONE, ("--age", TO)):
                yield Line([*own, *key, *([file] if file else [])])
        file = FILES_OF.get(mode, "sealed.yaml")
        for flag in flags:
            keys = ["--age", TO] if mode == "-e" and flag not in KEYS else []
            behind = [file, *own, *keys, *flag] if _moves(flag) else None
            yield Line([*own, *keys, *flag, file], moved=behind)
            if flag in OPENING:
                yield Line([*own, *flag, "bad-mac.yaml"])
            absent = Line([*flag, *own, *keys, "--", "none.yaml"])
            absent.mixed = True
            yield absent
    for modes in (("-e", "-d"), ("-d", "-r"), ("-r", "-e"), ("-d", '--set=["two"] "zwei"'), ("-r", '--set=["one"] 7')):
        yield from (Line([*modes, "--age", TO, file]) for file in FILES[:4])
    yield from (
        Line(["--set", text, "sealed.yaml"]) for text in ('["two"]"x"', '["two"] x', "two 1", '["a"]["b"] [1', "")
    )


def _pairs() -> Iterator[Line]:
    """Two flags at once, drawn once and for all."""
    draw = random.Random(7)
    for mode, flags in LEGACY.items():
        own = [mode] if mode else []
        for _ in range(30):
            first, second = draw.sample(flags, 2)
            file = FILES_OF.get(mode, "sealed.yaml")
            keys = ["--age", TO] if mode == "-e" and not {first, second} & set(KEYS) else []
            yield Line([*first, *own, *keys, *second, file])
    for command, flags in COMMANDS.items():
        for _ in range(20):
            first, second = draw.sample(flags, 2)
            file = FILES_OF.get(command, "sealed.yaml")
            yield Line([command, *first, *second, file, *BEHIND.get(command, ())])


def _commands() -> Iterator[Line]:
    for command, flags in COMMANDS.items():
        rest = BEHIND.get(command, ())
        file = FILES_OF.get(command, "sealed.yaml")
        for name in FILES[:5]:
            yield Line([command, name, *rest])
            yield Line([command, *(["--age", TO] if command in ("encrypt", "edit") else []), name, *rest])
        for flag in flags:
            keys = ["--age", TO] if command == "encrypt" and flag not in KEYS else []
            inside = [command, file, *keys, *flag, *rest] if _moves(flag) else None
            yield Line([command, *keys, *flag, file, *rest], moved=inside)
            if flag in OPENING:
                yield Line([command, *flag, "bad-mac.yaml", *rest])
        for flag in GENERAL[:8]:
            yield Line([*flag, command, *(["--age", TO] if command == "encrypt" else []), file, *rest])
    yield from (Line([word, "plain.yaml", "--age", TO, "-i"]) for word in ("encrypt",))


def _variables() -> Iterator[Line]:
    for environ in ENVIRONS:
        for words in (["-e", "plain.yaml"], ["-d", "sealed.yaml"], ["sealed.yaml"], ["-r", "sealed.yaml"]):
            yield Line(words, environ)
        for command in COMMANDS:
            file = FILES_OF.get(command, "sealed.yaml")
            yield Line([command, file, *BEHIND.get(command, ())], environ)
    yield Line(["-e", "--age", OTHER, "plain.yaml"], {"SOPS_AGE_RECIPIENTS": TO})


def _stray() -> Iterator[Line]:
    """Options that mean something to the command, but stand before it."""
    for flag in (*KEYS[:4], *CHOICES[:3], *OPENING[:1], OPENING[4], OUTPUT[0], OUTPUT[4], OUTPUT[8], ("-d",), ("-s",)):
        yield Line([*flag, "encrypt", "--age", TO, "plain.yaml"])
        yield Line([*flag, "decrypt", "bad-mac.yaml"])
        yield Line([*flag, "decrypt", "sealed.yaml"])
    yield from (Line([*CHANGES[0], "rotate", "sealed.yaml"]), Line(["--", "decrypt", "sealed.yaml"]))


def _moves(flag: tuple[str, ...]) -> bool:
    """Whether a flag may stand elsewhere: one that lacks its value would take the next word."""
    return flag not in (("--output",), ("--age",))


def prepare(folder: Path, home: Path) -> None:
    """The files that every line finds."""
    home.mkdir(exist_ok=True)
    (home / "editor.sh").write_text("printf 'x: 9\\n' > \"$1\"\n")
    (folder / "plain.yaml").write_text(PLAIN)
    sealed = ours.encrypt(PLAIN.encode()).decode()
    (folder / "sealed.yaml").write_text(sealed)
    other = ours.encrypt(b"one: 2\n").decode()
    mac = next(line for line in other.splitlines() if "mac:" in line)
    (folder / "bad-mac.yaml").write_text("\n".join(mac if "mac:" in line else line for line in sealed.splitlines()))
    (folder / "folder").mkdir()
    (folder / "rules.yaml").write_text(f"creation_rules:\n  - age: {TO}\n    encrypted_regex: ^t\n")
    (folder / "prod.yaml").write_text(f"creation_rules:\n  - path_regex: ^prod/\n    age: {TO}\n")
    (folder / "no-rules.yaml").write_text("stores: {yaml: {indent: 2}}\n")
    (folder / "empty-rules.yaml").write_text("creation_rules: []\n")
    (folder / "broken.yaml").write_text("creation_rules: [\n")


def outcome(code: int, out: bytes, folder: Path, before: dict[str, bytes]) -> dict[str, Any]:
    """What a line did, in a form that two programs can share."""
    found: dict[str, Any] = {"exit": code}
    if out:
        found["out"] = content(out)
    for name, data in contents(folder).items():
        if before.get(name) != data:
            found.setdefault("files", {})[name] = content(data)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def content(data: bytes) -> Any:
    """What a text says: its values, and for an encrypted one the recipients, the options, and what is in clear."""
    text = data.decode()
    if "ENC[AES256" not in text:
        return _values(text)
    shown = _values(text)
    block = shown.pop("sops")
    format = "json" if text.startswith("{") else "yaml"
    found: dict[str, Any] = {"to": [entry["recipient"] for entry in block["age"]]}
    found["clear"] = [key for key, value in shown.items() if not str(value).startswith("ENC[")]
    found["options"] = {name: value for name, value in block.items() if "crypted" in name or "shamir" in name}
    try:
        found["values"] = _values(ours.opened(data, format, "age1", "age2").data.decode())
    except Exception as err:
        found["values"] = type(err).__name__
    return found


def _values(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return yaml.safe_load(text)


def recorded() -> dict[str, dict[str, Any]]:
    """What sops did, by the name of the line."""
    rows = map(json.loads, RECORD.read_text().splitlines())
    return {row["line"]: row["sops"] for row in rows}


def differs(line: Line, sops: dict[str, Any]) -> dict[str, Any]:
    """What we do: as sops, or else on purpose; see docs/compatibility.md. `sops`: what it does."""
    words = set(line.words)
    if words & {"-s", "--show-master-keys"} and sops["exit"] is None:
        return {"exit": 1}  # a changed block is refused; sops asks the closed standard input for ever
    if "folder" in words and words & {"encrypt", "-e"}:
        return {"exit": 2}  # we encrypt folders, by their creation rules
    if {"encrypt", "--mac-only-encrypted"} <= words and sops["exit"] == 1:
        return _with_options(recorded()["encrypt --age TO plain.yaml"], mac_only_encrypted=True)
    if {"--input-type", "binary"} <= words and "to" in sops.get("out", {}):
        return _with_options(sops, unencrypted_suffix="_unencrypted")  # what sops leaves out has no effect there
    return sops


def _with_options(done: dict[str, Any], **options: object) -> dict[str, Any]:
    return {**done, "out": {**done["out"], "options": {**done["out"]["options"], **options}}}
