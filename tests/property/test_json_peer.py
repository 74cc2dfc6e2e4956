"""What we write as JSON and YAML is, byte for byte, what the live peer writes of the same random data."""

from __future__ import annotations

import json as stdlib
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sopspy.formats import base, json, yaml_dump
from sopspy.tree import Mapping

if TYPE_CHECKING:
    from tests.support.peer import Peer

_alphabet = st.sampled_from([*"abc019 -:#?,[]{}&*!|>'\"%@`\\/=~.+_<$\n\t\r\x01\x7f\x85\xa0éж\ufeff\ufffd\ufffe😀"])
_words = st.sampled_from(
    [
        *(
            "",
            "y",
            "No",
            "off",
            "TRUE",
            "null",
            "~",
            "-0",
            "0777",
            "08",
            "0x1F",
            "0o17",
            "0b1",
            "1_000",
            "1.",
            ".5",
            "1e3",
        ),
        *(
            "1e400",
            ".inf",
            ".NaN",
            "inf",
            "=",
            "2001-01-01",
            "2001-1-2",
            "2001-12-14t21:59:43.10-05:00",
            "12:30",
            "1:60",
        ),
        *(":a", "?a", "-a", "---", "...", "a: b", "a #b", "it's", "x" * 128, "x" * 129, "é" * 65, "a\nb\n", "a\n\n"),
    ]
)
_texts = st.one_of(_words, st.text(_alphabet, max_size=8), st.text("0123456789_:.-+eExo TZ", max_size=9))
# Larger integers are floats for sops 3.11.
_scalars = st.one_of(
    *(_texts, _texts, st.none(), st.booleans(), st.integers(-999_999, 999_999)),
    st.floats(allow_nan=False, allow_infinity=False),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_texts, inner, max_size=4)),
    max_leaves=40,
)


def _sops_loses(text: str) -> bool:
    """Text with line breaks and white space before it: the peer's own YAML of it cannot be read, or names a wrong
    indentation. `<<` as a value gets a merge tag. Ours is checked in the unit tests."""
    return text == "<<" or ("\n" in text and text[0] in " \n\t")


def _kept(value: object) -> object:
    if isinstance(value, dict):
        return {key: _kept(inner) for key, inner in value.items() if not _sops_loses(key)}
    if isinstance(value, list):
        return [_kept(inner) for inner in value]
    return "" if isinstance(value, str) and _sops_loses(value) else value


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(_texts, _values, min_size=1, max_size=12))
def test_the_peer_prints_the_same_yaml_and_json(peer: Peer, data: dict[str, object]) -> None:
    source = stdlib.dumps({"data": _kept(data)})
    sealed = peer.encrypt(source.encode(), "json")
    document = json.scan(source)
    value = base.plain(document, document.roots[0], json)
    assert isinstance(value, Mapping)
    assert json.dump(value, None).encode() == peer.decrypt(sealed, "json")
    assert yaml_dump.dump(value, None).encode() == peer.decrypt(sealed, "json", "--output-type", "yaml")
