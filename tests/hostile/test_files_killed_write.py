"""A process that is killed at any line of a write: the target is whole, and the next write cleans up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# One process forks a child for every line that the write executes, and the child kills itself right before it.
_KILLER = f"""
import json, os, shutil, signal, sys
sys.path.insert(0, {str(ROOT)!r})
from sopspy.files import atomic, inplace, temporary

kind, function, work = sys.argv[1:]
OLD, NEW = b"old ENC[AES256_GCM," * 3000, b"new ENC[AES256_GCM," * 5000
OURS = {{module.__file__ for module in (atomic, inplace, temporary)}}
if "named" in kind:
    vars(os).pop('O_TMPFILE', 0)

def killed_before(line, action):
    seen = 0
    def trace(frame, event, _):
        nonlocal seen
        if frame.f_code.co_filename not in OURS:
            return None
        if event == "line":
            seen += 1
            if seen == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    child = os.fork()
    if child == 0:
        sys.settrace(trace)
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def write():
    getattr(atomic, function)(work + "/f", NEW)

def content(name):
    with open(os.path.join(work, name), "rb") as file:
        return {{OLD: "old", NEW: "new"}}.get(file.read(), "torn")

steps = []
while True:
    shutil.rmtree(work, ignore_errors=True)
    os.mkdir(work)
    if "fresh" not in kind:
        with open(work + "/f", "wb") as file:
            file.write(OLD)
    if "linked" in kind:
        os.link(work + "/f", work + "/g")
    status = killed_before(len(steps) + 1, write)
    step = {{name: content(name) for name in os.listdir(work)}}
    step["modes"] = [os.stat(os.path.join(work, name)).st_mode & 0o077 for name in step if name.startswith(".")]
    killed_before(-1, write)
    step["afterwards"] = sorted(os.listdir(work))
    steps.append(step)
    if status == 0:
        break
json.dump(steps, sys.stdout)
"""


def kill_everywhere(kind: str, function: str, work: Path) -> list[dict[str, object]]:
    """For each line of the write: what each file holds after the kill, and which files are there after the next."""
    done = subprocess.run([sys.executable, "-c", _KILLER, kind, function, str(work)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    steps: list[dict[str, object]] = json.loads(done.stdout)
    assert len(steps) > 60
    return steps


@pytest.mark.parametrize("function", ["write_encrypted", "write_plaintext"])
@pytest.mark.parametrize("kind", ["replace", "replace-named"])
def test_replaced_file_is_old_or_new(tmp_path: Path, kind: str, function: str) -> None:
    steps = kill_everywhere(kind, function, tmp_path / "work")
    assert {step["f"] for step in steps} == {"old", "new"}
    assert all(step["afterwards"] == ["f"] for step in steps)
    assert steps[-1] == {"f": "new", "modes": [], "afterwards": ["f"]}


@pytest.mark.parametrize("kind", ["fresh", "fresh-named"])
def test_new_plaintext_appears_whole_and_nobody_else_can_read_what_is_left(tmp_path: Path, kind: str) -> None:
    steps = kill_everywhere(kind, "write_plaintext", tmp_path / "work")
    assert {step.get("f", "none") for step in steps} == {"none", "new"}
    assert {mode for step in steps for mode in step["modes"]} == {0}  # type: ignore[attr-defined]
    assert all(step["afterwards"] == ["f"] for step in steps)


def test_unnamed_plaintext_is_on_no_name_until_it_is_whole(tmp_path: Path) -> None:
    steps = kill_everywhere("fresh", "write_plaintext", tmp_path / "work")
    assert "torn" not in {what for step in steps for what in step.values() if isinstance(what, str)}


@pytest.mark.parametrize(("function", "kept"), [("write_encrypted", "new"), ("write_plaintext", "old")])
def test_file_with_two_links_is_whole_or_has_a_whole_copy(tmp_path: Path, function: str, kept: str) -> None:
    steps = kill_everywhere("linked", function, tmp_path / "work")
    assert {step["f"] for step in steps} == {"old", "new", "torn"}  # in place: that is why there is a copy
    assert all(step["f"] == step["g"] for step in steps)
    for step in steps:
        copies = [what for name, what in step.items() if name.startswith("f.sopspy-")]
        assert step["f"] != "torn" or copies == [kept]
    assert {"f", "g", "modes", "afterwards"} == set(steps[-1])
