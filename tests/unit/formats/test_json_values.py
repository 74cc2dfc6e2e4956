"""JSON values: their types, their spelling, and both ways of putting text into a document."""

from __future__ import annotations

import pytest

from sopspy.document import Document, Leaf, splice
from sopspy.errors import EmitError, ParseError
from sopspy.formats import json


def _only(text: str) -> tuple[Document, Leaf]:
    document = json.scan(text)
    (leaf,) = document.leaves
    return document, leaf


@pytest.mark.parametrize(
    ("source", "kind", "stored"),
    [
        ('"x"', "str", "x"),
        ('"5"', "str", "5"),
        ('""', "str", ""),
        (r'"\u00e9\/"', "str", "é/"),
        ("true", "bool", "True"),
        ("false", "bool", "False"),
        ("null", "null", ""),
        ("0", "int", "0"),
        ("-0", "int", "-0"),
        ("-12", "int", "-12"),
        ("9223372036854775807", "int", "9223372036854775807"),
        ("-9223372036854775808", "int", "-9223372036854775808"),
        ("9223372036854775808", "float", "9223372036854775808"),
        ("-9223372036854775809", "float", "-9223372036854775809"),
        ("123456789012345678901234567890", "float", "123456789012345678901234567890"),
        ("1.50", "float", "1.50"),
        ("-0.0", "float", "-0.0"),
        ("1e3", "float", "1e3"),
        ("1E+05", "float", "1E+05"),
    ],
)
def test_a_value_has_sops_type_and_keeps_its_spelling(source: str, kind: str, stored: str) -> None:
    document, leaf = _only(f'{{"a": {source}}}')
    json.resolve(document, leaf)
    assert (leaf.type, leaf.stored) == (kind, stored)
    if kind not in ("str", "null"):
        assert json.faithful(document, leaf)
        assert json.reread(leaf) == (kind, stored)


@pytest.mark.parametrize("source", ["1E400", "-1e309", "9" * 400])
def test_a_number_beyond_all_floats_is_refused(source: str) -> None:
    document, leaf = _only(f'{{"a":\n{source}}}')
    with pytest.raises(ParseError) as caught:
        json.resolve(document, leaf)
    assert (caught.value.line, caught.value.column) == (2, 1)


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ('"x"', True),
        (r'"a\"\\\b\f\n\r\t\u0001"', True),
        ('"é 🔐 \u2028 <&>"', True),
        (r'"\u00e9"', False),
        (r'"\/"', False),
        (r'"\u000a"', False),
        (r'"\ud800"', False),
        (r'"\u001F"', False),
    ],
)
def test_only_the_fewest_escapes_come_back_by_themselves(source: str, plain: bool) -> None:
    document, leaf = _only(f'{{"a": {source}}}')
    json.resolve(document, leaf)
    assert json.faithful(document, leaf) is plain


def test_cover_and_show_replace_the_value_alone() -> None:
    text = '{ "a" : 1.50 , "b":[ "x" ] }'
    document = json.scan(text)
    for leaf in document.leaves:
        json.resolve(document, leaf)
    covered = splice(text, [json.cover(document, leaf, f"ENC[{leaf.type}]") for leaf in document.leaves])
    assert covered == '{ "a" : "ENC[float]" , "b":[ "ENC[str]" ] }'
    tokens = json.scan(covered)
    for token, leaf in zip(tokens.leaves, document.leaves, strict=True):
        token.type, token.stored = leaf.type, leaf.stored
    assert splice(covered, [json.show(tokens, token) for token in tokens.leaves]) == text


@pytest.mark.parametrize(
    ("kind", "stored", "shown"),
    [
        ("str", 'a\n"b" <é>\x7f', '"a\\n\\"b\\" <é>\x7f"'),
        ("str", b"\xffa\xe2\x82", '"\ufffda\ufffd\ufffd"'),
        ("bool", "True", "true"),
        ("bool", "true", "true"),
        ("bool", "F", "false"),
        ("int", "007", "7"),
        ("int", "+5", "5"),
        ("int", "-0", "-0"),
        ("float", "1000", "1000"),
        ("float", ".5", "0.5"),
        ("float", "1_000.5", "1000.5"),
        ("float", "0x1p4", "16"),
        ("float", "9007199254740993.0", "9007199254740993.0"),
        ("time", "2001-12-14T21:59:43.10-05:00", '"2001-12-14T21:59:43.1-05:00"'),
        ("null", "", "null"),
    ],
)
def test_what_other_programs_sealed_is_shown_as_json(kind: str, stored: str | bytes, shown: str) -> None:
    document, leaf = _only('{"a": "ENC[...]"}')
    leaf.type, leaf.stored = kind, stored
    assert json.show(document, leaf) == (6, 16, shown)


@pytest.mark.parametrize("stored", ["NaN", "+Inf", "-inf"])
def test_nan_and_infinity_have_no_json(stored: str) -> None:
    document, leaf = _only('{"a": "ENC[...]"}')
    leaf.type, leaf.stored = "float", stored
    with pytest.raises(EmitError) as caught:
        json.show(document, leaf)
    assert caught.value.exit_code == 4


def test_a_list_of_such_comments_keeps_no_blank_before_them() -> None:
    document, leaf = _only('{"a": [ "ENC" ]}')
    leaf.type, leaf.stored = "comment", " c"
    assert splice(document.text, [json.show(document, leaf)]) == '{"a": [ ]}'


@pytest.mark.parametrize(
    ("items", "left"),
    [
        ("#", "[]"),
        ("##", "[]"),
        ("#x", '["x"]'),
        ("x#", '["x"]'),
        ("##x##", '["x"]'),
        ("x##y#z", '["x", "y", "z"]'),
    ],
)
def test_comments_that_another_format_left_in_a_list_go_with_their_commas(items: str, left: str) -> None:
    text = '{"a": [' + ", ".join('"ENC"' if item == "#" else f'"{item}"' for item in items) + "]}"
    document = json.scan(text)
    for leaf in document.leaves:
        leaf.type, leaf.stored = ("comment", " c") if leaf.text == "ENC" else ("str", leaf.text)
    shown = splice(text, [json.show(document, leaf) for leaf in document.leaves])
    assert shown == f'{{"a": {left}}}'


def test_reread_is_what_resolve_finds_in_the_shown_text() -> None:
    for kind, stored in (
        ("bool", "TRUE"),
        ("int", "007"),
        ("float", "5."),
        ("float", "3"),
        ("time", "2001-01-01T00:00:00Z"),
    ):
        document, leaf = _only('{"a": "ENC"}')
        leaf.type, leaf.stored = kind, stored
        found, shown = _only(splice(document.text, [json.show(document, leaf)]))
        json.resolve(found, shown)
        assert json.reread(leaf) == (shown.type, shown.stored)
