"""Whoever can write the repository but has no identity: what is caught, and what no reader of sops files can catch.

docs/threat-model.md names these tests. The second half shows limits of the format: a test that fails there is good
news, and a line to change on that page.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import SECRET, encrypted, token
from tests.support import env

if TYPE_CHECKING:
    from tests.hostile.attack import Stage

JSON = ("--output-type", "json")
CLEAR = f"""\
name: db
one: "12"
two: "3"
number: 1
list:
    - a
password: {SECRET}
"""


@pytest.fixture(scope="module")
def mixed() -> str:
    """A file of which only the password is encrypted."""
    return encrypted(CLEAR, encrypted_regex="^password$")


def slipped_in(sealed: str) -> str:
    """The file with a second recipient: the entry of the first one under another name."""
    entry = sealed[sealed.index("        - enc: |") : sealed.index("    lastmodified:")]
    return sealed.replace(entry, entry + entry.replace(env.recipient(), env.recipient("age2")))


@pytest.mark.parametrize("option", ["encrypted_regex: ^nothing$", "unencrypted_regex: .", "encrypted_suffix: _x"])
def test_options_loosened_over_values_that_are_there(stage: Stage, sealed: str, option: str) -> None:
    text = re.sub(r"(?m)^    unencrypted_suffix: .*$", f"    {option}", sealed)
    assert text != sealed
    stage.decrypt(text).refused(51, "f.yaml", "MAC mismatch")


@pytest.mark.parametrize(
    ("was", "now"), [("name: db", "name: other"), ("number: 1", "number: 2"), ("- a", "- a\n    - b")]
)
def test_value_in_clear_changed(stage: Stage, mixed: str, was: str, now: str) -> None:
    stage.decrypt(mixed.replace(was, now, 1)).refused(51, "f.yaml", "MAC mismatch")


@pytest.mark.parametrize("words", [["set", "f.yaml", '["db"]["user"]', '"new"'], ["unset", "f.yaml", '["db"]["user"]']])
def test_recipient_slipped_in_gets_nothing_from_a_change(stage: Stage, sealed: str, words: list[str]) -> None:
    path = stage.put("f.yaml", slipped_in(sealed))
    stage.run(*words).worked()
    assert env.recipient("age2") in path.read_text()
    stage.run("decrypt", "f.yaml", environ={"SOPS_AGE_KEY": env.identity("age2")}).refused(128)


class TestNotCaught:
    def test_whole_file_made_by_somebody_else(self, stage: Stage) -> None:
        """A recipient is public, and a MAC proves a data key, not an author."""
        forged = encrypted("db:\n    password: chosen\n")
        assert stage.decrypt(forged).worked() == b"db:\n    password: chosen\n"

    def test_older_version(self, stage: Stage, sealed: str) -> None:
        path = stage.put("f.yaml", sealed)
        stage.run("set", "f.yaml", '["db"]["password"]', '"new"').worked()
        assert path.read_text() != sealed
        assert SECRET.encode() in stage.decrypt(sealed).worked()

    def test_file_under_another_name(self, stage: Stage, sealed: str) -> None:
        assert SECRET.encode() in stage.decrypt(sealed, "production/db.yaml").worked()

    @pytest.mark.parametrize(
        ("was", "now"),
        [
            ("name: db", "alias: db"),
            ('one: "12"\ntwo: "3"', 'one: "1"\ntwo: "23"'),
            ("number: 1", 'number: "1"'),
            ("number: 1", "number: 1\nnothing: null\nempty: ''\nmapping: {}"),
            ("number: 1", "# drop the firewall\nnumber: 1"),
        ],
    )
    def test_change_that_the_mac_does_not_cover(self, stage: Stage, mixed: str, was: str, now: str) -> None:
        assert was in mixed
        assert stage.decrypt(mixed.replace(was, now, 1)).worked().decode() == CLEAR.replace(was, now, 1)

    def test_comment_removed(self, stage: Stage, sealed: str) -> None:
        assert SECRET.encode() in stage.decrypt(sealed[sealed.index("\n") + 1 :]).worked()

    def test_type_of_an_encrypted_value(self, stage: Stage) -> None:
        """The text 5432 becomes the number: neither the tag nor the MAC covers the word behind `type:`."""
        sealed = encrypted('port: "5432"\n')
        whole = sealed[sealed.index("ENC[") : sealed.index(']"')]
        done = stage.decrypt(sealed.replace(whole, whole.replace("type:str", "type:int"), 1), "f.yaml", *JSON)
        assert b'"port": 5432' in done.worked()
        assert b'"port": "5432"' in stage.decrypt(sealed, "f.yaml", *JSON).worked()

    def test_recipient_in_the_creation_rule(self, stage: Stage, sealed: str) -> None:
        stage.put("f.yaml", slipped_in(sealed))
        stage.put(".sops.yaml", f"creation_rules:\n  - age: {env.recipient()},{env.recipient('age2')}\n")
        stage.run("rotate", "-i", "f.yaml").worked()
        done = stage.run("decrypt", "f.yaml", environ={"SOPS_AGE_KEY": env.identity("age2")})
        assert SECRET.encode() in done.worked()

    def test_values_in_clear_under_mac_only_encrypted(self, stage: Stage) -> None:
        sealed = encrypted(CLEAR, encrypted_regex="^password$", mac_only=True)
        assert b"name: other" in stage.decrypt(sealed.replace("name: db", "name: other")).worked()


def test_what_an_encrypted_file_shows() -> None:
    """Keys, types, lengths, what is empty; but not which values are equal."""
    text = encrypted("# why\nyes: true\nno: false\none: same\ntwo: same\nnone: null\nempty: ''\nlist: [a, bcd]\n")
    assert [line.partition(":")[0] for line in text.splitlines()[1:9]] == [
        *("yes", "no", "one", "two", "none", "empty", "list", "sops"),
    ]
    assert "none: null" in text
    assert "empty: ''" in text
    lengths = {key: len(re.findall(r"data:([^,]*)", token(text, key))[0].rstrip("=")) for key in ("yes", "no", "one")}
    assert lengths["yes"] < lengths["no"]
    assert token(text, "yes").endswith(",type:bool]")
    assert token(text, "one") != token(text, "two")
    assert env.recipient() in text
