"""A MAC that was changed, removed or replaced: exit 51, and the values come out only when that is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import PLAIN, token

if TYPE_CHECKING:
    from tests.hostile.attack import Stage


def with_line(sealed: str, key: str, line: str) -> str:
    """The file with another line in place of the one of `key` in its metadata."""
    changed = re.sub(rf"(?m)^    {key}: .*$", lambda _: line, sealed)
    assert changed != sealed
    return changed


@pytest.mark.parametrize(
    "line",
    [
        "    other: x",
        '    mac: ""',
        "    mac:",
        "    mac: AAAA",
        "    mac: 12",
        "    mac: ENC[",
        f"    mac: {'0' * 128}",
        "    mac: ENC[AES256_GCM,data:,iv:,tag:,type:str]",
        "    mac: ENC[AES256_GCM,data:QUJD,iv:QUJD,tag:QUJD,type:str]",
    ],
)
def test_no_mac(stage: Stage, sealed: str, line: str) -> None:
    text = with_line(sealed, "mac", line)
    stage.decrypt(text).refused(51, "f.yaml", "MAC", "--ignore-mac f.yaml")
    assert stage.decrypt(text, "f.yaml", "--ignore-mac").worked().decode() == PLAIN


@pytest.mark.parametrize("part", ["data", "iv", "tag"])
def test_changed(stage: Stage, sealed: str, part: str) -> None:
    found = re.search(rf"(?m)^    mac: .*?{part}:(....)", sealed)
    assert found
    text = sealed[: found.start(1)] + ("AAAA" if found[1] != "AAAA" else "BBBB") + sealed[found.end(1) :]
    stage.decrypt(text).refused(51, "f.yaml", "MAC")


@pytest.mark.parametrize("word", ["int", "float", "bool", "time", "bytes", "foo", ""])
def test_type_word(stage: Stage, sealed: str, word: str) -> None:
    line = re.search(r"(?m)^    mac: .*$", sealed)
    assert line
    stage.decrypt(sealed.replace(line[0], line[0].replace("type:str", f"type:{word}"))).refused(51, "f.yaml", "MAC")


def test_value_in_its_place(stage: Stage, sealed: str) -> None:
    text = with_line(sealed, "mac", f"    mac: {token(sealed, 'user')}")
    stage.decrypt(text).refused(51, "f.yaml", "MAC")


@pytest.mark.parametrize("mac", ["[1]", "{a: 1}"])
def test_no_text(stage: Stage, sealed: str, mac: str) -> None:
    stage.decrypt(with_line(sealed, "mac", f"    mac: {mac}")).refused(1, "f.yaml:", "sops: mac")


@pytest.mark.parametrize("time", ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+01:00"])
def test_other_time(stage: Stage, sealed: str, time: str) -> None:
    stage.decrypt(with_line(sealed, "lastmodified", f'    lastmodified: "{time}"')).refused(
        51, "f.yaml", "lastmodified"
    )


@pytest.mark.parametrize("time", ["", '""', "garbage", "5", "[]", "2020-01-01T00:00:00Z", '"9999999999999999"'])
def test_time_that_is_none(stage: Stage, sealed: str, time: str) -> None:
    text = with_line(sealed, "lastmodified", f"    lastmodified: {time}")
    stage.decrypt(text).refused(1, "f.yaml:", "sops: lastmodified")


def test_mac_over_encrypted_values_only_cannot_be_switched_on(stage: Stage, sealed: str) -> None:
    text = sealed.replace("    version:", "    mac_only_encrypted: true\n    version:")
    stage.decrypt(text).refused(51, "f.yaml", "MAC mismatch")


@pytest.mark.parametrize("words", [["rotate", "-i"], ["set"], ["unset"]])
def test_changing_commands_leave_the_file(stage: Stage, sealed: str, words: list[str]) -> None:
    text = with_line(sealed, "mac", "    mac: AAAA")
    path = stage.put("f.yaml", text)
    rest = {"set": ['["a"]', "1"], "unset": ['["db"]'], "rotate": []}[words[0]]
    stage.run(*words, "f.yaml", *rest).refused(51, "f.yaml", "MAC")
    assert path.read_text() == text
