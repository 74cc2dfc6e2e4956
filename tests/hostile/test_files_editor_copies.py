"""An editor that is set to keep swap, undo, backup, history and recovery files keeps none of the text on a disk.

Real editors on a real terminal, with settings that many people have. What they leave is looked for while they run,
after they have written, and when they have ended.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.hostile.desk import SECRET, Desk, desk_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VIM_SETTINGS = """
set directory={home}/swap// updatecount=1 updatetime=1
set undofile undodir={home}/undo backup writebackup backupdir={home}/backup patchmode=.orig
autocmd BufReadPre,BufReadPost,BufWritePre * set undofile backup backupdir={home}/backup swapfile updatecount=1
"""
VIMINFO = "set viminfo='100,<1000,s1000,n{home}/viminfo\nset viminfofile={home}/viminfo2\n"
SHADA = "set shada='100,<1000,s1000\nset shadafile={home}/shada\n"

NANO_SETTINGS = """
set backup
set backupdir "{home}/backup"
set historylog
set positionlog
set locking
"""

EMACS_SETTINGS = """
(setq make-backup-files t version-control t backup-directory-alist '(("." . "{home}/backup"))
      auto-save-file-name-transforms '((".*" "{home}/swap/" t)) auto-save-interval 20 auto-save-timeout 1
      savehist-additional-variables '(kill-ring search-ring) desktop-path '("{home}") desktop-save t
      desktop-globals-to-save '(kill-ring) inhibit-startup-screen t)
(add-hook 'find-file-hook (lambda () (auto-save-mode 1) (setq backup-inhibited nil)))
(add-hook 'emacs-startup-hook (lambda () (setq make-backup-files t auto-save-default t)))
(savehist-mode 1)
(desktop-save-mode 1)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_at(tmp_path) as made:
        for name in ("swap", "undo", "backup"):
            (made.home / name).mkdir()
        # the compiler of Emacs works in the background, and goes on when that has ended
        configure(
            made,
            ".emacs.d/early-init.el",
            "(setq native-comp-jit-compilation nil native-comp-deferred-compilation nil)",
        )
        yield made


def configure(desk: Desk, name: str, settings: str) -> None:
    path = desk.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings.replace("{home}", str(desk.home)))


def on_disk(desk: Desk) -> list[str]:
    """Files outside the private folder with the secret, or with a piece of it that only an undo file would have."""
    return [str(path) for path in desk.left() if not path.is_relative_to(desk.memory)]


def finish(desk: Desk, child: pexpect.spawn, expected: str) -> None:
    child.expect(expected)
    child.expect(pexpect.EOF)
    assert on_disk(desk) == []
    assert os.listdir(desk.memory) == []


VIM_WAYS = [
    "vim",
    "vim -u {home}/.vimrc -c 'set undofile backup'",
    "/usr/bin/vim -N",
    "env -u VIMINIT COLORTERM=no vim",
    "vi",
    "rvim",
    "nvim",
    "nvim -u {home}/.config/nvim/init.vim",
]


class TestVim:
    @pytest.mark.parametrize("editor", VIM_WAYS)
    def test_swap_undo_backup_and_registers(self, desk: Desk, editor: str) -> None:
        configure(desk, ".vimrc", "set nocompatible" + VIM_SETTINGS + VIMINFO)
        configure(desk, ".config/nvim/init.vim", VIM_SETTINGS + SHADA)
        child = desk.terminal(editor.replace("{home}", str(desk.home)))
        child.expect("password")
        child.send(f"yyp:s/{SECRET}/x{SECRET}/\r")
        child.expect(f"x{SECRET}")
        assert on_disk(desk) == []
        child.send(":w\r")
        child.expect("written")
        assert on_disk(desk) == []
        child.send(f"/{SECRET}\r:s/x/y/\r:wq\r")
        finish(desk, child, r"result b'password: .*y")

    @pytest.mark.parametrize("editor", ["vim", "nvim"])
    def test_hang_up_leaves_no_swap_file(self, desk: Desk, editor: str) -> None:
        configure(desk, ".vimrc", "set nocompatible" + VIM_SETTINGS + VIMINFO)
        configure(desk, ".config/nvim/init.vim", VIM_SETTINGS + SHADA)
        child = desk.terminal(editor)
        pid = int(child.match.group(1))
        child.expect("password")
        child.send("yypp:echo 'changed'.'!'\r")
        child.expect("changed!")
        os.kill(pid, signal.SIGHUP)
        finish(desk, child, "CanceledError")

    def test_a_filter_has_its_temporary_files_in_the_private_folder(self, desk: Desk) -> None:
        (desk.home / "tmp").mkdir()
        configure(desk, ".vimrc", "set nocompatible shelltemp\n")
        configure(desk, "filter", f"ls {desk.home}/tmp > {desk.home}/seen; echo $TMPDIR >> {desk.home}/where; sort\n")
        child = desk.terminal("vim", TMPDIR=str(desk.home / "tmp"))
        child.expect("password")
        child.send(f":%!sh {desk.home}/filter\r:wq\r")
        finish(desk, child, r"result b'b: 2\\npassword: ")
        assert (desk.home / "seen").read_text() == ""
        assert (desk.home / "where").read_text().startswith(f"{desk.memory}/sopspy-private-")


class TestNano:
    @pytest.mark.parametrize("editor", ["nano -f {rc}", "nano -BG --rcfile={rc}", "nano -l -C {home}/undo -f {rc}"])
    def test_backups_and_the_search_history(self, desk: Desk, editor: str) -> None:
        """The settings are named, because nano does not look for them at HOME when root runs it."""
        configure(desk, "nanorc", NANO_SETTINGS)
        where = {"rc": str(desk.home / "nanorc"), "home": str(desk.home)}
        child = desk.terminal(editor.format(**where), XDG_DATA_HOME=str(desk.home / "swap"))
        child.expect("password")
        child.send("# \x13")  # ^S
        child.expect("Wrote")
        assert on_disk(desk) == []
        child.send(f"\x17{SECRET}\r")  # ^W
        child.send("# \x13\x18")
        finish(desk, child, rf"result b'# password: # {SECRET}")


class TestEmacs:
    @pytest.mark.parametrize("editor", ["emacs -nw", "emacs -nw -l {home}/.emacs"])
    def test_backups_auto_saves_and_the_kill_ring(self, desk: Desk, editor: str) -> None:
        configure(desk, ".emacs", EMACS_SETTINGS)
        child = desk.terminal(editor.replace("{home}", str(desk.home)))
        child.expect("password")
        child.send("# more than twenty characters to start an auto-save\r")
        child.expect("an auto-save")
        child.send("\x18\x13")  # C-x C-s
        child.expect("Wrote")
        assert on_disk(desk) == []
        child.send(f"\x13{SECRET}\r\x01\x0b")  # C-s, C-a C-k
        child.send("user: me\x18\x13")
        child.expect("Wrote")
        child.send("\x18\x03")  # C-x C-c
        finish(desk, child, r"result b'# more .*user: me")

    def test_a_filter_has_its_temporary_files_in_the_private_folder(self, desk: Desk) -> None:
        child = desk.terminal("emacs -nw -Q", TMPDIR=str(desk.home / "undo"))
        child.expect("password")
        child.send(f'\x1b:(shell-command "echo $TMPDIR >> {desk.home}/where")\r')
        child.send(f'\x1b:(write-region temporary-file-directory nil "{desk.home}/where" t)\r')
        child.send("# \x18\x13\x18\x03")
        finish(desk, child, "result b'# password")
        first, second = (desk.home / "where").read_text().split("\n")
        assert first == second
        assert first.startswith(f"{desk.memory}/sopspy-private-")

    def test_told_to_end_with_unsaved_changes(self, desk: Desk) -> None:
        configure(desk, ".emacs", EMACS_SETTINGS)
        child = desk.terminal("emacs -nw")
        pid = int(child.match.group(1))
        child.expect("password")
        child.send("# changed")
        child.expect("changed")
        os.kill(pid, signal.SIGTERM)
        finish(desk, child, "CanceledError")


def test_an_editor_that_cannot_be_told_is_warned_about(desk: Desk) -> None:
    configure(desk, "bin/code", "#!/bin/sh\nexec sed -i s/b/c/ $2\n")
    (desk.home / "bin/code").chmod(0o755)
    child = desk.terminal(f"{desk.home}/bin/code --wait")
    child.expect("warning: code may keep copies of the text outside the private folder: see https://.*/docs/editors.md")
    finish(desk, child, "result b'password")
