"""Metadata in flat names: names of a thousand steps, a hundred thousand names, and files cut off or moved about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import SECRET

if TYPE_CHECKING:
    from tests.hostile.attack import Stage

FILES = {
    "f.env": (f"# c\nA={SECRET}\nB=two\n", "sops_{}=1\n"),
    "f.ini": (f"; c\n[s]\nA = {SECRET}\nB = two\n", "{} = 1\n"),
}


def sealed(stage: Stage, name: str) -> str:
    stage.encrypt(FILES[name][0], name).worked()
    return (stage.folder / name).read_text()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("step", ["__map_a", "__list_0"])
def test_a_name_of_many_steps(stage: Stage, name: str, step: str) -> None:
    text = sealed(stage, name) + FILES[name][1].format("x" + step * 100_000)
    stage.put(name, text)
    stage.run("decrypt", name).refused(1, name, "more than 32 steps")


@pytest.mark.parametrize("name", FILES)
def test_many_names_that_nobody_knows(stage: Stage, name: str) -> None:
    text = sealed(stage, name) + "".join(FILES[name][1].format(f"x__map_{number}") for number in range(50_000))
    stage.put(name, text)
    assert stage.run("decrypt", name).worked().decode() == FILES[name][0]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("index", ["9", "999999999", "99999999999999999999999", "-1"])
def test_a_list_with_a_gap(stage: Stage, name: str, index: str) -> None:
    stage.put(name, sealed(stage, name).replace("__list_0", f"__list_{index}"))
    stage.run("decrypt", name).refused(1, name, "list")


@pytest.mark.parametrize("name", FILES)
def test_cut_off(stage: Stage, name: str) -> None:
    text = sealed(stage, name)
    for length in range(len(text) - 2, 0, -97):
        stage.put(name, text[:length])
        done = stage.run("decrypt", name)
        assert done.code in (1, 25, 51)
        done.refused(done.code, name)


@pytest.mark.parametrize("name", FILES)
def test_a_value_in_another_place(stage: Stage, name: str) -> None:
    text = sealed(stage, name)
    tokens = re.findall(r"^[AB] ?= ?(.*)$", text, re.M)
    stage.put(name, text.replace(tokens[0], tokens[1]))
    stage.run("decrypt", name).refused(25, name, "A")
    stage.put(name, re.sub(r"(?m)^B ?= ?.*\n", "", text))
    stage.run("decrypt", name).refused(51, name)
