"""What is no file, or no file for us: folders, missing files, forbidden files, and names made to mislead."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import PLAIN, ROOT
from tests.support import env

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.attack import Stage

TO = ["--age", env.recipient()]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["decrypt", "d"], 2),
        (["encrypt", *TO, "d"], 2),
        (["encrypt", "-i", *TO, "d"], 1),
        (["rotate", "d"], 2),
        (["set", "d", '["a"]', "1"], 2),
        (["unset", "d", '["a"]'], 2),
        (["edit", "d"], 2),
        (["decrypt", "no.yaml"], 100),
        (["decrypt", "no/where.yaml"], 100),
        (["encrypt", *TO, "no.yaml"], 100),
        (["rotate", "no.yaml"], 2),
        (["rotate", "--rm-age", env.recipient(), "no.yaml"], 49),
        (["set", "no.yaml", '["a"]', "1"], 2),
        (["unset", "no.yaml", '["a"]'], 2),
        (["decrypt", "f.yaml/x.yaml"], 2),
        (["decrypt", "loop.yaml"], 2),
        (["decrypt", "dangling.yaml"], 100),
        (["decrypt", f"{'x' * 300}.yaml"], 2),
        (["decrypt", "--output", "d", "e.yaml"], 3),
        (["decrypt", "--output", "no/x.yaml", "e.yaml"], 3),
        (["decrypt", "--output", "f.yaml/x", "e.yaml"], 3),
        (["encrypt", *TO, "--output", "d", "f.yaml"], 3),
        (["decrypt", "/dev/null"], 1),
        (["decrypt", "--input-type", "yaml", "/dev/null"], 1),
    ],
)
def test_refused(stage: Stage, sealed: str, words: list[str], code: int) -> None:
    stage.put("f.yaml", PLAIN)
    stage.put("e.yaml", sealed)
    (stage.folder / "d").mkdir()
    (stage.folder / "loop.yaml").symlink_to("loop.yaml")
    (stage.folder / "dangling.yaml").symlink_to("nowhere.yaml")
    before = sorted(os.listdir(stage.folder))
    target = (
        words[words.index("--output") + 1]
        if "--output" in words
        else next(word for word in words[1:] if word in ("d", "/dev/null") or ".yaml" in word)
    )
    stage.run(*words).refused(code, f"{target}:")
    assert sorted(os.listdir(stage.folder)) == before


def test_empty_name(stage: Stage) -> None:
    stage.run("decrypt", "").refused(2)


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A folder that another user may enter."""
    with tempfile.TemporaryDirectory(prefix="sopspy-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o700)


def unprivileged(folder: Path, *words: str) -> tuple[int, bytes, str]:
    """Run the program without special rights."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom sopspy.cli.main import entry; entry()"
    # Another user may not be allowed to read the interpreter: root stays root, without its rights over files.
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, sys.executable, "-c", script, *words],
        cwd=folder,
        env=env.scrubbed(folder / "home"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    return done.returncode, done.stdout, done.stderr.decode()


def test_no_permission_to_read(theirs: Path, sealed: str) -> None:
    (theirs / "f.yaml").write_text(sealed)
    (theirs / "f.yaml").chmod(0o000)
    code, out, err = unprivileged(theirs, "decrypt", "f.yaml")
    assert (code, out) == (2, b"")
    assert err.startswith("sopspy: error: f.yaml: cannot be read: permission denied")


@pytest.mark.parametrize(
    "words", [["rotate", "-i", "f.yaml"], ["decrypt", "-i", "f.yaml"], ["set", "f.yaml", '["a"]', "1"]]
)
def test_read_only_folder(theirs: Path, sealed: str, words: list[str]) -> None:
    (theirs / "f.yaml").write_text(sealed)
    theirs.chmod(0o555)
    code, out, err = unprivileged(theirs, *words)
    assert (code, out) == (3, b"")
    assert err.startswith("sopspy: error: f.yaml: cannot be written: permission denied")
    assert (theirs / "f.yaml").read_text() == sealed
    assert os.listdir(theirs) == ["f.yaml"]


def test_read_only_folder_for_output(theirs: Path, sealed: str) -> None:
    (theirs / "f.yaml").write_text(sealed)
    theirs.chmod(0o555)
    code, out, err = unprivileged(theirs, "decrypt", "--output", "new.yaml", "f.yaml")
    assert (code, out) == (3, b"")
    assert err.startswith("sopspy: error: new.yaml: cannot be written: permission denied")
    assert os.listdir(theirs) == ["f.yaml"]


NAMES = [
    "a b.yaml",
    "new\nline.yaml",
    "\x1b[31mred\x1b[0m.yaml",
    "\x1b]0;title\x07.yaml",
    "\r.yaml",
    "\u202eevil.yaml",
    "\udcff\udcfe.yaml",
    "$(touch x).yaml",
    "`touch x`.yaml",
    "q'uote.yaml",
    '"double".yaml',
    "*.yaml",
    "é.yaml",
    "a\\b.yaml",
    "%s{0}.yaml",
    "x" * 250 + ".yaml",
]


@pytest.mark.parametrize("name", NAMES)
def test_name(stage: Stage, sealed: str, name: str) -> None:
    path = stage.folder / name
    path.write_text(sealed)
    assert stage.run("decrypt", name).worked().decode() == PLAIN
    stage.run("rotate", "-i", name).worked()
    assert stage.run("decrypt", "-i", name).worked() == b""
    assert path.read_text() == PLAIN
    assert os.listdir(stage.folder) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_name_in_a_message(stage: Stage, sealed: str, name: str) -> None:
    (stage.folder / name).write_text(sealed.replace("data:", "data:A", 3))
    message = stage.run("decrypt", name).refused(25, ":3:11: ")
    assert all(char.isprintable() for char in message.replace("\n", ""))
    assert len(message.splitlines()) == 4


@pytest.mark.parametrize("name", ["-dash.yaml", "--age", "--ignore-mac", "-i", "--"])
def test_name_with_a_leading_dash(stage: Stage, sealed: str, name: str) -> None:
    (stage.folder / name).write_text(sealed)
    words = ["decrypt", "--input-type", "yaml", "--output-type", "yaml"]
    assert stage.run(*words, "--", name).worked().decode() == PLAIN
    assert stage.run(*words, f"./{name}").worked().decode() == PLAIN


def test_hint_for_a_name_with_a_leading_dash_is_no_option(stage: Stage, sealed: str) -> None:
    (stage.folder / "--output=x.yaml").write_text(sealed.replace("data:", "data:A", 3))
    message = stage.run("decrypt", "--", "--output=x.yaml").refused(25)
    hint = next(line for line in message.splitlines() if "git checkout" in line)
    assert " -- --output=x.yaml" in hint or " ./--output=x.yaml" in hint


def test_modes_survive(stage: Stage, sealed: str) -> None:
    path = stage.put("f.yaml", sealed)
    path.chmod(0o640)
    stage.run("rotate", "-i", "f.yaml").worked()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
