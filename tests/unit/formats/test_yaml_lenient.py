"""Texts that sops reads and libyaml refuses are read with one character masked: no other character may change."""

from __future__ import annotations

import pytest

from sopspy.errors import ParseError
from sopspy.formats import yaml


def values(text: str) -> list[str]:
    return [leaf.text for leaf in yaml.scan(text).leaves]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('k: {b:}\nv: "\\a\\x07"\n', ["", "\a\a"]),
        ("k: [a:, b]\nv: 'it'\n", ["a:", "b", "it"]),
        ("k: [a:, b]\nv: [c:, d]\n", ["a:", "b", "c:", "d"]),
        ('v: "it\\\'s"\nw: "we\\\'ll"\n', ["it's", "we'll"]),
        ('v: "it\\\'s"\n', ["it's"]),
        ('k: {b:}\nv: "it\\\'s"\n', ["", "it's"]),
        ('k: !foo,bar x\nv: "\\a;"\n', ["x", "\a;"]),
    ],
)
def test_values_stay_what_they_are(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'k: {b:}\nv: "\U0010fffd"\n',
        'k: {b:}\nv: "\\U0010FFFD"\n',
        'v: "it\\\'s"\nw: "\\a"\n',
        'v: "it\\\'s"\nw: "\\x07"\n',
    ],
)
def test_a_text_that_has_the_masking_character_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        values(text)
