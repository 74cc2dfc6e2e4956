"""A crash of a command must not write its memory, which holds secrets, to a disk."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import env

ROOT = Path(__file__).parents[2]


def allow() -> None:
    """As many core dumps as the system lets us ask for."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def soft_limit(script: str, *words: str) -> int:
    """The limit, in bytes, of a process when it leaves, that began with all that is allowed; -1 for no limit."""
    told = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import resource\n"
        "real = os._exit\n"
        "def leave(code):\n"
        "    print(resource.getrlimit(resource.RLIMIT_CORE)[0], file=sys.stderr, flush=True)\n"
        "    real(code)\n"
        "os._exit = leave\n"
        f"{script}"
    )
    done = subprocess.run(
        [sys.executable, "-c", told, *words],
        env=env.scrubbed(ROOT),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=allow,
    )
    return int(done.stderr.split("\n")[-2])


ALLOWED = soft_limit("leave(0)")
"""What a process here has without us: a system that allows no dumps at all gives 0."""


@pytest.mark.parametrize("command", ["decrypt", "encrypt", "set", "rotate"])
def test_no_command_can_leave_a_core_dump(command: str) -> None:
    found = soft_limit("from sopspy.cli.main import entry; entry()", command, "there-is-none.yaml")
    assert found == (1 if ALLOWED else 0)


def test_the_kustomize_plugin_neither() -> None:
    found = soft_limit("from sopspy.cli.krm import entry; entry()", "there-is-none.yaml")
    assert found == (1 if ALLOWED else 0)


def test_the_limits_of_a_program_that_uses_the_library_stay() -> None:
    found = soft_limit("import sopspy\nsopspy.is_encrypted(b'a: 1')\nleave(0)")
    assert found == ALLOWED
