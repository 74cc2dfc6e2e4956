"""The help is the table: every command, every option once, with the same names, arity, variable and text."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import typer.main

from sopspy.cli.app import build, show_help
from sopspy.cli.spec import COMMANDS, FLAG, GLOBAL, KEY_OPTIONS, LEGACY, LIST, MODES, Option

RECORDS = {**COMMANDS, LEGACY.name: LEGACY}


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)


def words_of(text: str) -> list[str]:
    return text.replace(",", " ").split()


def flat(text: str) -> str:
    return " ".join(text.split())


def same(option: Option, drawn: Any) -> bool:
    """Whether typer's parameter says what the table says."""
    return (
        set(drawn.opts) == set(option.names)
        and not drawn.secondary_opts
        and drawn.is_flag == (option.kind == FLAG)
        and bool(drawn.multiple) == (option.kind == LIST)
        and (drawn.envvar or "") == option.env
        and drawn.help == option.help
    )


@pytest.mark.parametrize("name", RECORDS)
def test_every_option_of_a_command_is_drawn_once(name: str) -> None:
    command = RECORDS[name]
    group: Any = typer.main.get_command(build(framed=False))
    drawn = [item for item in group.commands[name].params if item.param_type_name == "option"]
    assert len(drawn) == len(command.options)
    for option in command.options:
        assert [same(option, item) for item in drawn].count(True) == 1, option.key


@pytest.mark.parametrize("name", RECORDS)
def test_the_text_of_a_command_names_everything_once(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = RECORDS[name]
    show_help(name)
    text = capsys.readouterr().out
    lines = [line for line in text.splitlines() if line.startswith("  -")]
    for option in command.options:
        assert sum(option.names[0] in words_of(line)[: len(option.names)] for line in lines) == 1, option.names
        assert not option.metavar or any(f"{option.names[0]} {option.metavar}" in line for line in lines)
        assert option.env in text
        assert option.help in flat(text)
    for argument in command.arguments:
        assert argument.help in flat(text)
    assert command.summary in text


def test_the_program_names_every_command_and_what_may_precede_it(capsys: pytest.CaptureFixture[str]) -> None:
    show_help("")
    text = capsys.readouterr().out
    for command in COMMANDS.values():
        assert f"  {command.name} " in text
        assert command.summary in text
    for option in (*GLOBAL, *MODES):
        assert all(name in words_of(text) for name in option.names)


@pytest.mark.parametrize("name", ["", *RECORDS])
def test_frames_show_the_same_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    group: Any = typer.main.get_command(build(framed=True))
    drawn = group.commands[name] if name else group
    context = typer.Context(drawn, info_name=name)
    text = capsys.readouterr().out + drawn.get_help(context) + capsys.readouterr().out
    for option in RECORDS[name].options if name else (*GLOBAL, *MODES):
        assert option.names[0] in words_of(text), option.names


def test_keys_and_names_of_the_table_are_unique_in_each_command() -> None:
    for command in RECORDS.values():
        names = [name for option in command.options for name in option.names]
        assert len(names) == len(set(names)), command.name
    assert set(KEY_OPTIONS) <= {option.key for option in COMMANDS["encrypt"].options}


def test_every_command_has_its_module() -> None:
    for name in [*RECORDS, "version"]:
        module = __import__(f"sopspy.cli.commands.{name.replace('-', '_')}", fromlist=("run",))
        assert callable(module.run)


def test_no_colour_when_not_wanted() -> None:
    environ = {**os.environ, "NO_COLOR": "1"}
    code = "from sopspy.cli.app import show_help; show_help('encrypt')"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert "\x1b[" not in done.stdout
