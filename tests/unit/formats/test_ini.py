"""INI values: what sops reads in a line, and how a value is written so that it reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopspy.errors import EmitError, ParseError
from sopspy.formats import ini
from sopspy.formats.ini_scan import read_value
from sopspy.operations import extract
from tests.support import ours


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (" v ", "v"),
        ('"v"', "v"),
        ("'v'", "v"),
        ('"a;b"', '"a'),
        ("a ; b", "a"),
        ("`a;b`", "a;b"),
        ('"""a"b"""', 'a"b'),
        ('"""a\nb"""', "a\nb"),
        ('"a" "b"', '"a" "b"'),
        ("a\\\n  b\n", "ab"),
        ("a\\\n\nb", "a"),
        ("", ""),
        ("   \n", ""),
        ("'", "'"),
        ('""', ""),
    ],
)
def test_a_value_reads_as_sops_reads_it(line: str, text: str) -> None:
    assert read_value(line, 0).text == text


@given(st.text(st.sampled_from("ab \t\n\"'`;#\\=:[]é"), max_size=8), st.sampled_from([" ", '"', "'", "`", '"""']))
def test_what_is_written_reads_back(text: str, style: str) -> None:
    try:
        made = ini.quoted(text, style)
    except EmitError:
        return
    assert read_value(f"{made}\n", 0).text == text


@pytest.mark.parametrize(
    ("text", "line"),
    [("[a]\nk\n", 2), ("[a\n", 1), ("[]\n", 1), ("= v\n", 1), ('k = """x\n', 1), ('"k = v\n', 1), ("k = `x\ny\n", 1)],
)
def test_what_sops_refuses_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ParseError) as caught:
        ini.scan(text)
    assert (caught.value.line, caught.value.exit_code) == (line, 2)


def test_a_value_that_a_later_line_replaces_is_sealed_as_well() -> None:
    plain = b"[s]\nk = first\nk = last\n"
    encrypted = ours.encrypt(plain, "ini")
    assert b"first" not in encrypted
    assert b"last " not in encrypted
    assert ours.decrypt(encrypted, "ini") == plain


def test_comments_anywhere_leave_no_plaintext() -> None:
    plain = b"; above\n[s] ; behind\nk = v # note\n  ; one\n; two\n\n; last\n"
    encrypted = ours.encrypt(plain, "ini")
    assert not [word for word in (b"above", b"behind", b"note", b"one", b"two", b"last ") if word in encrypted]
    assert ours.decrypt(encrypted, "ini") == plain


def test_all_comments_of_one_key_are_in_the_first_token_as_sops_reads_only_that() -> None:
    plain = b"; one\n\n  # two\nk = v ; behind\n"
    opened = ours.opened(ours.encrypt(plain, "ini"), "ini")
    assert [comment.stored for comment in opened.document.comments] == ["one\n# two\n; behind", "behind"]
    assert opened.data == plain


def test_bytes_of_any_encoding_stay_in_keys_values_and_comments() -> None:
    for format, plain in (("ini", b"; \xff\n[\xfe]\n\xfd = \xfc ; \xfb\n"), ("dotenv", b"#\xff\n\xfe=\xfd\n")):
        assert ours.decrypt(ours.encrypt(plain, format), format) == plain


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("s:\n  # a\n  k: 1.0\n  # b\n", ";  a\n[s]\n; b\nk = 1.0\n"),
        ("default: {a: 1}\n", "a = 1\n"),
        ("DEFAULT: {}\nx: {a: 1}\n", "[x]\na = 1\n"),
        ("x: {a: 1}\nDEFAULT: {b: 2}\n", "[x]\na = 1\n\n[DEFAULT]\nb = 2\n"),
        ("s: {a: 1}\n---\nt: {b: 2}\n", "[s]\na = 1\n\n[t]\nb = 2\n"),
        ('s: {"a=b": 1, c: "x;y", d: " z"}\n', '[s]\n`a=b` = 1\nc     = `x;y`\nd     = " z"\n'),
    ],
)
def test_a_conversion_is_the_text_of_sops(source: str, text: str) -> None:
    opened = ours.opened(ours.encrypt(source.encode()))
    assert extract.convert(opened, "ini", None).decode() == text


def test_a_key_that_stands_twice_has_its_last_value_in_its_first_place() -> None:
    opened = ours.opened(ours.encrypt(b'{"s": {"a": "1", "b": "2", "a": "3"}}', "json"), "json")
    assert extract.convert(opened, "ini", None) == b"[s]\na = 3\nb = 2\n"


@pytest.mark.parametrize("source", ['"": {a: 1}\n', 's: {"": 1}\n', "a: 1\n", "s: {k: [1]}\n"])
def test_what_has_no_place_in_ini_is_refused(source: str) -> None:
    with pytest.raises(EmitError):
        extract.convert(ours.opened(ours.encrypt(source.encode())), "ini", None)


def test_a_comment_that_ends_with_a_carriage_return_becomes_yaml_as_in_sops() -> None:
    opened = ours.opened(ours.encrypt(b"#c\r\nA=1\n", "dotenv"), "dotenv")
    assert extract.convert(opened, "yaml", None) == b'#c\rA: "1"\n'


def test_metadata_has_the_form_that_every_version_reads() -> None:
    encrypted = ours.encrypt(b"[s]\nk = v\n", "ini").decode()
    assert '\n\n[sops]\nage__list_0__map_enc       = """-----BEGIN AGE ENCRYPTED FILE-----\n' in encrypted
    assert encrypted.endswith("\nversion                    = 3.13.2\n")
