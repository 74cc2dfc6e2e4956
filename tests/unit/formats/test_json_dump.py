"""sops' own JSON. The expected texts were printed by sops 3.13.2."""

from __future__ import annotations

import pytest

from sopspy.errors import EmitError
from sopspy.formats import json
from sopspy.tree import Comment, Mapping, Sequence, Timestamp

TREE = Mapping(
    [
        Comment(" left out"),
        ("s", "x"),
        ("l", Sequence([1, Comment(" left out"), Sequence([]), Mapping([("k", None)])])),
        ("o", Mapping([Comment(" left out")])),
        ("s", True),
    ]
)


def test_a_document_is_indented_by_tabs_and_ends_its_line() -> None:
    text = (
        '{\n\t"s": "x",\n\t"l": [\n\t\t1,\n\t\t[],\n\t\t{\n\t\t\t"k": null\n\t\t}\n\t],\n\t"o": {},\n\t"s": true\n}\n'
    )
    assert json.dump(TREE, None) == text
    assert json.dump(TREE, -1) == text
    assert json.dump(TREE, 3) == text.replace("\t", "   ")
    assert json.dump(TREE, 0) == text.replace("\t", "")
    assert json.dump_value(TREE, None) == text[:-1]


def test_an_indent_below_minus_one_is_refused() -> None:
    with pytest.raises(EmitError):
        json.dump(TREE, -2)


def test_one_line_has_blanks_behind_commas_and_colons() -> None:
    assert json.one_line(TREE) == '{"s": "x", "l": [1, [], {"k": null}], "o": {}, "s": true}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (False, "false"),
        (0, "0"),
        (-(2**63), "-9223372036854775808"),
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (1.5, "1.5"),
        (1234567.25, "1234567.25"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.5e22, "-1.5e+22"),
        (9.223372036854775807e18, "9223372036854776000"),
        (9007199254740993.0, "9007199254740992"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.25e-10, "1.25e-10"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        ("", '""'),
        ('a"\\/b', '"a\\"\\\\/b"'),
        ("<a>&\u2028\u2029", '"\\u003ca\\u003e\\u0026\\u2028\\u2029"'),
        ("\b\f\n\r\t\0\x1f\x7f", '"\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"'),
        ("é🔐\ufffd", '"é🔐\ufffd"'),
        (b"\x80a\xe2\x82b\xed\xa0\x80\xc3\xa9", '"\\ufffda\\ufffd\\ufffdb\\ufffd\\ufffd\\ufffdé"'),
        (Timestamp("2001-12-14T21:59:43.1-05:00"), '"2001-12-14T21:59:43.1-05:00"'),
    ],
)
def test_scalars(value: bool | int | float | str | bytes | None, text: str) -> None:
    assert json.dump_value(value, None) == text
    assert json.dump(Mapping([("k", value)]), None) == f'{{\n\t"k": {text}\n}}\n'


def test_keys_have_the_same_escapes() -> None:
    assert json.dump_value(Mapping([("<\n>", 1)]), 0) == '{\n"\\u003c\\n\\u003e": 1\n}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_have_no_json(value: float) -> None:
    with pytest.raises(EmitError) as caught:
        json.dump(Mapping([("k", Sequence([value]))]), None)
    assert caught.value.exit_code == 4


def test_deep_data_needs_no_recursion() -> None:
    value: Sequence = Sequence()
    for _ in range(5_000):
        value = Sequence([value])
    assert json.dump_value(value, 0).count("[") == 5_001
