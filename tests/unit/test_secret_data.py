"""The data of Kubernetes Secrets, decoded for the editor and encoded again."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopspy.errors import ParseError, RefusedError
from sopspy.formats import base
from sopspy.operations.secret_data import Shown

CORPUS = sorted(Path(__file__).parents[1].glob("corpus/*.y*ml"))
YAML = base.get("yaml")


def secret(*lines: str) -> str:
    return "".join(f"{line}\n" for line in ("apiVersion: v1", "kind: Secret", "data:", *lines))


def shown(*lines: str) -> list[str]:
    """The lines of `data` as they are shown; they give the same file back."""
    view = Shown(YAML, secret(*lines))
    assert view.back(view.text) == secret(*lines)
    return view.text.splitlines()[3:]


def back(before: list[str], *after: str) -> list[str]:
    """The lines of `data` after an edit of the decoded ones."""
    return Shown(YAML, secret(*before)).back(secret(*after)).splitlines()[3:]


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        (["  a: aGVsbG8="], ["  a: hello"]),
        (['  "a b": "aGVsbG8="  # greeting'], ['  "a b": "hello"  # greeting']),
        (["  a: 'aXQncw=='"], ["  a: 'it''s'"]),
        (["  a: NTQzMg=="], ['  a: "5432"']),
        (["  a: dHJ1ZQ=="], ['  a: "true"']),
        (["  a: YQpiCg=="], ["  a: |", "      a", "      b"]),
        (["  a: YQpi", "  b: Yg=="], ["  a: |-", "      a", "      b", "  b: b"]),
        (["  a: YQoK", "", "  b: Yg=="], ['  a: "a\\n\\n"', "", "  b: b"]),
        (["  a: |", "    YQpi", "    Cg=="], ["  a: |", "    a", "    b"]),
        (["  {a: YQpiCg==}"], ['  {a: "a\\nb\\n"}']),
        (["  a: &x aGVsbG8=", "  b: *x"], ["  a: &x hello", "  b: *x"]),
        (["  a: !!str aGVsbG8="], ["  a: !!str hello"]),
        (["  a: 8J+Yig=="], ["  a: 😊"]),
    ],
)
def test_text_is_shown_as_text(stored: list[str], seen: list[str]) -> None:
    assert shown(*stored) == seen


@pytest.mark.parametrize(
    "stored",
    ["/wD+", "YQ0KYg==", "AA==", "G1szMW0=", "wpA=", "not base64", "{{ .Values.key }}", "aGVsbG8", '"aGVs bG8="'],
)
def test_what_is_no_text_stays_as_it_is_with_a_tag(stored: str) -> None:
    """Bytes that are not UTF-8, control characters, and what is no base64 at all."""
    stored = f"'{stored}'" if stored.startswith("{") else stored
    assert shown(f"  a: {stored}", "  b: Yg==") == [f"  a: !!binary {stored}", "  b: b"]
    assert back([f"  a: {stored}"], f"  a: !!binary {stored}", "  b: new") == [f"  a: {stored}", "  b: bmV3"]


@pytest.mark.parametrize("value", ["", "~", "null"])
def test_null_stays(value: str) -> None:
    assert shown(f"  a: {value}") == [f"  a: {value}"]


def test_only_the_data_of_secrets_is_decoded() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: aGVsbG8=\n"
    foreign = "apiVersion: example.org/v1\nkind: Secret\ndata:\n  a: aGVsbG8=\n"
    plain = "apiVersion: v1\nkind: Secret\nstringData:\n  a: aGVsbG8=\nmetadata: {data: {b: Yg==}}\n"
    for text in (other, foreign, plain):
        assert (Shown(YAML, text).text, Shown(YAML, text).count) == (text, 0)


def test_documents_and_lists() -> None:
    items = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  data: {a: Yg==}\n"
    text = f"{secret('  a: YQ==')}---\na: YQ==\n---\n{items}"
    view = Shown(YAML, text)
    assert view.count == 2
    assert view.text == text.replace("data:\n  a: YQ==", "data:\n  a: a").replace("{a: Yg==}", "{a: b}")
    assert view.back(view.text) == text


def test_a_changed_value_is_encoded_in_its_quotes() -> None:
    before = ['  a: "aGVsbG8="  # one', "  b: |", "    YQpi", "    Cg==", "  c: dw=="]
    after = ['  a: "bye"  # one', "  b: |", "    a", "    c", "  c: w"]
    assert back(before, *after) == ['  a: "Ynll"  # one', "  b: YQpjCg==", "  c: dw=="]


def test_plain_values_are_taken_as_they_are_written() -> None:
    assert back([], "  port: 0432", "  on: true", "  day: 2020-01-01", "  none:") == [
        f"  port: {b64encode(b'0432').decode()}",
        f"  on: {b64encode(b'true').decode()}",
        f"  day: {b64encode(b'2020-01-01').decode()}",
        "  none:",
    ]


def test_base64_that_reads_as_another_type_is_quoted() -> None:
    """These two characters are `0414` in base64, which YAML takes for a number."""
    assert back([], "  a: \u04cdx") == ['  a: "0414"']
    assert shown('  a: "0414"', "  b: Yg==") == ['  a: "\u04cdx"', "  b: b"]


def test_a_new_binary_value() -> None:
    assert back([], "  a: !!binary AAEC", "  b: !!binary |", "    AAEC", "    AwQF") == [
        "  a: AAEC",
        "  b: |",
        "    AAEC",
        "    AwQF",
    ]


def test_a_new_binary_value_that_is_no_base64_is_refused_with_its_place() -> None:
    with pytest.raises(ParseError, match="not base64") as caught:
        back(["  a: YQ=="], "  a: a", "  b: !!binary s3cret-text")
    assert (caught.value.line, caught.value.column) == (5, 15)
    assert "s3cret" not in str(caught.value)


def test_values_keep_their_source_when_they_move() -> None:
    before = ['  a: "aGVsbG8="', "  b: |", "    d29y", "    bGQ="]
    assert back(before, "  b: |", "    world", '  a: "hello"')[-1] == '  a: "aGVsbG8="'


@pytest.mark.parametrize("line", ["  a: !!binary aGVsbG8=", "  a: !own aGVsbG8="])
def test_a_tag_of_the_files_own_is_refused(line: str) -> None:
    with pytest.raises(RefusedError, match="cannot be shown decoded"):
        Shown(YAML, secret(line))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_file_of_the_corpus_comes_back(path: Path) -> None:
    try:
        text = path.read_bytes().decode().removeprefix("\ufeff")
        view = Shown(YAML, text)
    except (ParseError, UnicodeDecodeError):
        return  # not a file that is edited as YAML text
    assert view.back(view.text) == text


VALUES = st.one_of(
    st.text(), st.text("ab \n\t#:'\"|>-", max_size=30), st.from_regex(r"[0-9.eE+-]{1,6}", fullmatch=True)
)
SPELLINGS = st.sampled_from(["{}", "'{}'", '"{}"', "|\n    {}", ">-\n    {}", "&x {}", "{}  # comment"])


@settings(max_examples=1000)
@given(st.lists(st.tuples(st.one_of(VALUES.map(str.encode), st.binary()), SPELLINGS), max_size=6))
def test_any_secret_comes_back_and_a_changed_one_says_what_was_written(values: list[tuple[bytes, str]]) -> None:
    lines = [f"  k{at}: {how.format(b64encode(data).decode())}" for at, (data, how) in enumerate(values)]
    text = secret(*lines, "  last: bGFzdA==")
    view = Shown(YAML, text)
    assert view.back(view.text) == text
    assert view.back(view.text.replace("last: last", "last: other")) == text.replace("bGFzdA==", "b3RoZXI=")
