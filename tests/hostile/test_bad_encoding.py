"""Texts that are no text: not UTF-8, lone surrogates, NUL, control characters; and what JSON and YAML do not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import SECRET

if TYPE_CHECKING:
    from tests.hostile.attack import Stage


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xe2\x82", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80", b"\xf4\x90\x80\x80"]
)
def test_not_utf8(stage: Stage, name: str, bad: bytes) -> None:
    message = stage.encrypt(b'{"a": "' + SECRET.encode() + b"\n".join([bad]) + b'"}', name).refused(
        2, f"{name}:1", "UTF-8"
    )
    assert "byte 21 " in message
    assert "--input-type binary" in message


@pytest.mark.parametrize(
    "text", [b"\xff\xfea\x00:\x00 ", b'\xff\xfea\x00:\x00"\x00\x00\xd8"\x00', b"\xfe\xff\x00a\x00"]
)
def test_broken_utf16(stage: Stage, text: bytes) -> None:
    stage.encrypt(text).refused(2, "f.yaml:1", "UTF-16")


def test_utf32(stage: Stage) -> None:
    stage.encrypt(f"a: {SECRET}".encode("utf-32")).refused(2, "f.yaml:1")


@pytest.mark.parametrize("char", ["\0", "\x01", "\x07", "\x1b", "\x7f", "\ufffe"])
def test_control_character_in_yaml(stage: Stage, char: str) -> None:
    stage.encrypt(f"a: {SECRET}{char}b\n").refused(2, "f.yaml:1:18: ")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f'{{"a": "{SECRET}', "1:7"),
        (f'{{"a": "{SECRET}\n"}}', "1:22"),
        (f'{{"a": "{SECRET}\0"}}', "1:22"),
        (f'{{"a": "{SECRET}\x1b"}}', "1:22"),
        (f'{{"a": "{SECRET}\\x"}}', "1:22"),
        (f'{{"a": "{SECRET}\\u12"}}', "1:"),
        (f'{{"a": "{SECRET}\\', "1:"),
        (f'{{"{SECRET}', "1:2"),
        (f'{{"a": {SECRET}}}', "1:7"),
        (f'{{"a": "{SECRET}",}}', "1:24"),
        (f'{{"a": 1}} {SECRET}', "1:10"),
        (f'{{"a": 1}}{{"b": "{SECRET}"}}', "1:9"),
        (f'{{"a" "{SECRET}"}}', "1:6"),
        (f'{{"a": "{SECRET}" "b": 1}}', "1:24"),
        (f"{{a: '{SECRET}'}}", "1:2"),
        (f'{{"a": 01, "b": "{SECRET}"}}', "1:7"),
        (f'{{"a": NaN, "b": "{SECRET}"}}', "1:7"),
        (f'{{"a": -Infinity, "b": "{SECRET}"}}', "1:7"),
        (f'{{"a": 1e999999, "b": "{SECRET}"}}', "1:7"),
        (f'{{"a": {"9" * 5000}, "b": "{SECRET}"}}', "1:7"),
        (f'["{SECRET}"]', "1:1"),
        (f'"{SECRET}"', "1:1"),
        (f'{{"a": "{SECRET}"', "1:23"),
        (f'// {SECRET}\n{{"a": 1}}', "1:1"),
        ("", "1:1"),
        (" \n", "2:1"),
        ("null", "1:1"),
    ],
)
def test_bad_json(stage: Stage, text: str, place: str) -> None:
    stage.encrypt(text, "f.json").refused(2, f"f.json:{place}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f'a: "{SECRET}\n', 2),
        (f"a: '{SECRET}\n", 2),
        (f"{SECRET}: [\n", 2),
        (f"a: !{SECRET}!x 1\n", 2),
        (f"a: *{SECRET}\n", 2),
        (f"a: &{SECRET} *{SECRET}\n", 2),
        (f"%YAML {SECRET}\n---\na: 1\n", 2),
        (f"a: !!int {SECRET}\n", 2),
        (f"a: !!float {SECRET}\n", 2),
        (f"a: !!bool {SECRET}\n", 2),
        (f"a: !!null {SECRET}\n", 2),
        (f"a: !!binary {SECRET}\n", 2),
        (f"a: !!timestamp {SECRET}\n", 2),
        (f"? [{SECRET}]\n: 1\n", 2),
        (f'"\\q{SECRET}": 1\n', 2),
        (f'a: "\\ud800{SECRET}"\n', 2),
        (f'a: "\\UFFFFFFFF{SECRET}"\n', 2),
        (f"a: {SECRET}: b\n", 2),
        (f"a:\n\t- {SECRET}\n", 2),
        (f"a: |9\n  {SECRET}\n", 2),
        (f"a: @{SECRET}\n", 2),
        (f"a: `{SECRET}\n", 2),
        (f"- {SECRET}\n", 2),
        (f"{SECRET}\n", 2),
        (f"a: 1\n--- {SECRET}\n", 2),
        (f"a: 1\na: {SECRET}\n", 2),
        (f"a: 18446744073709551615\nb: {SECRET}\n", 23),
        (f"1: {SECRET}\n", 23),
        (f"null: {SECRET}\n", 23),
        (f"2020-01-01: {SECRET}\n", 23),
        ("", 92),
        ("\n\n", 2),
        (f"# {SECRET}\n", 2),
    ],
)
def test_bad_yaml(stage: Stage, text: str, code: int) -> None:
    stage.encrypt(text).refused(code, "f.yaml")


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"\\udfff": 1}', '{"a": "\\u0000"}', '{"a": "\\ud83d\\ude00"}'])
def test_odd_but_good_json(stage: Stage, text: str) -> None:
    stage.encrypt(text, "f.json").worked()
    assert stage.run("decrypt", "f.json").worked().decode() == text


@pytest.mark.parametrize(
    "text", ['a: "\\0"\n', 'a: "\\e[31m"\n', "a: \u202ex\n", "a: \U0001f600\n", "\ufeffa: 1\n", "a: b\u2028c: d\n"]
)
def test_odd_but_good_yaml(stage: Stage, text: str) -> None:
    stage.encrypt(text).worked()
    assert stage.run("decrypt", "f.yaml").worked().decode() == text


def test_nul_bytes_are_binary(stage: Stage) -> None:
    stage.encrypt(b"\0" * 1000, "f.bin").worked()
    assert stage.run("decrypt", "f.bin").worked() == b"\0" * 1000
