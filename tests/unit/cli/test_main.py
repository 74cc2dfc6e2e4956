"""The program's edges: exit codes, what is told of an exception, and what a hot command loads of the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sopspy.cli import main as program
from sopspy.cli.commands import help as help_command

if TYPE_CHECKING:
    from sopspy.cli.parse import Request

ROOT = Path(__file__).parents[3]


def test_an_error_is_reported_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["decrypt", "no/such/file.yaml"], {}) == 100
    assert capsys.readouterr().err == "sopspy: error: no/such/file.yaml: no such file\n"


def test_a_wrong_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["frobnicate", "f.yaml"], {}) == 1
    assert capsys.readouterr().err.startswith('sopspy: error: unknown command "frobnicate"\n')


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
        (ValueError("hunter2"), 1, "sopspy: internal error: ValueError\n"),
        (MemoryError(), 1, "sopspy: internal error: MemoryError\n"),
    ],
)
def test_what_a_command_may_raise(
    raised: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(request: Request) -> int:
        raise raised

    monkeypatch.setattr(help_command, "run", fail)
    assert program.main(["help"], {}) == code
    err = capsys.readouterr().err
    assert err.startswith(told)
    assert bool(err) == bool(told)
    assert "hunter2" not in err


def test_the_version(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert program.main(["--version"], {}) == 0
    assert capfdbinary.readouterr().out.startswith(b"sopspy ")


def test_decrypt_loads_nothing_of_the_command_line_that_it_does_not_need() -> None:
    code = (
        "import sys; from sopspy.cli.main import main; code = main(['decrypt', 'no/such/file.yaml'], {});"
        "print(*sorted(name for name in sys.modules if name.startswith('sopspy.cli')))"
    )
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=path)
    assert done.stdout.split() == [
        "sopspy.cli",
        "sopspy.cli.commands",
        "sopspy.cli.commands.decrypt",
        "sopspy.cli.main",
        "sopspy.cli.parse",
        "sopspy.cli.report",  # for the error; a command that works does without it
        "sopspy.cli.spec",
    ]


DEAR = ("typing", "re", "json", "enum", "dataclasses", "pathlib", "typer", "rich", "inspect", "functools", "logging")


def test_the_parser_imports_nothing_dear() -> None:
    code = f"""
import sys
before = set(sys.modules)
from sopspy.cli.parse import parse
parse(["encrypt", "-i", "--age", "R", "f"], {{"SOPS_KEYSERVICE": "a,b"}})
print(*(name for name in {DEAR!r} if name in set(sys.modules) - before))
"""
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)})
    assert done.stdout.strip() == ""


def test_closed_streams_end_in_an_exit_code() -> None:
    launcher = [sys.executable, "-c", "from sopspy.cli.main import entry; entry()"]
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    for line, code in ((["--version"], 1), (["decrypt", "no/such/file"], 100)):
        command = ["/bin/sh", "-c", 'exec "$@" >&- 2>&-', "sh", *launcher, *line]
        assert subprocess.run(command, env=path, stdin=subprocess.DEVNULL).returncode == code
