"""A disk that is full during the write of a command: exit 3, the old file whole, nothing else left."""

from __future__ import annotations

import os
import resource
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import PLAIN
from tests.support import env

if TYPE_CHECKING:
    from tests.hostile.attack import Stage


def full() -> None:
    """No file may grow beyond a few bytes, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    "words",
    [
        ["decrypt", "-i", "f.yaml"],
        ["rotate", "-i", "f.yaml"],
        ["set", "f.yaml", '["db"]["user"]', '"x"'],
        ["unset", "f.yaml", '["list"]'],
        ["encrypt", "-i", "--age", env.recipient(), "p.yaml"],
        ["decrypt", "--output", "new.yaml", "f.yaml"],
        ["decrypt", "--output", "p.yaml", "f.yaml"],
        ["encrypt", "--age", env.recipient(), "--output", "new.yaml", "p.yaml"],
    ],
)
def test_command(stage: Stage, sealed: str, words: list[str]) -> None:
    stage.put("f.yaml", sealed)
    stage.put("p.yaml", PLAIN)
    stage.run(*words, before=full).refused(3, "cannot be written: file too large", "hint: free some space")
    assert (stage.folder / "f.yaml").read_text() == sealed
    assert (stage.folder / "p.yaml").read_text() == PLAIN
    assert sorted(os.listdir(stage.folder)) == ["f.yaml", "p.yaml"]


def test_standard_output(stage: Stage, sealed: str) -> None:
    stage.put("f.yaml", sealed)
    with open("/dev/full", "wb") as device:
        done = stage.run("decrypt", "f.yaml", before=lambda: os.dup2(device.fileno(), 1) and None)
    done.refused(1, "standard output: cannot be written: no space left on device")
