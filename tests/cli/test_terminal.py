"""What happens on a terminal: colours, the editor's question, giving up with Ctrl-C."""

from __future__ import annotations

import contextlib
import subprocess
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.cli.stage import ALICE, prepare

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    home, folder = tmp_path / "home", tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "f.yaml").write_text("a: 1\n")
    made = {**prepare(home), "TERM": "xterm"}
    subprocess.run(["sopspy", "encrypt", "-i", "--age", ALICE, "f.yaml"], env=made, check=True)
    return made


def start(line: str, environ: dict[str, str]) -> pexpect.spawn[str]:
    return pexpect.spawn("/bin/sh", ["-c", f"exec {line}"], env=environ, encoding="utf-8", timeout=30)


def finish(child: pexpect.spawn[str]) -> str:
    child.expect(pexpect.EOF)
    child.wait()
    return child.before or ""


def test_errors_are_coloured_on_a_terminal_unless_that_is_not_wanted(environ: dict[str, str]) -> None:
    assert "\x1b[1;31merror:\x1b[0m" in finish(start("sopspy decrypt missing.yaml", environ))
    assert "\x1b" not in finish(start("sopspy decrypt missing.yaml", {**environ, "NO_COLOR": "1"}))
    assert "\x1b" not in finish(start("sopspy decrypt missing.yaml", {**environ, "TERM": "dumb"}))


def test_help_on_a_terminal(environ: dict[str, str]) -> None:
    assert "--ignore-mac" in finish(start("sopspy help decrypt", {**environ, "TERM": "dumb"}))
    coloured = finish(start("sopspy help decrypt", environ))
    assert "\x1b[36m" in coloured or "\x1b[1;36m" in coloured
    assert "36m" not in finish(start("sopspy help decrypt", {**environ, "NO_COLOR": "1"}))


def test_a_mistake_in_the_editor_and_ctrl_c_at_the_question(environ: dict[str, str]) -> None:
    with open("f.yaml", "rb") as file:
        before = file.read()
    child = start("sopspy edit f.yaml", {**environ, "EDITOR": "sed -i s/a:/[/"})
    child.expect("Press enter")
    child.sendintr()
    told = finish(child)
    assert "user canceled operation" in told.lower()
    assert child.exitstatus == 1
    with open("f.yaml", "rb") as file:
        assert file.read() == before


def test_a_mistake_in_the_editor_that_is_mended(environ: dict[str, str]) -> None:
    breaks_then_mends = 'if grep -q a: "$1"; then echo "[" > "$1"; else echo "b: 2" > "$1"; fi'
    with open("editor.sh", "w") as file:
        file.write(breaks_then_mends)
    child = start("sopspy edit f.yaml", {**environ, "EDITOR": "sh editor.sh"})
    child.expect("Press enter")
    child.sendline()
    finish(child)
    assert child.exitstatus == 0
    shown = subprocess.run(["sopspy", "decrypt", "f.yaml"], env=environ, capture_output=True, text=True, check=True)
    assert shown.stdout == "b: 2\n"


@pytest.mark.parametrize("leave", ["ctrl-c", "hang-up"])
def test_giving_up_after_a_conflict_keeps_the_text_sealed_beside_the_file(environ: dict[str, str], leave: str) -> None:
    with open("editor.sh", "w") as file:
        file.write("sopspy set f.yaml '[\"a\"]' 2; echo 'a: mine' > \"$1\"")
    child = start("sopspy edit f.yaml", {**environ, "EDITOR": "sh editor.sh"})
    child.expect("has changed the file meanwhile")
    child.expect("your text is kept, encrypted: sopspy decrypt .* f.yaml.conflict")
    child.expect("Press enter")
    if leave == "ctrl-c":
        child.sendintr()
        assert "canceled" in finish(child)
    else:
        with contextlib.suppress(pexpect.ExceptionPexpect):  # it may take longer than that waits
            child.close(force=False)  # SIGHUP
    words = ["sopspy", "decrypt", "--filename-override", "f.yaml"]
    for name, text in (("f.yaml", "a: 2\n"), ("f.yaml.conflict", "a: mine\n")):
        assert subprocess.run([*words, name], env=environ, capture_output=True, text=True).stdout == text
    with open("f.yaml.conflict") as file:
        assert "mine" not in file.read()
