"""Standard streams that are closed: a file that the command opens must not become its standard output."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import PLAIN
from tests.support import env

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.attack import Stage


def closing(numbers: tuple[int, ...]) -> Callable[[], None]:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (0, 1, 2)])
def test_encrypt_in_place_writes_nothing_else_into_the_file(stage: Stage, closed: tuple[int, ...]) -> None:
    path = stage.put("f.yaml", PLAIN)
    assert stage.run("encrypt", "-i", "--age", env.recipient(), "f.yaml", before=closing(closed)).code == 0
    assert stage.run("decrypt", "f.yaml").worked() == PLAIN.encode()
    assert os.listdir(path.parent) == ["f.yaml"]


def test_the_message_never_goes_into_the_file(stage: Stage) -> None:
    path = stage.put("f.yaml", "a: [\n")
    assert stage.run("encrypt", "-i", "--age", env.recipient(), "f.yaml", before=closing((0, 1, 2))).code != 0
    assert path.read_text() == "a: [\n"


def test_decrypt_without_a_standard_output_says_so(stage: Stage) -> None:
    sealed = stage.encrypt(PLAIN)
    assert sealed.code == 0
    done = stage.run("decrypt", "f.yaml", before=closing((1,)))
    assert done.code != 0
    done.refused(done.code, "standard output")
