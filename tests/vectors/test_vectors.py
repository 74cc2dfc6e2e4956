"""Files that real sops wrote, of several versions: we read them with the MAC verified, and refuse what it refuses."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from sopspy.errors import DataKeyError, SopsError
from sopspy.formats import base
from sopspy.keys.ring import KeyRing
from sopspy.metadata import LAYOUT_KEY, MasterKey, Options
from sopspy.operations import decrypt as decrypt_operation
from sopspy.operations import encrypt as encrypt_operation
from sopspy.operations import extract
from sopspy.rules import Plan, load_config
from sopspy.values import normal
from tests.support import env, ours

if TYPE_CHECKING:
    from pathlib import Path

    from sopspy.document import Leaf

FORMATS = {"yaml": "yaml", "json": "json", "env": "dotenv", "ini": "ini"}
OPTIONS = {
    "--encrypted-regex": "encrypted_regex",
    "--unencrypted-regex": "unencrypted_regex",
    "--encrypted-suffix": "encrypted_suffix",
    "--unencrypted-suffix": "unencrypted_suffix",
}


class Case:
    """One folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.about: dict[str, Any] = json.loads((folder / "case.json").read_text())
        self.format = FORMATS.get(self.about["ext"], "binary")

    def read(self, name: str) -> bytes:
        return (self.folder / f"{name}.{self.about['ext']}").read_bytes()

    @property
    def keys(self) -> tuple[str, ...]:
        if "pq" in self.folder.name:
            return ("pq",)
        return ("age1", "age2") if "shamir" in self.folder.name else ("age1",)


CASES = [Case(path.parent) for path in sorted(env.VECTORS.glob("*/case.json"))]
READABLE = [
    case
    for case in CASES
    if "encrypt_exit" not in case.about and not case.folder.name.startswith(("yaml-pgp", "yaml-ssh"))
]
"""Those that age identities open; the others are the business of tests/unit/keys."""

REFUSED = [case for case in CASES if "encrypt_exit" in case.about]


def name(case: Case) -> str:
    return case.folder.name


def test_all_folders_are_cases() -> None:
    assert len(READABLE) >= 35
    assert len(REFUSED) >= 8


@pytest.mark.parametrize("case", [case for case in READABLE if case.format == "yaml"], ids=name)
def test_yaml_values_types_and_comments_are_those_of_sops(case: Case) -> None:
    """The MAC is verified on the way; what sops printed is read back by our scanner for the comparison."""
    opened = ours.opened(case.read("encrypted"), "yaml", *case.keys)
    printed = base.get("yaml").scan(case.read("decrypted").decode())
    for leaf in printed.leaves:
        base.get("yaml").resolve(printed, leaf)
    assert [_fact(leaf) for leaf in opened.document.leaves if leaf.type != "comment"] == [
        _fact(leaf) for leaf in printed.leaves
    ]
    assert sorted(_comments(opened)) == sorted(comment.text for comment in printed.comments)
    assert opened.warnings == []


@pytest.mark.parametrize("case", [case for case in READABLE if case.format == "yaml"], ids=name)
def test_yaml_text_in_place_has_the_same_values(case: Case) -> None:
    opened = ours.opened(case.read("encrypted"), "yaml", *case.keys)
    shown = base.get("yaml").scan(opened.data.decode())
    for leaf in shown.leaves:
        base.get("yaml").resolve(shown, leaf)
    assert [_fact(leaf) for leaf in shown.leaves] == [
        _fact(leaf) for leaf in opened.document.leaves if leaf.type != "comment"
    ]
    assert sorted(comment.text for comment in shown.comments) == sorted(_comments(opened))
    assert shown.blocks == []


@pytest.mark.parametrize("case", [case for case in READABLE if case.format in ("json", "dotenv", "ini")], ids=name)
def test_output_is_that_of_sops(case: Case) -> None:
    opened = ours.opened(case.read("encrypted"), case.format, *case.keys)
    assert extract.convert(opened, case.format, None) == case.read("decrypted")


@pytest.mark.parametrize("case", [case for case in READABLE if case.format == "binary"], ids=name)
def test_binary_output_is_that_of_sops(case: Case) -> None:
    opened = ours.opened(case.read("encrypted"), "binary", *case.keys)
    assert extract.convert(opened, "binary", None) == case.read("decrypted") == case.read("plain")


@pytest.mark.parametrize("case", [case for case in READABLE if case.format != "binary"], ids=name)
def test_plain_file_comes_back_exactly(case: Case) -> None:
    plain = case.read("plain")
    encrypted = encrypt_operation.encrypt(plain, case.format, _plan(case), ours.ring(*case.keys), ours.NOW)
    assert ours.decrypt(encrypted, case.format, *case.keys) == plain


@pytest.mark.parametrize("case", REFUSED, ids=name)
def test_what_sops_refuses_is_refused_with_its_exit_code(case: Case) -> None:
    with pytest.raises(SopsError) as caught:
        ours.encrypt(case.read("plain"), case.format)
    assert caught.value.exit_code == case.about["encrypt_exit"]


@pytest.mark.parametrize("keys", list(itertools.combinations(("age1", "age2", "age3"), 2)), ids="-".join)
def test_two_of_three_shares_open_the_file(keys: tuple[str, ...]) -> None:
    case = Case(env.VECTORS / "yaml-shamir-2-of-3")
    assert b"sops" not in ours.decrypt(case.read("encrypted"), "yaml", *keys)


def test_one_of_three_shares_does_not() -> None:
    case = Case(env.VECTORS / "yaml-shamir-2-of-3")
    with pytest.raises(DataKeyError) as caught:
        ours.decrypt(case.read("encrypted"), "yaml", "age2")
    assert caught.value.exit_code == 128


def test_either_recipient_opens_the_file() -> None:
    encrypted = Case(env.VECTORS / "yaml-two-recipients").read("encrypted")
    assert ours.decrypt(encrypted, "yaml", "age1") == ours.decrypt(encrypted, "yaml", "age2")
    with pytest.raises(DataKeyError):
        ours.decrypt(encrypted, "yaml", "age3")


def test_files_of_sops_have_no_layout_hint() -> None:
    assert not any(LAYOUT_KEY.encode() in case.read("encrypted") for case in READABLE)


def test_without_identities_nothing_opens() -> None:
    with pytest.raises(DataKeyError):
        decrypt_operation.decrypt(Case(env.VECTORS / "json-basic").read("encrypted"), "json", KeyRing({}))


def _fact(leaf: Leaf) -> tuple[object, ...]:
    """Keys, type and value; a whole float is printed as an integer by sops."""
    kind = "int" if leaf.type == "float" and _is_whole(leaf) else leaf.type
    return leaf.aad, kind, b"" if leaf.type == "null" else normal(leaf.type, leaf.stored)


def _is_whole(leaf: Leaf) -> bool:
    return normal("float", leaf.stored).lstrip(b"-").isdigit()


def _comments(opened: decrypt_operation.Decrypted) -> list[object]:
    in_lists = [leaf.stored for leaf in opened.document.leaves if leaf.type == "comment"]
    return in_lists + [leaf.stored or leaf.text for leaf in opened.document.comments]


def _plan(case: Case) -> Plan:
    """The plan that sops had, without the master keys that are no age keys."""
    config = case.folder / ".sops.yaml"
    if config.exists():
        found = load_config(str(config)).plan_for(str(case.folder / f"plain.{case.about['ext']}"), ours.NOW)
        assert found is not None
        return Plan(
            [[key for key in group if key.kind == "age"] for group in found.groups], found.threshold, found.options
        )
    pairs = list(itertools.pairwise(case.about["args"]))
    texts = {OPTIONS[flag]: value for flag, value in pairs if flag in OPTIONS}
    recipients = [env.recipient(who[1:]) for flag, whom in pairs if flag == "--age" for who in whom.split(",")]
    return Plan([[MasterKey("age", {"recipient": who}) for who in recipients]], 0, Options(**texts))
