"""No identity that fits: every place that was looked at is named, no identity is shown, nothing comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import SECRET
from tests.support import env

if TYPE_CHECKING:
    from tests.hostile.attack import Stage

NO_KEY = {"SOPS_AGE_KEY": None}


def test_another_identity(stage: Stage, sealed: str) -> None:
    stage.environ["SOPS_AGE_KEY"] = env.identity("age2")
    message = stage.decrypt(sealed).refused(128, "f.yaml", "no matching identity", "SOPS_AGE_KEY", "hint: ")
    assert env.identity("age2") not in message


def test_no_identity(stage: Stage, sealed: str) -> None:
    stage.environ.pop("SOPS_AGE_KEY")
    stage.decrypt(sealed).refused(128, "f.yaml", "no identity found", "keys.txt", "SOPS_AGE_KEY_FILE", "hint: ")


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"SOPS_AGE_KEY": f"AGE-SECRET-KEY-1{SECRET}"}, "SOPS_AGE_KEY: line 1: malformed identity"),
        ({"SOPS_AGE_KEY": SECRET}, "SOPS_AGE_KEY: line 1"),
        ({"SOPS_AGE_KEY": ""}, "no identity found"),
        ({"SOPS_AGE_KEY_FILE": "/nowhere/keys.txt"}, "SOPS_AGE_KEY_FILE=/nowhere/keys.txt: no such file"),
        ({"SOPS_AGE_KEY_FILE": "/"}, "SOPS_AGE_KEY_FILE=/"),
        ({"SOPS_AGE_KEY_CMD": ""}, "SOPS_AGE_KEY_CMD: the command is empty"),
        ({"SOPS_AGE_KEY_CMD": "/nowhere/program"}, "SOPS_AGE_KEY_CMD"),
        ({"SOPS_AGE_KEY_CMD": "false"}, "SOPS_AGE_KEY_CMD: the command failed with exit code 1"),
        ({"SOPS_AGE_KEY_CMD": f"echo {SECRET}"}, "SOPS_AGE_KEY_CMD: line 1"),
        ({"SOPS_AGE_KEY_CMD": "echo 'unbalanced"}, "SOPS_AGE_KEY_CMD"),
    ],
)
def test_bad_source(stage: Stage, sealed: str, environ: dict[str, str], word: str) -> None:
    stage.put("f.yaml", sealed)
    stage.run("decrypt", "f.yaml", environ={**NO_KEY, **environ}).refused(128, "f.yaml", word, "hint: ")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\0" * 100, SECRET.encode() * 100_000, b"\n# only\n"])
def test_bad_identity_file(stage: Stage, sealed: str, content: bytes) -> None:
    stage.put("f.yaml", sealed)
    path = stage.put("keys.txt", content)
    environ = {**NO_KEY, "SOPS_AGE_KEY_FILE": str(path)}
    stage.run("decrypt", "f.yaml", environ=environ).refused(128, "f.yaml", f"SOPS_AGE_KEY_FILE={path}")


@pytest.mark.parametrize(
    "words",
    [
        ["rotate", "-i", "f.yaml"],
        ["set", "f.yaml", '["a"]', "1"],
        ["unset", "f.yaml", '["db"]'],
        ["decrypt", "-i", "f.yaml"],
    ],
)
def test_changing_commands_leave_the_file(stage: Stage, sealed: str, words: list[str]) -> None:
    path = stage.put("f.yaml", sealed)
    stage.environ["SOPS_AGE_KEY"] = env.identity("age2")
    stage.run(*words).refused(128, "f.yaml")
    assert path.read_text() == sealed


def test_damaged_wrapped_key(stage: Stage, sealed: str) -> None:
    lines = sealed.splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "BEGIN AGE" in line) + 2
    flipped = lines[at].replace(lines[at][20], "A" if lines[at][20] != "A" else "B", 1)
    stage.decrypt("".join([*lines[:at], flipped, *lines[at + 1 :]])).refused(128, "f.yaml", "age")


@pytest.mark.parametrize("enc", ["", "x", SECRET, "-----BEGIN AGE ENCRYPTED FILE-----", "A" * 1_000_000])
def test_wrapped_key_that_is_none(stage: Stage, sealed: str, enc: str) -> None:
    head, rest = sealed.split("        - enc: |\n")
    text = f'{head}        - enc: "{enc}"\n          recipient: {rest.split("recipient: ", 1)[1]}'
    stage.decrypt(text).refused(128, "f.yaml", "age")
