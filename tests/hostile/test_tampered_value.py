"""A value that was changed after encryption: exit 25, with file, line, column and path, whatever was changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import PLAIN, SECRET, block, encrypted, place, token

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.attack import Stage

CHANGES: dict[str, Callable[[str], str]] = {
    "one letter": lambda text: ("A" if text[0] != "A" else "B") + text[1:],
    "nothing left": lambda text: "",
    "cut": lambda text: text[:8],
    "longer": lambda text: text + "AAAA",
    "no base64": lambda text: "!!" + text[2:],
    "without padding": lambda text: text.rstrip("="),
    "a blank inside": lambda text: text[:4] + " " + text[4:],
    "huge": lambda text: "A" * 400_000,
    "huge and no base64": lambda text: "!" * 400_000,
    "not ASCII": lambda text: "é" + text[1:],
}


@pytest.mark.parametrize("part", ["data", "iv", "tag"])
@pytest.mark.parametrize("change", CHANGES)
def test_part(stage: Stage, sealed: str, part: str, change: str) -> None:
    whole = token(sealed, "password")
    bad = re.sub(rf"({part}:)([^,]*)", lambda found: found[1] + CHANGES[change](found[2]), whole, count=1)
    assert bad != whole
    text = sealed.replace(whole, bad)
    where = f"f.yaml:{place(text, bad)}: "
    message = stage.decrypt(text).refused(25, where, "(db: password)", "git checkout -p f.yaml")
    assert max(map(len, message.splitlines())) < 200


@pytest.mark.parametrize("word", ["int", "float", "bool", "time", "bytes", "comment", "null", "foo", "", "STR", "str "])
def test_type_word(stage: Stage, sealed: str, word: str) -> None:
    whole = token(sealed, "password")
    bad = whole.replace("type:str", f"type:{word}")
    stage.decrypt(sealed.replace(whole, bad)).refused(25, "f.yaml:4:15: ", "(db: password)")


@pytest.mark.parametrize(
    "text",
    [
        "ENC[",
        "ENC[]",
        "ENC[AES256_GCM]",
        "ENC[AES256_GCM,data:,iv:,tag:,type:str]",
        "ENC[AES128_GCM,data:QUJD,iv:QUJD,tag:QUJD,type:str]",
        "ENC[AES256_GCM,type:str,tag:QUJD,iv:QUJD,data:QUJD]",
        f"ENC[{SECRET}]",
        f"ENC[AES256_GCM,data:{SECRET}]",
        SECRET,
        f'"{SECRET} ENC[AES256_GCM,data:"',
        "5",
        "true",
        "1.5",
        "2020-01-01",
        f"{{a: {SECRET}}}",
        f"[{SECRET}]",
        f"|-\n        {SECRET}",
    ],
)
def test_text_that_is_no_token(stage: Stage, sealed: str, text: str) -> None:
    bad = sealed.replace(token(sealed, "password"), text)
    stage.decrypt(bad).refused(25, "f.yaml:", "(db: password", "git checkout -p f.yaml")


@pytest.mark.parametrize("text", ['""', "", "~", "{}", "[]"])
def test_what_is_never_encrypted_is_missed_by_the_mac(stage: Stage, sealed: str, text: str) -> None:
    stage.decrypt(sealed.replace(token(sealed, "password"), text)).refused(51, "f.yaml", "MAC mismatch")


def test_ignoring_the_mac_does_not_open_it(stage: Stage, sealed: str) -> None:
    bad = sealed.replace(token(sealed, "user"), token(sealed, "password"))
    stage.decrypt(bad, "f.yaml", "--ignore-mac").refused(25, "f.yaml:3:11: ", "(db: user)")


@pytest.mark.parametrize("rest", [f", note: {SECRET} }}", f', "note": "{SECRET}" }}', f" }} # {SECRET}"])
def test_excerpt_shows_no_other_text_of_the_line(stage: Stage, sealed: str, rest: str) -> None:
    short = "ENC[AES256_GCM,data:QQ==,iv:,tag:,type:str]"
    text = f'db: {{ password: "{short}"{rest}\n{block(sealed)}'
    stage.decrypt(text).refused(25, "f.yaml:1:", "(db: password)")


def test_excerpt_shows_no_clear_value_before_the_token(stage: Stage, sealed: str) -> None:
    bad = token(sealed, "password").replace("data:", "data:A")
    text = f'db: {{ "x_unencrypted": {SECRET}, "password": "{bad}" }}\n{block(sealed)}'
    stage.decrypt(text).refused(25, f"f.yaml:{place(text, chr(34) + bad)}: ", "(db: password)")


@pytest.mark.parametrize("tail", ["garbage", " ", "   ", "\\n", "\\r\\nmore"])
def test_tail_behind_a_token_is_ignored(stage: Stage, sealed: str, tail: str) -> None:
    whole = token(sealed, "password")
    done = stage.decrypt(sealed.replace(whole, f'"{whole}{tail}"'))
    assert done.worked().decode() == PLAIN.replace(f" {SECRET}", f' "{SECRET}"')


@pytest.mark.parametrize("tail", ["]", ",type:int]", "ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]"])
def test_tail_that_closes_another_bracket(stage: Stage, sealed: str, tail: str) -> None:
    whole = token(sealed, "password")
    stage.decrypt(sealed.replace(whole, f'"{whole}{tail}"')).refused(25, "f.yaml:4:15: ", "(db: password)")


def test_comment_token_in_the_place_of_a_value(stage: Stage, sealed: str) -> None:
    comment = sealed[1 : sealed.index("\n")]
    assert comment.endswith(",type:comment]")
    text = sealed.replace(token(sealed, "user"), comment)
    stage.decrypt(text).refused(25, "f.yaml:3:11: ", "(db: user)")


def test_comment_that_does_not_open_stays_with_a_warning(stage: Stage, sealed: str) -> None:
    first = sealed[: sealed.index("\n")]
    bad = first.replace("data:", "data:AAAA")
    done = stage.decrypt(sealed.replace(first, bad))
    assert (done.code, done.out.decode()) == (0, PLAIN.replace("# a comment", bad))
    assert "f.yaml" in done.err
    assert "1:2: the comment" in done.err
    assert SECRET not in done.err


@pytest.mark.parametrize("part", ["data", "iv", "tag"])
def test_json(stage: Stage, part: str) -> None:
    text = encrypted(f'{{"x_unencrypted": "{SECRET}", "db": {{"a": "v"}}}}\n', "json")
    bad = text.replace(f"{part}:", f"{part}:A", 1)
    stage.decrypt(bad, "f.json").refused(25, f"f.json:{place(bad, chr(34) + 'ENC[')}: ", "(db: a)")
