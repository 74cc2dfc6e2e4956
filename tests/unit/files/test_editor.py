"""Which editor, how it is run and how it may end. Scripts play the editors; real ones are in tests/hostile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sopspy.errors import EditorError
from sopspy.files.editor import choose

ROOT = Path(__file__).parents[3]

# Edits argv[1] with the content argv[2], says how it ended, and shows what the check was given.
_EDIT = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from sopspy.errors import ParseError, SopsError
from sopspy.files import editor
def check(text):
    if b"broken" in text:
        raise ParseError("not a mapping", line=2, column=3, hint="mind the colon")
    return text
try:
    result = editor.edit(sys.argv[1], os.fsencode(sys.argv[2]), check, os.environ)
except SopsError as err:
    print(type(err).__name__, err.exit_code, err.message, *err.hints, sep="|")
else:
    print(result)
"""


class Desk:
    """A folder with scripts that play editors, and the private folder's place."""

    def __init__(self, memory: Path, tmp_path: Path) -> None:
        self.memory = memory
        self.bin = tmp_path / "bin"
        self.bin.mkdir()
        self.log = tmp_path / "log"

    def program(self, name: str, body: str) -> str:
        """A script; `$f` is the file that it is to edit, `$log` a file that outlives it."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\nfor f in "$@"; do :; done\nlog={self.log}\n{body}\n')
        path.chmod(0o755)
        return str(path)

    def environ(self, **more: str) -> dict[str, str]:
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "XDG_RUNTIME_DIR": str(self.memory), "TMPDIR": str(self.memory), **more}

    def edit(self, body: str, *, content: str = "a: 1\n", stdin: str = "", name: str = "dir/db.yaml") -> list[str]:
        """The lines that the edit printed, with `body` as the editor; nothing of the text is left anywhere."""
        command = [sys.executable, "-c", _EDIT, name, content]
        environ = self.environ(EDITOR=self.program("ed", body))
        done = subprocess.run(command, env=environ, input=stdin, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert os.listdir(self.memory) == []
        self.errors = done.stderr.splitlines()
        return done.stdout.splitlines()


@pytest.fixture
def desk(memory: Path, tmp_path: Path) -> Desk:
    return Desk(memory, tmp_path)


class TestChoose:
    def test_order(self, desk: Desk) -> None:
        for name in ("one", "two", "three", "vim", "nano", "vi"):
            desk.program(name, "")
        variables = {"SOPS_EDITOR": "one", "EDITOR": "two", "VISUAL": "three"}
        for expected in ("one", "two", "three"):
            assert choose(desk.environ(**variables)) == [str(desk.bin / expected)]
            variables.pop(next(iter(variables)))
        for expected in ("vim", "nano", "vi"):
            assert choose({"PATH": str(desk.bin)})[0] == str(desk.bin / expected)
            (desk.bin / expected).unlink()
        with pytest.raises(EditorError, match="no editor: SOPS_EDITOR, EDITOR, VISUAL are not set") as caught:
            choose({"PATH": str(desk.bin)})
        assert caught.value.exit_code == 201

    def test_empty_variable_is_not_set(self, desk: Desk) -> None:
        desk.program("two", "")
        assert choose(desk.environ(SOPS_EDITOR="", EDITOR=" ", VISUAL="two")) == [str(desk.bin / "two")]

    def test_arguments_are_split_as_a_shell_does(self, desk: Desk) -> None:
        path = desk.program("my editor", "")
        words = choose(desk.environ(EDITOR=f"'{path}' --wait -c 'set x=\"1\"' a\\ b"))
        assert words == [path, "--wait", "-c", 'set x="1"', "a b"]

    @pytest.mark.parametrize("value", ["vi 'x", 'vi "', "vi \\"])
    def test_open_quote_is_exit_201(self, desk: Desk, value: str) -> None:
        with pytest.raises(EditorError, match="SOPS_EDITOR cannot be read: no ") as caught:
            choose(desk.environ(SOPS_EDITOR=value))
        assert caught.value.exit_code == 201

    def test_editor_that_is_not_installed_is_exit_201(self, desk: Desk) -> None:
        with pytest.raises(EditorError, match="the editor of EDITOR is not installed: nonesuch") as caught:
            choose(desk.environ(EDITOR="nonesuch -w"))
        assert caught.value.exit_code == 201

    @pytest.mark.parametrize("path", [".", "", "bin"])
    def test_program_in_the_working_folder_is_never_run(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        desk.program("vim", "")
        monkeypatch.chdir(desk.bin.parent if path == "bin" else desk.bin)
        for environ in ({"PATH": path}, {"PATH": path, "EDITOR": "vim"}):
            with pytest.raises(EditorError):
                choose(environ)


class TestEdit:
    def test_result_is_what_the_check_makes(self, desk: Desk) -> None:
        assert desk.edit('printf "b: 2" > "$f"') == ["b'b: 2'"]
        assert desk.errors == []

    def test_editor_gets_the_exact_bytes_and_the_name(self, desk: Desk) -> None:
        content = "no newline\r\n\udcff end"
        desk.edit('cp "$f" "$log"; echo "${f##*/}" >> "$f"; ls -ld "$f" > "$log.mode"', content=content)
        assert desk.log.read_bytes() == os.fsencode(content)
        assert Path(f"{desk.log}.mode").read_text().startswith("-rw-------")
        assert desk.edit('printf "${f##*/}" > "$f"') == ["b'db.yaml'"]

    def test_large_content(self, desk: Desk) -> None:
        assert desk.edit('head -c 5000000 /dev/zero > "$f"')[0].count("\\x00") == 5_000_000

    def test_unchanged_is_exit_200(self, desk: Desk) -> None:
        assert desk.edit("true") == ["UnchangedError|200|file has not changed, exiting"]
        assert desk.edit('cp "$f" "$f.new"; mv "$f.new" "$f"') == ["UnchangedError|200|file has not changed, exiting"]

    @pytest.mark.parametrize(("name", "option"), [("code", "--wait"), ("gvim", "-f"), ("kate", "--block")])
    def test_an_editor_that_may_have_returned_at_once(self, desk: Desk, name: str, option: str) -> None:
        command = [sys.executable, "-c", _EDIT, "f", "x"]
        environ = desk.environ(EDITOR=desk.program(name, "true"))
        done = subprocess.run(command, env=environ, capture_output=True, text=True)
        assert done.stdout.endswith(f"|if it did not wait for you: export SOPS_EDITOR='{name} {option}'\n")

    def test_another_text_to_look_over_is_shown_and_taken_as_it_is(self, desk: Desk) -> None:
        """The check of this one asks for another look at what it is given first."""
        review = _EDIT.replace('if b"broken" in text:', 'if b"first" in text:').replace(
            'raise ParseError("not a mapping", line=2, column=3, hint="mind the colon")',
            'raise editor.ReviewError("look", text.replace(b"first", b"second"), ("look it over",))',
        )
        script = 'cat "$f" >> "$log"; [ -e "$log.2" ] || { echo first > "$f"; touch "$log.2"; }'
        environ = desk.environ(EDITOR=desk.program("ed", script))
        command = [sys.executable, "-c", review, "f", "old "]
        done = subprocess.run(command, env=environ, input="\n", capture_output=True, text=True)
        assert done.stdout == "b'second\\n'\n"
        assert desk.log.read_text() == "old second\n"
        assert done.stderr.splitlines()[:2] == ["error: f: look", "hint: look it over"]
        assert os.listdir(desk.memory) == []

    def test_replaced_file_and_files_beside_it(self, desk: Desk) -> None:
        script = 'echo x > "$f.new"; mv "$f" "$f~"; mv "$f.new" "$f"; mkdir "$f.d"; cp "$f~" "$f.d/backup"'
        assert desk.edit(script) == ["b'x\\n'"]

    def test_removed_file(self, desk: Desk) -> None:
        assert desk.edit('rm "$f"') == ["FileError|2|cannot be read back: no such file or directory"]

    def test_failed_editor_is_exit_201(self, desk: Desk) -> None:
        out = desk.edit('echo x > "$f"; exit 3')
        assert out == ["EditorError|201|the editor exited with status 3, so nothing was written"]

    def test_crashed_editor_is_exit_201(self, desk: Desk) -> None:
        out = desk.edit('echo x > "$f"; kill -SEGV $$')
        assert out == [f"EditorError|201|the editor was killed by signal {int(signal.SIGSEGV)}, so nothing was written"]

    def test_interrupted_editor_is_a_cancel(self, desk: Desk) -> None:
        assert desk.edit('echo x > "$f"; kill -INT $$') == ["CanceledError|1|user canceled operation"]

    def test_editor_that_cannot_start_is_exit_201(self, desk: Desk) -> None:
        path = Path(desk.program("broken", ""))
        path.write_bytes(b"\x7fELF no program")
        command = [sys.executable, "-c", _EDIT, "f", "x"]
        done = subprocess.run(command, env=desk.environ(EDITOR=str(path)), capture_output=True, text=True)
        assert done.stdout.startswith("EditorError|201|cannot start the editor")
        assert os.listdir(desk.memory) == []


class TestInvalidText:
    """The text is shown again until it is good, or nobody answers."""

    BREAK_THEN_MEND = 'if grep -q broken "$f"; then cp "$f" "$log"; echo ok > "$f"; else echo broken > "$f"; fi'

    def test_same_text_is_shown_again(self, desk: Desk) -> None:
        assert desk.edit(self.BREAK_THEN_MEND, stdin="\n") == ["b'ok\\n'"]
        assert desk.log.read_text() == "broken\n"
        assert desk.errors == [
            "error: dir/db.yaml:2:3: not a mapping",
            "hint: mind the colon",
            "Press enter to return to the editor, or Ctrl-C to give up and keep the old file.",
        ]

    def test_end_of_input_gives_up(self, desk: Desk) -> None:
        assert desk.edit("echo broken > $f") == ["ParseError|1|not a mapping|mind the colon"]
        assert desk.errors[-1] == "nobody is there to press enter, so nothing was written"

    def test_one_line_is_read_for_each_answer(self, desk: Desk) -> None:
        """The rest of the input belongs to the editor."""
        script = 'read -r line; echo "broken $line" >> "$f"; [ "$line" != last ] || echo ok > "$f"'
        assert desk.edit(script, stdin="first\n\nsecond\nyes\nlast\n") == ["b'ok\\n'"]
        assert desk.edit(script, stdin="first\n\nsecond\nlast\n")[0].startswith("ParseError|1|")

    def test_closed_input_gives_up(self, desk: Desk) -> None:
        shell = f'exec {sys.executable} -c "$0" f x 0<&-'
        environ = desk.environ(EDITOR=desk.program("ed", 'echo broken > "$f"'))
        done = subprocess.run(["sh", "-c", shell, _EDIT], env=environ, capture_output=True, text=True)
        assert done.stdout.startswith("ParseError|1|")
        assert os.listdir(desk.memory) == []


def test_text_on_a_disk_is_warned_about(desk: Desk) -> None:
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom sopspy.files import private\n"
    script += "private._memory_devices = set\n" + _EDIT  # a system that has no folder in memory
    environ = desk.environ(EDITOR=desk.program("ed", 'echo x > "$f"'))
    done = subprocess.run([sys.executable, "-c", script, "f", "x"], env=environ, capture_output=True, text=True)
    assert done.stdout == "b'x\\n'\n"
    assert done.stderr.startswith("warning: there is no folder in memory")
