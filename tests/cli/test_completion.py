"""The completion scripts, in the shells that they are for."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pexpect
import pytest

from sopspy.cli.shells import RECORDS, names
from sopspy.cli.spec import COMMANDS
from tests.cli.stage import prepare

FILES = ("values.yaml", "a file.json")
CASES = [
    ("sopspy ", {"encrypt", "decrypt", "completion"}, {"--age"}),
    ("sopspy enc", {"encrypt"}, {"decrypt"}),
    ("sopspy va", {"values.yaml"}, set()),
    ("sopspy --config values.yaml dec", {"decrypt"}, {"encrypt"}),
    ("sopspy --config=values.yaml dec", {"decrypt"}, {"encrypt"}),
    ("sopspy encrypt --enc", {"--encrypted-suffix", "--encrypted-regex", "--encryption-context"}, {"--ignore-mac"}),
    ("sopspy decrypt --ig", {"--ignore-mac"}, set()),
    ("sopspy decrypt va", {"values.yaml"}, {"encrypt"}),
    ("sopspy decrypt --input-type ", {"yaml", "json", "binary"}, {"values.yaml"}),
    ("sopspy decrypt --input-type j", {"json"}, {"yaml"}),
    ("sopspy decrypt -i --output va", {"values.yaml"}, {"yaml"}),
    ("sopspy --dec", {"--decrypt"}, {"encrypt"}),
    ("sopspy -d va", {"values.yaml"}, {"encrypt"}),
    ("sopspy -d --output-type y", {"yaml"}, {"json"}),
    ("sopspy -d values.yaml --ign", {"--ignore-mac"}, {"encrypt"}),
    ("sopspy help en", {"encrypt"}, {"values.yaml"}),
    ("sopspy completion ", {"bash", "zsh", "fish"}, {"values.yaml"}),
    ("sopspy groups ", {"add", "delete"}, {"values.yaml"}),
]
BASH = r"""
. ./completion
COMP_LINE=$1
[[ $1 == *' ' ]] && tail=1 || tail=
COMP_WORDS=($(printf '%s' "${1//=/ = }")) ${tail:+}
[[ $tail ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
$2 "${COMP_WORDS[0]}"
((${#COMPREPLY[@]})) || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
printf '%s\n' "${COMPREPLY[@]}"
"""
ZSH = r"""
autoload -Uz compinit && compinit -u -D
source ./completion
compadd() {
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        typeset -a hits
        builtin compadd -O hits "$@"
        print -rl -- $hits >> ./hits
    fi
    builtin compadd "$@"
}
capture() { _main_complete; print -r -- '<END>' >> ./hits }
zle -C capture list-choices capture
bindkey '^I' capture
"""
"""Writes down what zsh's completion is offered."""


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text("")
    monkeypatch.chdir(folder)
    return {**prepare(tmp_path / "home"), "TERM": "dumb", "COLUMNS": "200"}


def put(shell: str, environ: dict[str, str], name: str = "sopspy") -> None:
    Path("completion").write_bytes(
        subprocess.run([name, "completion", shell], env=environ, capture_output=True, check=True).stdout
    )


def run(words: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    return done.stdout


def bash(line: str, environ: dict[str, str], name: str = "sopspy") -> list[str]:
    return run(["bash", "--norc", "-c", BASH, "bash", line, f"_{name}"], environ).splitlines()


def fish(line: str, environ: dict[str, str]) -> list[str]:
    out = run(["fish", "--no-config", "-c", "source ./completion; complete -C $argv[1]", line], environ)
    return [shown.split("\t")[0] for shown in out.splitlines()]


def zsh(line: str, environ: dict[str, str]) -> set[str]:
    Path("rc").write_text(ZSH)
    hits = Path("hits")
    child = pexpect.spawn("zsh", ["-f", "-i"], env=environ, encoding="utf-8", timeout=30)
    child.sendline("source ./rc; print READ''Y")
    child.expect("READY")
    child.send(f"{line}\t")
    until = time.monotonic() + 30
    while not (hits.exists() and "<END>" in hits.read_text()):
        assert time.monotonic() < until
        time.sleep(0.02)
    child.close(force=True)
    return set(hits.read_text().splitlines())


@pytest.mark.parametrize(("line", "offered", "not_offered"), CASES, ids=[case[0] for case in CASES])
def test_bash(environ: dict[str, str], line: str, offered: set[str], not_offered: set[str]) -> None:
    put("bash", environ)
    found = set(bash(line, environ))
    assert offered <= found
    assert not found & not_offered


@pytest.mark.parametrize(("line", "offered", "not_offered"), CASES, ids=[case[0] for case in CASES])
def test_fish(environ: dict[str, str], line: str, offered: set[str], not_offered: set[str]) -> None:
    put("fish", environ)
    found = set(fish(line, environ))
    assert offered <= found
    assert not found & not_offered


@pytest.mark.parametrize(("line", "offered", "not_offered"), CASES, ids=[case[0] for case in CASES])
def test_zsh(environ: dict[str, str], line: str, offered: set[str], not_offered: set[str]) -> None:
    put("zsh", environ)
    found = zsh(line, environ)
    assert offered <= found
    assert not found & not_offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_the_script(environ: dict[str, str], shell: str) -> None:
    put(shell, environ)
    words = set(Path("completion").read_text().replace("[", " ").replace("'", " ").replace("=", " ").split())
    for command in RECORDS.values():
        for name in names(command):
            shown = name.lstrip("-") if shell == "fish" else name
            assert any(word.rpartition(")")[2].strip("*|)") == shown for word in words), name
    assert set(COMMANDS) <= {word.partition(":")[0] for word in words}


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_the_name_sops(environ: dict[str, str], tmp_path: Path, shell: str) -> None:
    (tmp_path / "home" / "bin" / "sops").symlink_to("sopspy")
    put(shell, environ, "sops")
    found = bash("sops enc", environ, "sops") if shell == "bash" else fish("sops enc", environ)
    assert found[:1] == ["encrypt"]
    assert "-c sopspy" not in Path("completion").read_text()
