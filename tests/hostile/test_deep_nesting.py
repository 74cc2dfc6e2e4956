"""Collections in collections: 1,000 levels simply work, more than 10,000 are refused, and nothing recurses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import block

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.attack import Stage

SHAPES: dict[str, tuple[str, Callable[[int], str]]] = {
    "flow lists": ("f.yaml", lambda levels: f"a: {'[' * levels}x{']' * levels}\n"),
    "flow mappings": ("f.yaml", lambda levels: f"a: {'{a: ' * levels}x{'}' * levels}\n"),
    "block lists": ("f.yaml", lambda levels: f"a:\n  {'- ' * levels}x\n"),
    "block mappings": (
        "f.yaml",
        lambda levels: "".join(f"{' ' * level}a:\n" for level in range(levels)) + " " * levels + "b: x\n",
    ),
    "json lists": ("f.json", lambda levels: f'{{"a": {"[" * levels}1{"]" * levels}}}\n'),
    "json objects": ("f.json", lambda levels: '{"a":' * levels + "1" + "}" * levels + "\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_thousand_levels_work(stage: Stage, shape: str) -> None:
    name, text = SHAPES[shape]
    plain = text(1000)
    stage.encrypt(plain, name).worked()
    assert stage.run("decrypt", name).worked().decode() == plain


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "block mappings"])
def test_too_many_levels(stage: Stage, shape: str) -> None:
    name, text = SHAPES[shape]
    stage.encrypt(text(10_001), name).refused(2, f"{name}:", "more than 10000 levels deep")


@pytest.mark.parametrize("shape", ["flow lists", "block lists", "json objects"])
def test_a_thousand_levels_are_changed(stage: Stage, shape: str) -> None:
    name, text = SHAPES[shape]
    stage.encrypt(text(1000), name).worked()
    stage.run("set", name, '["b"]', '"new"').worked()
    stage.run("rotate", "-i", name).worked()
    assert stage.run("decrypt", "--extract", '["b"]', name).worked() == b"new"
    stage.run("decrypt", "--output-type", "json" if name == "f.yaml" else "yaml", name).worked()


@pytest.mark.parametrize(("name", "text"), [("f.yaml", "a: " + "[" * 300_000), ("f.json", '{"a":' * 300_000)])
def test_never_closed(stage: Stage, name: str, text: str) -> None:
    stage.encrypt(text, name).refused(2, f"{name}:1:", "more than 10000 levels deep")


def test_metadata(stage: Stage, sealed: str) -> None:
    deep = block(sealed).replace("    version:", f"    x: {'[' * 10_001}{']' * 10_001}\n    version:")
    stage.decrypt(f"a: 1\n{deep}").refused(1, "f.yaml:", "more than 10000 levels deep")


def test_value_of_set(stage: Stage, sealed: str) -> None:
    path = stage.put("f.yaml", sealed)
    stage.run("set", "f.yaml", '["a"]', '{"a":' * 20_000 + "1" + "}" * 20_000).refused(7)
    assert path.read_text() == sealed


def test_extract_path(stage: Stage, sealed: str) -> None:
    stage.put("f.yaml", sealed)
    stage.run("decrypt", "--extract", "[0]" * 20_000, "f.yaml").refused(1, "f.yaml")
