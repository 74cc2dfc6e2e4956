"""The wheel: the same bytes whenever it is built, and bytecode for file systems on which nothing can be compiled."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAG = sys.implementation.cache_tag
BARE = {"PYTHONDONTWRITEBYTECODE": "1"}
_FROM = ("-c", "import sopspy.metadata")


def build(folder: Path) -> Path:
    """Build the wheel with the backend that is installed."""
    code = f"import hatchling.build, os; os.chdir({str(ROOT)!r}); print(hatchling.build.build_wheel({str(folder)!r}))"
    environ = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A folder for `sys.path` as an installer that compiles nothing leaves it."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    return tmp_path


def test_it_is_for_every_python_and_the_same_each_time(wheel: Path, tmp_path: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_every_module_has_bytecode_without_a_path_of_the_machine(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        sources = {name for name in names if name.endswith(".py")}
        compiled = {name for name in names if name.endswith(".pyc")}
        assert compiled == {_cached(name) for name in sources}
        assert not any(str(ROOT).encode() in archive.read(name) for name in compiled)


def test_bytecode_is_used_as_it_is(installed: Path) -> None:
    done = subprocess.run([sys.executable, "-v", *_FROM], cwd=installed, env=BARE, capture_output=True, text=True)
    assert f"code object from '{installed}/{_cached('sopspy/metadata.py')}'" in done.stderr


def test_a_changed_source_is_compiled_anew(installed: Path) -> None:
    with (installed / "sopspy" / "metadata.py").open("a") as file:
        file.write("\nprint('changed')\n")
    done = subprocess.run([sys.executable, *_FROM], cwd=installed, env=BARE, capture_output=True, text=True)
    assert done.stdout.startswith("changed")


def _cached(name: str) -> str:
    folder, _, base = name.rpartition("/")
    return f"{folder}/__pycache__/{base.removesuffix('.py')}.{TAG}.pyc"
