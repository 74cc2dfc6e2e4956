"""Three versions of a text into one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopspy.errors import ParseError
from sopspy.operations.merge_lines import check_no_marks, merge

BASE = "a\nb\nc\nd\ne\n"
TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ("A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n"),
        ("a\nb\nd\ne\n", "a\nb\nc\nd\ne\nf\n", "a\nb\nd\ne\nf\n"),
        ("a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n", "a\nb\nX\nd\ne\n"),
        ("", BASE, ""),
        (BASE, "", ""),
        ("0\n" + BASE, BASE + "z", "0\n" + BASE + "z"),
    ],
)
def test_changes_in_different_places_are_both_taken(mine: str, theirs: str, merged: str) -> None:
    assert merge(BASE, mine, theirs) == (merged, 0)


def test_changes_in_one_place_are_marked() -> None:
    text, conflicts = merge(BASE, "a\nb\nmine\nd\ne\n", "a\nb\ntheirs\nd\nE\n")
    assert conflicts == 1
    assert text == "a\nb\n<<<<<<< your text\nmine\n=======\ntheirs\n>>>>>>> the file as it is now\nd\nE\n"
    with pytest.raises(ParseError, match="mark of a conflict") as caught:
        check_no_marks(text)
    assert caught.value.line == 3
    check_no_marks("a\n=======\n <<<<<<< your text\n")


def test_marks_stand_on_their_own_lines() -> None:
    assert merge("a", "b", "c")[0].splitlines()[1:4] == ["b", "=======", "c"]


@given(TEXTS, TEXTS, TEXTS)
def test_every_line_of_both_sides_is_there_unless_the_other_took_it_out(base: str, mine: str, theirs: str) -> None:
    text, conflicts = merge(base, mine, theirs)
    assert merge(base, mine, base) == (mine, 0)
    assert merge(base, base, theirs) == (theirs, 0)
    assert merge(base, mine, mine) == (mine, 0)
    for line in (set(mine.splitlines()) & set(theirs.splitlines())) - set(base.splitlines()):
        assert line in text.splitlines()
    assert (conflicts == 0) == ("<<<<<<< your text" not in text)
