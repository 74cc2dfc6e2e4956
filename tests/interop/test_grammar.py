"""Every line of the grammar tables: through the live peer, through us, and ours through the peer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sopspy.errors import SopsError
from tests.grammar.table import Case, facts_of, load, minified, types_in
from tests.support import laws, ours
from tests.support.values import events

if TYPE_CHECKING:
    from tests.support.peer import Peer

CASES = [(format, case) for format in ("yaml", "json") for case in load(format)]
ACCEPTED = [(format, case) for format, case in CASES if case.accepted and case.ours != "refuse"]
REFUSED_BY_SOPS = [(format, case) for format, case in CASES if not case.accepted]
REFUSED_BY_US_ALONE = [(format, case) for format, case in CASES if case.accepted and case.ours == "refuse"]


def names(pairs: list[tuple[str, Case]]) -> list[str]:
    return [f"{format}/{case.id}" for format, case in pairs]


def test_the_tables_are_large_and_have_no_name_twice() -> None:
    assert len(set(names(CASES))) == len(CASES)
    assert sum(format == "yaml" for format, _ in CASES) >= 500
    assert sum(format == "json" for format, _ in CASES) >= 120


@pytest.mark.parametrize(("format", "case"), CASES, ids=names(CASES))
def test_the_table_says_what_the_peer_does(format: str, case: Case, peer: Peer) -> None:
    assert facts_of(peer, case.data, format) == case.facts_for(peer.version())


@pytest.mark.parametrize(("format", "case"), ACCEPTED, ids=names(ACCEPTED))
def test_what_sops_accepts_we_accept_with_equal_types_and_values(format: str, case: Case) -> None:
    encrypted = ours.encrypt(case.data, format)
    assert ours.decrypt(encrypted, format) == case.data
    assert types_in(encrypted) == case.facts["types"] or laws.has_alias(case.data)
    if "values" in case.facts:
        assert minified(ours.to_json(encrypted, format)) == case.facts["values"]


@pytest.mark.parametrize(("format", "case"), ACCEPTED, ids=names(ACCEPTED))
def test_the_peer_reads_ours(format: str, case: Case, peer: Peer) -> None:
    encrypted = ours.encrypt(case.data, format)
    facts = case.facts_for(peer.version())
    if "yaml" in facts:
        assert events(peer.decrypt(encrypted, format)) == events(facts["yaml"].encode("utf-8", "surrogateescape"))
    elif "values" in facts:
        assert minified(peer.decrypt_json(encrypted, format)) == case.facts["values"]
    else:
        assert facts.get("reads"), "a case without values is one that sops itself cannot read"


@pytest.mark.parametrize(("format", "case"), ACCEPTED, ids=names(ACCEPTED))
def test_we_read_the_peers(format: str, case: Case, peer: Peer) -> None:
    if case.facts_for(peer.version()).get("reads") == 1:
        with pytest.raises(SopsError):
            ours.decrypt(peer.encrypt(case.data, format), format)
    else:
        laws.we_read_peers(laws.Own(case.data, format, peer))


@pytest.mark.parametrize(("format", "case"), REFUSED_BY_SOPS, ids=names(REFUSED_BY_SOPS))
def test_what_sops_refuses_is_as_the_table_says(format: str, case: Case) -> None:
    if case.ours == "accept":
        assert case.why
        assert ours.decrypt(ours.encrypt(case.data, format), format) == case.data
        return
    assert case.ours == "refuse"
    with pytest.raises(SopsError) as caught:
        ours.encrypt(case.data, format)
    assert caught.value.exit_code == (case.ours_exit or case.facts["exit"])


ACCEPTED_BY_US_ALONE = [(format, case) for format, case in REFUSED_BY_SOPS if case.ours == "accept"]


@pytest.mark.parametrize(("format", "case"), ACCEPTED_BY_US_ALONE, ids=names(ACCEPTED_BY_US_ALONE))
def test_what_only_we_accept_the_peer_can_read_once_it_is_encrypted(format: str, case: Case, peer: Peer) -> None:
    encrypted = ours.encrypt(case.data, format)
    assert minified(peer.decrypt_json(encrypted, format)) == minified(ours.to_json(encrypted, format))


@pytest.mark.parametrize(("format", "case"), REFUSED_BY_US_ALONE, ids=names(REFUSED_BY_US_ALONE))
def test_what_only_we_refuse_has_a_reason(format: str, case: Case) -> None:
    assert case.why
    with pytest.raises(SopsError) as caught:
        ours.encrypt(case.data, format)
    assert caught.value.exit_code == (case.ours_exit or 2)


def test_what_only_we_refuse_is_this_and_nothing_else() -> None:
    assert names(REFUSED_BY_US_ALONE) == [
        "yaml/load/marker-then-null",
        "yaml/load/marker-then-word-null",
        "yaml/load/null-only",
        "yaml/load/second-document-tilde",
        "yaml/encoding/bom-two",
        "yaml/encoding/bom-second-document",
        "yaml/key/duplicate-binary",
        "json/load/text-after",
        "json/load/second-object",
        "json/load/second-object-next-line",
        "json/load/brace-after",
        "json/load/comma-after",
        "json/load/comment-after",
        "json/load/nul-after",
        "json/load/cut-value",
        "json/string/invalid-utf-8",
        "json/string/invalid-utf-8-key",
        "json/string/encoded-surrogate",
    ]
