"""The JSON scanner: spans, what is refused and where, and depth."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sopspy.document import DOUBLE, MAP, PLAIN, SEQ, Container, Document
from sopspy.errors import MetadataError, ParseError
from sopspy.formats import json
from sopspy.limits import MAX_DEPTH


def _spans(document: Document) -> list[tuple[str, str, str]]:
    return [(leaf.aad, leaf.style, document.text[leaf.start : leaf.end]) for leaf in document.leaves]


def test_every_leaf_has_its_path_its_style_and_the_span_of_its_source() -> None:
    document = json.scan('{"a": "x\\ty", "b":[1.50,{"c":null} ,"z"],\n\t"e" : { } ,"l":[\r\n]}\n')
    assert _spans(document) == [
        ("a:", DOUBLE, '"x\\ty"'),
        ("b:", PLAIN, "1.50"),
        ("b:c:", PLAIN, "null"),
        ("b:", DOUBLE, '"z"'),
    ]
    assert [leaf.text for leaf in document.leaves] == ["x\ty", "1.50", "null", "z"]
    root = document.roots[0]
    assert [(node.key, document.text[node.key_start : node.end]) for node in root.items] == [
        ("a", '"a": "x\\ty"'),
        ("b", '"b":[1.50,{"c":null} ,"z"]'),
        ("e", '"e" : { }'),
        ("l", '"l":[\r\n]'),
    ]
    assert document.text[root.start : root.end] == document.text[:-1]


def test_containers_know_their_kind_and_index() -> None:
    items = json.scan('{"b": [[1], {"c": 2}]}').roots[0].items[0]
    assert isinstance(items, Container)
    assert items.kind == SEQ
    assert [(node.key, node.kind) for node in items.items if isinstance(node, Container)] == [(0, SEQ), (1, MAP)]


def test_repeated_and_empty_keys_stay() -> None:
    document = json.scan('{"": 1, "a": 2, "a": 3, "": 4}')
    assert [(leaf.key, leaf.text) for leaf in document.leaves] == [("", "1"), ("a", "2"), ("a", "3"), ("", "4")]


def test_half_a_surrogate_pair_is_the_replacement_character_in_values_and_keys() -> None:
    document = json.scan(r'{"\ud800": ["\uD83D\uDE00", "\ud83d", "\udc00\ud800\udc00x"]}')
    assert document.leaves[0].aad == "\ufffd:"
    assert [leaf.text for leaf in document.leaves] == ["\U0001f600", "\ufffd", "\ufffd\U00010000x"]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        (" \n ", 2, 2),
        ("[1]", 1, 1),
        ('"text"', 1, 1),
        ("5", 1, 1),
        ("{", 1, 2),
        ('{"a"', 1, 5),
        ('{"a":', 1, 6),
        ('{"a": 1', 1, 8),
        ('{"a": [1,\n2', 2, 2),
        ('{"a": 1,}', 1, 9),
        ('{"a": [1,]}', 1, 10),
        ("{,}", 1, 2),
        ('{"a" 1}', 1, 6),
        ('{"a": 1 "b": 2}', 1, 9),
        ('{"a": 1]', 1, 8),
        ('{"a": [1}}', 1, 9),
        ("{a: 1}", 1, 2),
        ('{"a": }', 1, 7),
        ('{"a": yes}', 1, 7),
        ('{"a": tru}', 1, 7),
        ('{"a": nullx}', 1, 11),
        ('{"a": NaN}', 1, 7),
        ('{"a": 01}', 1, 7),
        ('{"a": 1.}', 1, 7),
        ('{"a": .5}', 1, 7),
        ('{"a": +1}', 1, 7),
        ('{"a": -}', 1, 7),
        ('{"a": 1e}', 1, 7),
        ('{"a": 1e+}', 1, 7),
        ('{"a": 0x1}', 1, 8),
        ("{\"a\": 'x'}", 1, 7),
        ('{"a": "x}', 1, 7),
        ('{\n"a": "x\ny"}', 2, 8),
        ('{"a": "\\x"}', 1, 8),
        ('{"a": "\\u12G4"}', 1, 9),
        ("{} {}", 1, 4),
        ('{"a": 1} // note', 1, 10),
        ("{\xa0}", 1, 2),
        ("\ufeff{}", 1, 1),
    ],
)
def test_what_is_no_json_object_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(ParseError) as caught:
        json.scan(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.exit_code == 2


def test_a_list_at_the_top_says_how_to_wrap_it() -> None:
    with pytest.raises(ParseError) as caught:
        json.scan('["topsecret"]')
    assert '{"data": [...]}' in caught.value.hints[0]


@pytest.mark.parametrize(
    "text", ['{"a": "topsecret', '{"a": "topsecret\n"}', '{"a": "topsecret\\x"}', '{"a": 7topsecret}']
)
def test_no_error_shows_a_value(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        json.scan(text)
    report = str(caught.value) + "".join(caught.value.hints) + caught.value.excerpt
    assert "secret" not in report


@pytest.mark.parametrize("depth", [1_000, MAX_DEPTH - 1, MAX_DEPTH])
def test_deep_objects_and_lists_are_read_without_recursion(depth: int) -> None:
    document = json.scan('{"a":' + "[" * (depth - 1) + "1" + "]" * (depth - 1) + "}")
    assert [leaf.aad for leaf in document.leaves] == ["a:"]
    document = json.scan('{"a":' * depth + "1" + "}" * depth)
    assert document.leaves[0].aad == "a:" * depth


def test_many_collections_side_by_side_are_not_deep() -> None:
    assert len(json.scan('{"a":[' + "[0]," * MAX_DEPTH + '{"b":1}]}').leaves) == MAX_DEPTH + 1


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_one_level_more_is_refused(opening: str) -> None:
    with pytest.raises(ParseError, match="more than 10000 levels deep"):
        json.scan('{"a":' + opening * MAX_DEPTH + "1")


# the metadata -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ('{"a": 1, "sops": {"mac": "x"}}', '{"a": 1}'),
        ('{"a": 1,\n "sops": {"mac": "x"}\n}\n', '{"a": 1\n}\n'),
        ('{"a": 1, "sops": {}, "b": [2]}', '{"a": 1, "b": [2]}'),
        ('{\n  "sops": {"age": [1]},\n  "a": 1\n}', '{\n  "a": 1\n}'),
        ('{"sops":{},"a":1}', '{"a":1}'),
        ('{\n\t"sops": {}\n}\n', "{}\n"),
        ('{"sops": {}\n}', "{\n}"),
        ('{"sops": 5 }', "{ }"),
        ('{\n"sops": 5 }', "{ }"),
    ],
)
def test_the_sops_member_is_cut_with_one_comma(text: str, cut: str) -> None:
    document = json.scan(text)
    (block,) = document.blocks
    assert text[: block.cut_start] + text[block.cut_end :] == cut
    assert all(node.key != "sops" for node in document.roots[0].items)
    assert [leaf.aad for leaf in document.leaves] == [leaf.aad for leaf in json.scan(cut).leaves]


def test_sops_further_down_is_an_ordinary_key() -> None:
    document = json.scan('{"a": {"sops": 1}, "l": [{"sops": 2}]}')
    assert not document.blocks
    assert [leaf.aad for leaf in document.leaves] == ["a:sops:", "l:sops:"]


def test_two_sops_members_are_refused() -> None:
    with pytest.raises(MetadataError) as caught:
        json.scan('{"sops": {},\n"sops": {}}')
    assert (caught.value.exit_code, caught.value.line, caught.value.column) == (1, 2, 1)


def test_leaf_spans_never_overlap() -> None:
    leaves = json.scan('{"a":[1,2,"3"],"b":{"c":true}}').leaves
    assert all(one.end <= other.start for one, other in pairwise(leaves))
