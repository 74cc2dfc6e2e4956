"""The laws of the JSON format on random objects in random layouts: spans are exact, and every edit has its inverse."""

from __future__ import annotations

import json as stdlib

from hypothesis import given
from hypothesis import strategies as st

from sopspy.document import Document, splice
from sopspy.formats import json
from sopspy.tree import Mapping, Sequence

BLOCK = Mapping([("age", Sequence([Mapping([("enc", "a\nb"), ("recipient", "age1")])])), ("mac", "ENC[x]")])

_blank = st.sampled_from(["", "", " ", "\n", "\r\n", "  ", "\t", "\n\n    ", "\n\t"])
_numbers = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(stdlib.dumps),
    st.sampled_from(["-0", "-0.0", "1E5", "1e+3", "0.10", "9223372036854775808", "2.50", "0e0", "9" * 40]),
)
_strings = st.one_of(
    st.text(st.characters(codec="utf-8")).map(stdlib.dumps),
    st.text(st.characters(codec="utf-8")).map(lambda text: stdlib.dumps(text, ensure_ascii=False)),
    st.sampled_from([r'"\/"', r'"\ud800"', r'"\uD83D\uDE00"', r'"\u0041\b\f"', '"ENC[AES256_GCM,data:x]"']),
)
_keys = _strings.filter(lambda text: stdlib.loads(text) != "sops")


@st.composite
def _collections(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    if draw(st.booleans()):
        return draw(_objects(inner))
    parts = [draw(_blank) + draw(inner) + draw(_blank) for _ in range(draw(st.integers(0, 3)))]
    return f"[{','.join(parts) or draw(_blank)}]"


@st.composite
def _objects(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    blank = draw(_blank)
    lead = st.one_of(st.just(blank), _blank)
    parts = [
        f"{draw(lead)}{draw(_keys)}{draw(_blank)}:{draw(_blank)}{draw(inner)}{draw(_blank)}"
        for _ in range(draw(st.integers(0, 4)))
    ]
    return f"{{{','.join(parts) or blank}}}"


_scalars = st.one_of(_numbers, _strings, st.sampled_from(["true", "false", "null"]))
_values = st.recursive(_scalars, _collections, max_leaves=12)
texts = st.tuples(_blank, _objects(_values), _blank).map("".join)


def _resolved(text: str) -> Document:
    document = json.scan(text)
    for leaf in document.leaves:
        json.resolve(document, leaf)
    return document


@given(texts)
def test_every_span_is_the_source_of_its_value(text: str) -> None:
    for leaf in _resolved(text).leaves:
        found = stdlib.loads(text[leaf.start : leaf.end])
        if leaf.type == "str":
            assert leaf.stored == found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        else:
            assert stdlib.loads(leaf.text) == found


@given(texts)
def test_cutting_what_was_fastened_gives_the_text_back(text: str) -> None:
    document = json.scan(text)
    sealed = splice(text, json.fasten(document, BLOCK, None))
    found = json.scan(sealed)
    assert splice(sealed, [(block.cut_start, block.cut_end, "") for block in found.blocks]) == text
    assert [leaf.aad for leaf in found.leaves] == [leaf.aad for leaf in document.leaves]
    assert '"mac": "ENC[' in sealed
    stdlib.loads(sealed)


@given(texts)
def test_show_undoes_cover_wherever_faithful_says_so(text: str) -> None:
    document = _resolved(text)
    covered = splice(text, [json.cover(document, leaf, f"ENC[{leaf.type}]") for leaf in document.leaves])
    tokens = json.scan(covered)
    edits = []
    for token, leaf in zip(tokens.leaves, document.leaves, strict=True):
        assert token.aad == leaf.aad
        token.type, token.stored = leaf.type, leaf.stored
        hint = (*json.region(tokens, token), text[leaf.start : leaf.end])
        edits.append(json.show(tokens, token) if json.faithful(document, leaf) else hint)
        assert stdlib.loads(json.show(tokens, token)[2]) == stdlib.loads(stdlib.dumps(_loaded(leaf.text, leaf.type)))
    assert splice(covered, edits) == text


def _loaded(text: str, kind: str) -> object:
    return text if kind == "str" else stdlib.loads(text)
