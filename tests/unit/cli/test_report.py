"""Reports: the two models, harmless for terminals, without values, coloured only where it is wanted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from sopspy.cli import report
from sopspy.errors import DataKeyError, SopsError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Mapping

LINE = "      token: ENC[AES256_GCM,data:0quTg0um,iv:6fMzyC9KpUGqtTTAbDp5Fhu3BtUU4Vqsa1rFbfHiVGk=,tag:x,type:str]\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(err: SopsError, environ: Mapping[str, str] | None = None, stream: io.StringIO | None = None) -> str:
    stream = stream or io.StringIO()
    report.show_error(err, environ or {}, stream)
    return stream.getvalue()


def test_an_error_with_details_and_a_hint() -> None:
    err = DataKeyError(
        "none of its 2 recipients can be opened here",
        file="prod/db.yaml",
        details=(
            "age   age1ty48…7r3aux   no matching identity",
            "kms   arn:aws:kms:eu-west-1:1:key/12ab   access denied",
        ),
        hint="ask an owner to add you to .sops.yaml and run: sopspy updatekeys prod/db.yaml",
    )
    assert shown(err) == (
        "sopspy: error: prod/db.yaml: none of its 2 recipients can be opened here\n"
        "  age   age1ty48…7r3aux   no matching identity\n"
        "  kms   arn:aws:kms:eu-west-1:1:key/12ab   access denied\n"
        "hint: ask an owner to add you to .sops.yaml and run: sopspy updatekeys prod/db.yaml\n"
    )


def test_an_error_with_a_place_and_its_line() -> None:
    err = TamperedError(
        "value was changed after encryption",
        file="prod/db.yaml",
        line=14,
        column=14,
        path=("api", "token"),
        excerpt=LINE,
        hint="restore the line from git: git checkout -p prod/db.yaml",
    )
    assert shown(err) == (
        "sopspy: error: prod/db.yaml:14:14: value was changed after encryption (api: token)\n"
        "   14 |       token: ENC[AES256_GCM,data:0quTg0um,iv:6fMzyC9K…,tag:x,type:str]\n"
        "      |              ^\n"
        "hint: restore the line from git: git checkout -p prod/db.yaml\n"
    )


@pytest.mark.parametrize(
    ("text", "caret", "short", "moved"),
    [
        ("a: b", 3, "a: b", 3),
        ("A" * 24 + " x", 25, "A" * 24 + " x", 25),
        ("A" * 25 + " x", 26, "AAAAAAAA… x", 10),
        ("k: " + "A" * 30, 3, "k: AAAAAAAA…", 3),
        ("k: " + "A" * 30, 20, "k: AAAAAAAA…", 11),
        ("k: " + "A" * 30 + ",", 33, "k: AAAAAAAA…,", 12),
        ("", 0, "", 0),
        ("ab", 9, "ab", 2),
    ],
)
def test_long_runs_are_cut_and_the_caret_moves_with_them(text: str, caret: int, short: str, moved: int) -> None:
    assert report.shorten(text, caret) == (short, moved)


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    err = SopsError(
        "bad key",
        file="a\x1b[2Jb",
        path=("x\nsopspy: error: forged", "\u202e"),
        excerpt="\x1b]0;t\x07\tx",
        line=1,
        column=1,
    )
    text = shown(err)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert text.count("\n") == 3
    assert "a\\x1b[2Jb:1:1: bad key (x\\nsopspy: error: forged: \\u202e)" in text


def test_a_file_name_that_is_not_utf8() -> None:
    assert "\\udcff" in shown(SopsError("cannot be read", file="a\udcff"))


def test_colours_on_a_terminal_only() -> None:
    assert "\x1b[" in shown(SopsError("no"), {}, Terminal())
    assert "\x1b[" not in shown(SopsError("no"), {"NO_COLOR": "1"}, Terminal())
    assert "\x1b[" not in shown(SopsError("no"), {"TERM": "dumb"}, Terminal())
    assert "\x1b[" not in shown(SopsError("no"), {})


def test_a_warning() -> None:
    stream = io.StringIO()
    report.show_warning("only the first file is used", {}, stream)
    assert stream.getvalue() == "sopspy: warning: only the first file is used\n"


def crash(environ: Mapping[str, str]) -> str:
    stream = io.StringIO()
    try:
        try:
            secret = "hunter2"
            raise KeyError(secret)
        except KeyError as err:
            raise ValueError(f"bad value {secret}") from err
    except ValueError as err:
        report.show_crash(err, environ, stream)
    return stream.getvalue()


def test_a_crash_is_one_line_and_where_to_report_it() -> None:
    text = crash({})
    assert text.startswith("sopspy: internal error: ValueError\nhint: ")
    assert report.ISSUES in text
    assert "hunter2" not in text
    assert len(text.splitlines()) == 3


def test_a_crash_with_a_traceback_has_places_but_no_values() -> None:
    text = crash({"SOPSPY_TRACEBACK": "1"})
    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "test_report.py" in text
    assert "bad value hunter2" not in text
    assert text.count("hunter2") == text.count('secret = "hunter2"')


def test_a_reader_that_has_gone_is_no_new_error() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    report.show_error(SopsError("no"), {}, Gone())
