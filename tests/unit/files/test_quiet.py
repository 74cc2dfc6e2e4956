"""Which editor a command starts, and what it is told. Whether real editors heed that is seen in tests/hostile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sopspy.files.quiet import quiet

if TYPE_CHECKING:
    from pathlib import Path

VIM = ["-n", "-i", "NONE", "-c"]


class Bin:
    """A folder of programs that are never run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ = {"PATH": str(path), "HOME": str(path), "TMPDIR": "/elsewhere"}

    def add(self, name: str, content: str = "") -> str:
        path = self.path / name
        path.write_text(content)
        path.chmod(0o755)
        return str(path)

    def link(self, name: str, target: str) -> str:
        (self.path / name).symlink_to(target)
        return str(self.path / name)


@pytest.fixture
def bin(tmp_path: Path) -> Bin:
    return Bin(tmp_path)


@pytest.mark.parametrize("name", ["vim", "vim.tiny", "nvim", "nvim.appimage", "gvim", "rvim", "vimdiff"])
def test_vim_by_its_name(bin: Bin, name: str) -> None:
    words = [bin.add(name), "-u", "x"]
    told = quiet(words, "/private", bin.environ)
    assert told.command[:7] == [*words, *VIM]
    assert len(told.command) == 8
    assert told.environ["TMPDIR"] == "/private"
    assert told.warning == ""


@pytest.mark.parametrize("name", ["vi", "view", "ex", "editor", "my-editor"])
def test_vim_by_what_a_name_leads_to(bin: Bin, name: str) -> None:
    bin.link("alternative", bin.add("vim.basic"))
    assert quiet([bin.link(name, "alternative")], "/private", bin.environ).command[1:5] == VIM
    bin.link("nano-alternative", bin.add("nano"))
    (bin.path / name).unlink()
    assert quiet([bin.link(name, "nano-alternative")], "/private", bin.environ).command[1:] == ["-C", "/private"]


@pytest.mark.parametrize(
    ("content", "is_vim"),
    [
        ("\x7fELF ... VIM - Vi IMproved 9.1", True),
        ("\x7fELF" + "." * 100_000 + "VIM - Vi IMproved", True),
        ('#!/bin/sh\ntest -f /usr/bin/vim && exec /usr/bin/vim "$@"', True),
        ("\x7fELF ... nvi", False),
        ("#!/bin/sh\nexec busybox vi", False),
    ],
)
def test_a_vi_that_may_be_another_program(bin: Bin, content: str, is_vim: bool) -> None:
    words = [bin.add("vi", content)]
    assert (quiet(words, "/private", bin.environ).command[1:5] == VIM) == is_vim
    assert (quiet(words, "/private", bin.environ).command == words) != is_vim


@pytest.mark.parametrize(
    ("before", "after"),
    [(["/usr/bin/env", "A=1"], []), (["env", "-u", "A"], ["-R"]), (["nice", "-n", "5"], ["-c", "set x"])],
)
def test_an_editor_behind_another_program(bin: Bin, before: list[str], after: list[str]) -> None:
    bin.add("vim")
    words = [*before, "vim", *after]
    assert quiet(words, "/private", bin.environ).command[: len(words) + 4] == [*words, *VIM]


def test_arguments_stay_in_front_of_a_double_dash(bin: Bin) -> None:
    path = bin.add("vim")
    assert quiet([path, "--"], "/private", bin.environ).command[-1] == "--"
    assert quiet([path, "--"], "/private", bin.environ).command[1:5] == VIM


@pytest.mark.parametrize("name", ["emacs", "emacs-nox", "emacs-29.1"])
def test_emacs(bin: Bin, name: str) -> None:
    words = [bin.add(name), "-nw"]
    told = quiet(words, '/a "b" \\', bin.environ)
    assert told.command[:3] == [*words, "--eval"]
    assert 'temporary-file-directory "/a \\"b\\" \\\\")' in told.command[3]
    assert told.environ == bin.environ  # its compiler, which outlives it, must not work in the private folder


def test_nano_keeps_its_history_in_the_private_folder(bin: Bin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)  # nano looks elsewhere for root
    words = [bin.add("nano")]
    told = quiet(words, "/private", bin.environ)
    assert (told.command, told.environ["XDG_DATA_HOME"]) == ([*words, "-C", "/private"], "/private")
    (bin.path / ".nano").mkdir()
    assert quiet(words, "/private", bin.environ).command == [*words, "-C", "/private", "--ignorercfiles"]


def test_pico_under_the_name_of_nano_is_not_told(bin: Bin) -> None:
    words = [bin.link("nano", bin.add("pico"))]
    assert quiet(words, "/private", bin.environ).command == words


@pytest.mark.parametrize("words", [["code", "--wait"], ["emacsclient"], ["subl", "-w"], ["vim", "--remote-wait"]])
def test_an_editor_that_cannot_be_told(bin: Bin, words: list[str]) -> None:
    bin.add(words[0])
    told = quiet(words, "/private", bin.environ)
    assert told.warning.startswith(f"{words[0]} may keep copies of the text outside the private folder")
    assert told.command == words
    assert told.environ == bin.environ  # its server may be found through them


def test_any_other_editor_is_started_as_it_is(bin: Bin) -> None:
    words = [bin.add("script.sh"), "code"]
    told = quiet(words, "/private", bin.environ)
    assert (told.command, told.warning) == (words, "")
    assert told.environ["TMPDIR"] == "/private"
