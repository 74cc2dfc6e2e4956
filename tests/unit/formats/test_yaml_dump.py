"""sops' own YAML. The expected texts were printed by sops 3.13.2, but for those that say otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sopspy import source
from sopspy.errors import EmitError
from sopspy.formats import base, yaml, yaml_dump
from sopspy.tree import Comment, Mapping, Sequence, Timestamp
from tests.support import env

if TYPE_CHECKING:
    from pathlib import Path

    from sopspy.tree import Value

NESTED = Mapping(
    [
        (
            "a",
            Mapping(
                [("b", Sequence([1, Sequence([2, Sequence([])]), Mapping([("c", 3), ("d", Mapping([("e", "f")]))])]))]
            ),
        ),
        ("g", Mapping()),
        ("h", Sequence([Mapping([("i", Sequence(["j"]))])])),
    ]
)


def _value(value: Value) -> str:
    text = yaml_dump.dump(Mapping([("k", value)]), None)
    assert text.startswith("k: ")
    assert text.endswith("\n")
    return text[3:-1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", '""'),
        ("plain text", "plain text"),
        ("it's", "it's"),
        ("a, b", "a, b"),
        ("[x]", "'[x]'"),
        ("a [b]", "a [b]"),
        ("yes", '"yes"'),
        ("Off", '"Off"'),
        ("yES", "yES"),
        ("true", '"true"'),
        ("tRue", "tRue"),
        ("null", '"null"'),
        ("nUll", "nUll"),
        ("~", '"~"'),
        ("=", "="),
        ("12", '"12"'),
        ("0777", '"0777"'),
        ("0o17", '"0o17"'),
        ("1_000", '"1_000"'),
        ("_1", "_1"),
        ("1e3", '"1e3"'),
        ("1e400", "1e400"),
        ("1:30", '"1:30"'),
        ("1:60", "1:60"),
        ("2001-01-01", '"2001-01-01"'),
        ("2001-13-01", "2001-13-01"),
        (".5", '".5"'),
        (".inf", '".inf"'),
        ("inf", "inf"),
        ("<", "<"),
        ("a: b", "'a: b'"),
        ("a:b", "a:b"),
        ("a:", "'a:'"),
        ("a #b", "'a #b'"),
        ("a#b", "a#b"),
        ("- a", "'- a'"),
        ("-a", "-a"),
        ("-", "'-'"),
        ("?a", "?a"),
        (":a", ":a"),
        ("? a", "'? a'"),
        ("@a", "'@a'"),
        ("`a", "'`a'"),
        ("%a", "'%a'"),
        ("---", "'---'"),
        ("---a", "'---a'"),
        ("...", "'...'"),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("a\tb", '"a\\tb"'),
        ("a\rb", '"a\\rb"'),
        ("a\x7f", '"a\\x7F"'),
        ("\x85", '"\\N"'),
        ("\xa0", "\xa0"),
        ("\xe9", "\xe9"),
        ("\U0001f600", '"\\U0001F600"'),
        ("a\ufeff", '"a\\uFEFF"'),
        ("\ufeffab", '"\\uFEFF\\x61\\x62"'),
        ('a"b\\', 'a"b\\'),
        ("\x00\x1b", '"\\0\\e"'),
        ("a\nb", "|-\n    a\n    b"),
        ("a\nb\n", "|\n    a\n    b"),
        ("a\n\n", "|+\n    a\n"),
        ("\n", "|4+\n"),
        ("a\n b", "|-\n    a\n     b"),
        ("a \nb", '"a \\nb"'),
        ("a\n ", '"a\\n "'),
        ("a\tb\nc", "|-\n    a\tb\n    c"),
        ("a\n\tb", "|-\n    a\n    \tb"),
        ("\x01\na", '"\\x01\\na"'),
        ("http://x/y?z=1#f", "http://x/y?z=1#f"),
        ("ENC[AES256_GCM,data:x]", "ENC[AES256_GCM,data:x]"),
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (-9223372036854775808, "-9223372036854775808"),
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (1.5, "1.5"),
        (100000.0, "100000"),
        (123456.0, "123456"),
        (1000000.0, "1e+06"),
        (1234567.0, "1.234567e+06"),
        (12345678.9, "1.23456789e+07"),
        (0.0001, "0.0001"),
        (1e-05, "1e-05"),
        (1e20, "1e+20"),
        (1e21, "1e+21"),
        (5e-324, "5e-324"),
        (float("nan"), ".nan"),
        (float("inf"), ".inf"),
        (float("-inf"), "-.inf"),
        (Timestamp("2001-12-14T21:59:43.1-05:00"), "2001-12-14T21:59:43.1-05:00"),
        (b"\xff", "!!binary /w=="),
    ],
)
def test_scalars(value: Value, text: str) -> None:
    assert _value(value) == text


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        ("<<", '"<<"', "sops writes a merge key"),
        ("\tx\ny", '"\\tx\\ny"', "sops cannot read its own block and writes null"),
        ("p\u2028q", '"p\\Lq"', "sops writes single quotes, where a line separator is folded"),
        ("p\u2029\nq", '"p\\P\\nq"', "a block in which only readers of YAML 1.1 see the separator"),
    ],
)
def test_text_that_sops_would_change_is_written_so_that_it_reads_back(value: str, text: str, why: str) -> None:
    assert _value(value) == text, why


def test_a_block_that_starts_with_a_blank_names_its_own_indentation() -> None:
    """sops writes the digit of its configuration, which is wrong inside a list, and the value is lost."""
    value = Mapping([("l", Sequence([" a\nb", Mapping([("k", "\n c\n")])]))])
    assert yaml_dump.dump(value, 4) == "l:\n    - |2-\n       a\n      b\n    - k: |2\n\n         c\n"


def test_indentation_is_a_multiple_of_the_indent() -> None:
    assert yaml_dump.dump(NESTED, None) == (
        "a:\n    b:\n        - 1\n        - - 2\n          - []\n        - c: 3\n          d:\n            e: f\n"
        "g: {}\nh:\n    - i:\n        - j\n"
    )
    assert yaml_dump.dump(NESTED, 2) == (
        "a:\n  b:\n    - 1\n    - - 2\n      - []\n    - c: 3\n      d:\n        e: f\ng: {}\nh:\n  - i:\n      - j\n"
    )


def test_an_indent_that_the_emitter_does_not_know_is_two() -> None:
    assert yaml_dump.dump(NESTED, 0) == yaml_dump.dump(NESTED, 4)
    assert yaml_dump.dump(NESTED, 1) == yaml_dump.dump(NESTED, 10) == yaml_dump.dump(NESTED, 2)
    with pytest.raises(EmitError):
        yaml_dump.dump(NESTED, -1)


def test_parts_are_indented_by_four_whatever_is_configured() -> None:
    assert yaml_dump.dump_value(NESTED, 2) == yaml_dump.dump(NESTED, 4)
    assert yaml_dump.dump_value(Sequence([1, Sequence([2])]), 2) == "- 1\n- - 2\n"
    assert yaml_dump.dump_value(None, None) == "null\n"
    assert yaml_dump.dump_value(Sequence(), None) == "[]\n"
    assert yaml_dump.dump_value(1234567.0, None) == "1.234567e+06\n"


def test_several_documents() -> None:
    documents = [Mapping(), Mapping([("a", "x\n\n")]), Mapping([Comment(" c")])]
    assert yaml_dump.dump(documents, None) == "{}\n---\na: |+\n    x\n\n---\n# c\n{}\n"


def test_comments_stand_above_behind_and_below_what_they_belong_to() -> None:
    inner = Mapping([Comment(" first in m"), ("k", 2), Comment(" last in m")])
    items = Sequence([Comment(" first in l"), 1, Comment(" at 2", inline=True), 2, Comment(" last in l")])
    value = Mapping(
        [
            *(
                Comment(" top"),
                Comment(" two"),
                ("a", 1),
                Comment(" before b"),
                Comment(" at b", inline=True),
                ("b", "x"),
            ),
            *(Comment(" above m"), ("m", inner), Comment(" above l"), ("l", items), Comment(" end")),
        ]
    )
    assert yaml_dump.dump(value, None) == (
        "# top\n# two\na: 1\n# before b\nb: x # at b\n# above m\nm:\n    # first in m\n    k: 2\n    # last in m\n"
        "# above l\nl:\n    # first in l\n    - 1\n    - 2 # at 2\n    # last in l\n# end\n"
    )


def test_a_comment_below_the_last_entry_of_a_list_item_has_an_empty_line_below_it() -> None:
    value = Mapping([("l", Sequence([Mapping([("a", 1), Comment(" low")]), Mapping([("b", 2)])])), ("c", 3)])
    assert yaml_dump.dump(value, None) == "l:\n    - a: 1\n      # low\n    - b: 2\nc: 3\n"
    value = Mapping([("l", Sequence([1, Comment(" low")])), Comment(" next"), ("c", 3)])
    assert yaml_dump.dump(value, None) == "l:\n    - 1\n    # low\n# next\nc: 3\n"


def test_comments_on_odd_places() -> None:
    value = Mapping([Comment("a\nb"), ("x", 1), Comment(" one", inline=True), Comment(" two", inline=True), ("y", 2)])
    assert yaml_dump.dump(value, None) == '#a\n# b\nx: 1\n"y": 2 # one\n\n# two\n'
    value = Mapping([("a", Mapping([Comment(" in empty")])), ("l", Sequence([Comment(" alone")])), ("b", 1)])
    assert yaml_dump.dump(value, None) == "a: {\n    # in empty\n}\nl: []\n# alone\nb: 1\n"
    value = Mapping([Comment(" at t", inline=True), ("t", "a\nb"), Comment(" only", inline=True)])
    assert yaml_dump.dump(value, None) == "t: |- # at t\n    a\n    b\n# only\n"


def test_a_comment_behind_a_collection_goes_to_the_next_key() -> None:
    value = Mapping([Comment(" i", inline=True), ("a", Sequence([1])), ("b", 2)])
    assert yaml_dump.dump(value, None) == "a:\n    - 1\nb: 2 # i\n"
    value = Mapping([Comment(" i", inline=True), ("a", Mapping([("x", 1)])), ("b", Sequence([1])), ("c", 2)])
    assert yaml_dump.dump(value, None) == "a:\n    x: 1\nb: # i\n    - 1\nc: 2\n"


def test_an_empty_line_parts_a_comment_below_from_one_that_is_left_over() -> None:
    value = Mapping([("a", Sequence([Comment(" in")])), Comment(" below")])
    assert yaml_dump.dump(value, None) == "a: []\n# below\n\n# in\n"


def test_long_and_broken_keys_have_a_question_mark() -> None:
    value = Mapping([("k" * 129, 1), ("a\nb", 2), ("\xe9" * 65, Mapping([("x", 1)])), ("k" * 128, 3), ("", 4)])
    assert yaml_dump.dump(value, None) == (
        f'? {"k" * 129}\n: 1\n? |-\n    a\n    b\n: 2\n? {chr(0xE9) * 65}\n:   x: 1\n{"k" * 128}: 3\n"": 4\n'
    )


def test_a_merge_key_stays_one_and_any_other_is_quoted() -> None:
    """sops writes `!!merge <<` in every case, which most parsers refuse."""
    merged = Mapping([("x", 1)])
    assert yaml_dump.dump(Mapping([("<<", merged)]), None) == "<<:\n    x: 1\n"
    assert yaml_dump.dump(Mapping([("<<", Sequence([merged]))]), None) == "<<:\n    - x: 1\n"
    assert yaml_dump.dump(Mapping([("<<", "x")]), None) == '"<<": x\n'
    assert yaml_dump.dump(Mapping([("<<", Sequence(["x"]))]), None) == '"<<":\n    - x\n'


def test_bytes_that_are_no_text_are_base64_in_lines_of_seventy() -> None:
    assert _value(b"\xff\xfe") == "!!binary //4="
    assert _value(b"\xff" * 60) == f"!!binary |\n    {'/' * 70}\n    {'/' * 10}"
    assert _value(b"text") == "text"


def test_deep_data_needs_no_recursion() -> None:
    value: Value = 1
    for _ in range(3_000):
        value = Mapping([("k", value)])
    assert isinstance(value, Mapping)
    assert yaml_dump.dump(value, 2).endswith(f"\n{' ' * 5998}k: 1\n")


@pytest.mark.parametrize("path", sorted(env.VECTORS.glob("*/encrypted.yaml")), ids=lambda path: path.parent.name)
def test_the_metadata_block_of_a_golden_file_is_built_from_its_data(path: Path) -> None:
    text = source.load(path.read_bytes()).text
    document = yaml.scan(text)
    assert document.blocks
    for block in document.blocks:
        made = yaml_dump.dump(Mapping([("sops", base.plain(document, block.node, yaml))]), _indent_of(path))
        assert made == text[block.cut_start : block.cut_end]


def _indent_of(path: Path) -> int:
    return 2 if path.parent.name == "yaml-indent-2" else 4
