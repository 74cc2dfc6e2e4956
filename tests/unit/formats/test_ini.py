"""INI values: what sops reads in a line, and how a value is written so that it reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopspy.errors import EmitError, ParseError
from sopspy.formats import ini
from sopspy.formats.ini_scan import read_value
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


def test_metadata_has_the_form_that_every_version_reads() -> None:
    encrypted = ours.encrypt(b"[s]\nk = v\n", "ini").decode()
    assert '\n\n[sops]\nage__list_0__map_enc       = """-----BEGIN AGE ENCRYPTED FILE-----\n' in encrypted
    assert encrypted.endswith("\nversion                    = 3.13.2\n")
