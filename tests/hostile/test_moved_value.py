"""Values that were moved, swapped, copied, renamed or removed: each is bound to its path, and all to the MAC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import encrypted, token

if TYPE_CHECKING:
    from tests.hostile.attack import Stage


def test_swapped(stage: Stage, sealed: str) -> None:
    one, other = token(sealed, "user"), token(sealed, "password")
    text = sealed.replace(one, "HERE").replace(other, one).replace("HERE", other)
    stage.decrypt(text).refused(25, "f.yaml:3:11: ", "moved from another path", "(db: user)")


def test_renamed(stage: Stage, sealed: str) -> None:
    stage.decrypt(sealed.replace("password:", "passwd:")).refused(25, "f.yaml:4:13: ", "(db: passwd)")


def test_copied(stage: Stage, sealed: str) -> None:
    whole = token(sealed, "password")
    text = sealed.replace(whole, f"{whole}\n    again: {whole}")
    stage.decrypt(text).refused(25, "f.yaml:5:12: ", "(db: again)")


def test_moved_to_another_mapping(stage: Stage, sealed: str) -> None:
    line = f"    password: {token(sealed, 'password')}\n"
    text = sealed.replace(line, "").replace("list:", f"other:\n{line}list:")
    stage.decrypt(text).refused(25, "f.yaml:", "(other: password)")


def test_removed(stage: Stage, sealed: str) -> None:
    text = sealed.replace(f"    password: {token(sealed, 'password')}\n", "")
    stage.decrypt(text).refused(51, "f.yaml", "MAC mismatch", "--ignore-mac f.yaml")
    done = stage.decrypt(text, "f.yaml", "--ignore-mac")
    assert b"user: admin" in done.worked()


def test_added_in_clear(stage: Stage, sealed: str) -> None:
    text = sealed.replace("list:", "    role: root\nlist:")
    stage.decrypt(text).refused(25, "f.yaml:8:11: ", "not encrypted", "(db: role)")


@pytest.mark.parametrize("key", ["x_unencrypted", '"x_unencrypted"'])
def test_added_where_nothing_is_encrypted(stage: Stage, sealed: str, key: str) -> None:
    stage.decrypt(f"{key}: root\n{sealed}").refused(51, "f.yaml", "MAC mismatch")


def test_list_entries_in_another_order(stage: Stage, sealed: str) -> None:
    lines = sealed.splitlines(keepends=True)
    at = lines.index("list:\n")
    lines[at + 1], lines[at + 2] = lines[at + 2], lines[at + 1]
    stage.decrypt("".join(lines)).refused(51, "f.yaml", "MAC mismatch")


def test_value_of_another_file(stage: Stage, sealed: str) -> None:
    other = token(encrypted(), "password")
    stage.decrypt(sealed.replace(token(sealed, "password"), other)).refused(25, "f.yaml:4:15: ", "(db: password)")


def test_metadata_of_another_file(stage: Stage, sealed: str) -> None:
    other = encrypted()
    text = sealed[: sealed.index("\nsops:")] + other[other.index("\nsops:") :]
    stage.decrypt(text).refused(25, "f.yaml:3:11: ", "(db: user)")


@pytest.mark.parametrize("again", ["user: x", "user:"])
def test_key_that_stands_twice(stage: Stage, sealed: str, again: str) -> None:
    stage.decrypt(sealed.replace("    port:", f"    {again}\n    port:")).refused(1, "f.yaml:5:5: ", "twice", "(user)")


def test_json_key_that_stands_twice_is_bound_to_the_mac(stage: Stage) -> None:
    text = encrypted('{"a": "v", "b": "w"}', "json")
    whole = text[text.index("ENC[") : text.index(']"') + 1]
    stage.decrypt(text.replace('"b"', f'"a": "{whole}", "b"', 1), "f.json").refused(51, "f.json", "MAC mismatch")
