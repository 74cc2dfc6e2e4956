"""Aliases that multiply ("billion laughs") and aliases that hold themselves: refused at the line, and at once."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import FILES, block
from tests.support import env

if TYPE_CHECKING:
    from tests.hostile.attack import Stage

BOMBS = ["lists.yaml", "mappings.yaml", "merges.yaml"]
RECURSIVE = ["recursive-list.yaml", "recursive-mapping.yaml", "recursive-merge.yaml", "two-steps.yaml"]


def little() -> None:
    """A gigabyte and a minute: a bomb that goes off needs more of either."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def text(name: str) -> str:
    return (FILES / "aliases" / name).read_text()


@pytest.mark.parametrize("name", BOMBS)
def test_bomb(stage: Stage, name: str) -> None:
    stage.put("f.yaml", text(name))
    done = stage.run("encrypt", "--age", env.recipient(), "f.yaml", before=little)
    done.refused(2, "f.yaml:", "aliases expand to too many values")


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_in_an_encrypted_file(stage: Stage, sealed: str, name: str) -> None:
    stage.put("f.yaml", text(name) + block(sealed))
    stage.run("decrypt", "f.yaml", before=little).refused(1, "f.yaml:", "aliases expand to too many values")


def test_bomb_in_the_metadata(stage: Stage) -> None:
    stage.put("f.yaml", text("metadata.yaml"))
    stage.run("decrypt", "f.yaml", before=little).refused(1, "f.yaml:", "aliases expand to too many values")


@pytest.mark.parametrize("name", RECURSIVE)
def test_recursive(stage: Stage, sealed: str, name: str) -> None:
    stage.encrypt(text(name)).refused(2, "f.yaml:", "refers to itself")
    stage.decrypt(text(name) + block(sealed)).refused(1, "f.yaml:", "refers to itself")


def test_recursive_metadata(stage: Stage) -> None:
    stage.decrypt(text("recursive-metadata.yaml")).refused(1, "f.yaml:3:", "refers to itself")


def test_many_aliases_are_no_bomb(stage: Stage) -> None:
    plain = "b: &b v\n" + "".join(f"k{number}: *b\n" for number in range(2000))
    stage.encrypt(plain).worked()
    assert stage.run("decrypt", "f.yaml").worked().decode() == plain
