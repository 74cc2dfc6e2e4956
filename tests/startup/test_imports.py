"""What a hot command loads: nothing dear, and no module of ours that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import env

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2\n"
DEAR = frozenset(
    (
        *("typer", "click", "rich", "ruamel", "yaml", "dataclasses", "inspect", "typing", "re", "json", "pathlib"),
        *("subprocess", "asyncio", "email", "urllib", "logging", "importlib.metadata", "hashlib", "datetime", "enum"),
        *("tempfile", "shutil", "ctypes", "threading", "cryptography.hazmat.primitives.ciphers.aead"),
        *("re2", "functools", "collections", "importlib"),
    )
)
MOST = {"decrypt": 35, "encrypt": 44}
"""Modules of ours; a new one needs a reason."""

_SCRIPT = """
import os, sys
sys.path[:0] = {paths!r}
before = set(sys.modules)
real = os._exit
def leave(code):
    sys.stderr.write("\\n".join(sorted(set(sys.modules) - before)))
    sys.stderr.flush()
    real(code)
os._exit = leave
from sopspy.cli.main import entry
entry()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a rule, a plain Secret and an encrypted one."""
    found = tmp_path_factory.mktemp("startup")
    (found / ".sops.yaml").write_text(
        f"creation_rules:\n  - encrypted_regex: ^(data|stringDat.)$\n    age: {env.recipient()}\n"
    )
    (found / "plain.yaml").write_text(SECRET)
    (found / "sealed.yaml").write_bytes(run(found, "encrypt", "plain.yaml")[0])
    return found


def run(folder: Path, *words: str, flags: tuple[str, ...] = ("-I", "-S")) -> tuple[bytes, set[str]]:
    """Standard output of a command, and the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, *flags, "-c", _SCRIPT.format(paths=[str(ROOT), *sys.path]), *words],
        cwd=folder,
        env=env.scrubbed(folder),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout, set(done.stderr.decode().split("\n"))


@pytest.mark.parametrize(("command", "file"), [("decrypt", "sealed.yaml"), ("encrypt", "plain.yaml")])
def test_a_hot_command_loads_nothing_dear(folder: Path, command: str, file: str) -> None:
    loaded = run(folder, command, file)[1]
    assert "sopspy.operations." + command in loaded
    assert sorted(loaded & DEAR) == []


@pytest.mark.parametrize(("command", "file"), [("decrypt", "sealed.yaml"), ("encrypt", "plain.yaml")])
def test_a_hot_command_loads_no_more_of_ours_than_it_needs(folder: Path, command: str, file: str) -> None:
    ours = {name for name in run(folder, command, file)[1] if name.split(".")[0] == "sopspy"}
    assert len(ours) <= MOST[command], sorted(ours)


def test_a_line_without_a_command_costs_one_module_more(folder: Path) -> None:
    loaded = run(folder, "-d", "sealed.yaml")[1]
    assert sorted(loaded & DEAR) == []
    assert loaded - run(folder, "decrypt", "sealed.yaml")[1] == {"sopspy.cli.commands.legacy"}


def test_the_library_costs_nothing_before_it_is_used() -> None:
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import sopspy; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if name.startswith("sopspy")] == ["sopspy"]


def test_the_public_ways_give_the_same(folder: Path) -> None:
    """Without the lean imports: what an interpreter or a package does in which they do not work."""
    script = (
        f"import sys; sys.path[:0] = {[str(ROOT), *sys.path]!r}\n"
        "from sopspy import fast\n"
        "fast.lean = False\n"
        "from sopspy.cli.main import main\n"
        "import os; sys.exit(main(sys.argv[1:], os.environ))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, "decrypt", "sealed.yaml"],
        cwd=folder,
        env=env.scrubbed(folder),
        capture_output=True,
    )
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, SECRET, b"")
    assert run(folder, "decrypt", "sealed.yaml")[0].decode() == SECRET
