"""Flat names of metadata: what contradicts itself is refused, and a huge index costs nothing."""

from __future__ import annotations

import pytest

from sopspy.errors import MetadataError
from sopspy.formats import base, dotenv
from sopspy.formats.flat import flatten
from sopspy.tree import Mapping, Sequence

GOOD = Mapping(
    [
        ("age", Sequence([Mapping([("enc", "x\ny"), ("recipient", "age1")])])),
        ("kms", Sequence([Mapping([("context", Mapping([("a", "b")]))])])),
        ("mac_only_encrypted", True),
        ("pgp", Sequence()),
        ("shamir_threshold", 2),
    ]
)


def read(*names: str) -> object:
    text = "".join(f"sops_{name}\n" for name in names)
    document = dotenv.scan(text)
    return base.plain(document, document.blocks[0].node, base.get("dotenv"))


def test_names_are_those_of_sops() -> None:
    assert list(flatten(GOOD)) == [
        ("age__list_0__map_enc", "x\ny"),
        ("age__list_0__map_recipient", "age1"),
        ("kms__list_0__map_context__map_a", "b"),
        ("mac_only_encrypted", "true"),
        ("shamir_threshold", "2"),
    ]


def test_names_in_any_order_make_the_tree() -> None:
    found = read("a__list_1=y", "b__map_c__list_0=z", "a__list_0=x")
    assert found == [("a", ["x", "y"]), ("b", [("c", ["z"])])]


@pytest.mark.parametrize(
    "names",
    [
        ("a=1", "a=2"),
        ("a=1", "a__map_b=2"),
        ("a__map_b=1", "a=2"),
        ("a__map_b=1", "a__list_0=2"),
        ("a__list_1=1",),
        ("a__list_0=1", "a__list_2=1"),
        ("a__list_x=1",),
        ("a__list_=1",),
        ("a__list_-1=1",),
        ("a__list_999999999999999999999=1",),
        ("a__list_99999=1",),
    ],
)
def test_what_contradicts_itself_is_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(MetadataError):
        read(*names)
