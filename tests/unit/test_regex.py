"""Patterns mean the same by every way that finds them: plain words, the extension alone, the public module."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from sopspy import fast
from sopspy.regex import Pattern

_PIECES = st.sampled_from(("^", "$", "(", ")", "|", "a", "b", "data", "A1", "_", ".", "é", "\n", "", "[", "*"))


def _by_re2(pattern: str, text: str) -> bool | None:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options).search(text.encode()) is not None
    except re2.error:
        return None


def _by_us(pattern: str, text: str) -> bool | None:
    try:
        return Pattern(pattern).found(text)
    except ValueError:
        return None


@pytest.mark.parametrize("lean", [False, True])
@given(st.lists(_PIECES, max_size=9).map("".join), st.lists(_PIECES, max_size=4).map("".join))
def test_as_re2(lean: bool, pattern: str, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "lean", lean)
        for tried in (pattern, f"^({pattern})$", f"^{pattern}$"):
            assert _by_us(tried, text) == _by_re2(tried, text)


@pytest.mark.parametrize("pattern", ["^(data|stringData)$", "^data$"])
@pytest.mark.parametrize("text", ["data", "stringData", "data\n", "xdata", "datax", "Data", "", "data|stringData"])
def test_plain_words(pattern: str, text: str) -> None:
    assert Pattern(pattern).found(text) == _by_re2(pattern, text)


@pytest.mark.parametrize("lean", [False, True])
def test_the_reason_of_a_refusal(lean: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "lean", lean)
    with pytest.raises(ValueError, match=r"missing \)"):
        Pattern("(a")
