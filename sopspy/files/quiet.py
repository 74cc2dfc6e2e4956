"""Keeping an editor from writing the text anywhere but into the private folder.

Vim, Neovim, nano and Emacs can be told so, by arguments and variables that win over the user's own settings; which of
them a command starts is seen from its name and from what that leads to. They and unknown programs get the folder for
temporary files, because a filter that they start gets the text, too. Editors that are known to keep copies and
cannot be told get a warning. Must not run anything. Source: the manuals of the editors; docs/editors.md.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GUIDE = "https://github.com/sopspy/sopspy/blob/main/docs/editors.md"

_VIM_OFF = (
    "silent! set nobackup nowritebackup noundofile noswapfile patchmode= | "
    "silent! set viminfo= viminfofile=NONE | silent! set shada= shadafile=NONE"
)
# once after the user's settings, and again before each write and at the end, for what a plugin or an autocommand sets
_VIM_COMMAND = f"{_VIM_OFF} | silent! autocmd BufWritePre,FileWritePre,VimLeavePre * {_VIM_OFF}"
_EMACS_FORM = """(progn
(defun sopspy-keep-nothing () (setq backup-inhibited t) (if (fboundp 'auto-save-mode) (auto-save-mode -1)))
(setq-default backup-inhibited t)
(setq make-backup-files nil backup-enable-predicate 'ignore backup-directory-alist nil auto-save-default nil
 auto-save-interval 0 auto-save-timeout nil auto-save-list-file-prefix nil auto-save-list-file-name nil
 create-lockfiles nil undo-tree-auto-save-history nil native-comp-jit-compilation nil
 native-comp-deferred-compilation nil comp-files-queue nil temporary-file-directory FOLDER)
(setenv "TMPDIR" FOLDER)
(dolist (mode '(savehist-mode desktop-save-mode undo-fu-session-global-mode global-undo-tree-mode))
 (if (and (boundp mode) (symbol-value mode) (fboundp mode)) (funcall mode -1)))
(add-hook 'find-file-hook 'sopspy-keep-nothing t)
(add-hook 'before-save-hook 'sopspy-keep-nothing t))""".replace("\n", " ")

_VIMS = frozenset(
    ("vim", "nvim", "neovim", "gvim", "view", "gview", "rvim", "rgvim", "rview", "vimdiff", "evim", "vimx", "ex", "vi")
)
_MAYBE_VIM = frozenset(("view", "rview", "ex", "vi"))
"""Names that other programs have, too: believed when what they lead to is Vim."""

_KEEPS_COPIES = frozenset(
    (
        *("code", "code-insiders", "code-oss", "codium", "vscodium", "cursor", "windsurf", "zed", "zeditor", "atom"),
        *("subl", "sublime_text", "gedit", "gnome-text-editor", "kate", "kwrite", "mate", "bbedit", "micro", "joe"),
        *("emacsclient", "nvi", "nvr"),
        *("idea", "pycharm", "goland", "webstorm", "phpstorm", "clion", "rider", "rubymine", "fleet"),
    )
)
"""Editors with hot exit, a local history, recovery files, or a server that was started with other settings."""

_KNOWN = _VIMS | _KEEPS_COPIES | {"emacs", "nano"}
_WRAPPERS = frozenset(("env", "nice"))
_LONGEST_WRAPPER = 1 << 16


class Quiet:
    """How to start an editor. `command`: its words without the file. `warning`: "" or why it may still keep copies."""

    __slots__ = ("command", "environ", "warning")

    def __init__(self, command: list[str], environ: Mapping[str, str], warning: str = "") -> None:
        self.command = command
        self.environ = dict(environ)
        self.warning = warning


def quiet(words: list[str], folder: str, environ: Mapping[str, str]) -> Quiet:
    """The command with what makes it keep the text in `folder`."""
    at = _program_at(words)
    program, arguments = words[at], words[at + 1 :]
    path = program if "/" in program else find(program, environ)
    name, real = _name(program), _name(os.path.realpath(path)) if path else ""
    if _keeps_copies(name, real, arguments):
        return Quiet(words, environ, f"{name} may keep copies of the text outside the private folder: see {GUIDE}")
    tell = _manner(name, real, path) or _tell_nothing
    added, more = tell(folder, environ)
    # behind the user's own arguments, because the last one wins
    end = words.index("--", at) if "--" in arguments else len(words)
    return Quiet([*words[:end], *added, *words[end:]], {**environ, **more})


def find(program: str, environ: Mapping[str, str]) -> str:
    """The program's path, or "". Never one in the current folder: a repository must not bring its own editor."""
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, program)
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return ""


def _program_at(words: list[str]) -> int:
    """Where the editor is among the words: behind `env` with its options and variables, in `env TERM=xterm vim -R`."""
    if _name(words[0]) in _WRAPPERS:
        for at, word in enumerate(words):
            if _name(word) in _KNOWN:
                return at
    return 0


def _name(path: str) -> str:
    """`/usr/bin/vim.tiny` is vim, `emacs-29.1` and `emacs-nox` are emacs."""
    name = os.path.basename(path).split(".")[0]
    return "emacs" if name.startswith("emacs") and not name.startswith("emacsclient") else name


def _keeps_copies(name: str, real: str, arguments: list[str]) -> bool:
    return name in _KEEPS_COPIES or real in _KEEPS_COPIES or any(word.startswith("--remote") for word in arguments)


if TYPE_CHECKING:
    _Tell = Callable[[str, Mapping[str, str]], tuple[list[str], dict[str, str]]]


def _manner(name: str, real: str, path: str) -> _Tell | None:
    if name == "emacs" or real == "emacs":
        return _tell_emacs
    if real in ("nano", "rnano"):  # not by the first name: on macOS `nano` is pico
        return _tell_nano
    if real in _VIMS - _MAYBE_VIM or (name in _VIMS and (name not in _MAYBE_VIM or _is_vim(path))):
        return _tell_vim
    return None


def _is_vim(path: str) -> bool:
    """Whether a program named `vi` is Vim: other ones do not know its arguments."""
    try:
        with open(path, "rb") as file:
            start = file.read(_LONGEST_WRAPPER)
            if start.startswith(b"#!"):
                return b"exec /usr/bin/vim" in start
            return b"Vi IMproved" in start + file.read()
    except OSError:
        return False


def _tell_nothing(folder: str, _environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    return [], {"TMPDIR": folder}


def _tell_vim(folder: str, _environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    return ["-n", "-i", "NONE", "-c", _VIM_COMMAND], {"TMPDIR": folder}


def _tell_emacs(folder: str, _environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    # not by TMPDIR: its compiler, which outlives it, would go on in the private folder
    text = folder.replace("\\", "\\\\").replace('"', '\\"')
    return ["--eval", _EMACS_FORM.replace("FOLDER", f'"{text}"')], {}


def _tell_nano(folder: str, environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    # nano has no option against backups and the search history: they go into the private folder
    arguments = ["-C", folder]
    if os.path.isdir(os.path.join(_home(environ), ".nano")):
        arguments.append("--ignorercfiles")  # it would keep its history there, whatever XDG_DATA_HOME says
    return arguments, {"TMPDIR": folder, "XDG_DATA_HOME": folder}


def _home(environ: Mapping[str, str]) -> str:
    """Where nano looks: not in HOME for root."""
    if environ.get("HOME") and os.geteuid():
        return environ["HOME"]
    from pwd import getpwuid

    try:
        return getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""
