"""Help, drawn by typer from the table of `spec`.

The only module that imports typer, and nothing is parsed or run through it: `parse` is the one reader of command
lines. On a terminal the help has typer's frames (NO_COLOR is honoured); elsewhere it is plain text in sections.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any, Optional

import typer
import typer.core
import typer.main

from . import program
from .spec import COMMANDS, FLAG, GLOBAL, LEGACY, LIST, MODES, NUMBER, TEXT, Argument, Command, Option

_TYPES: dict[str, Any] = {FLAG: bool, TEXT: Optional[str], LIST: Optional[list[str]], NUMBER: Optional[int]}  # noqa: UP045
_SUMMARY = "Encrypt the values of YAML, JSON, dotenv and INI files, and change nothing else in them."


def show_help(topic: str) -> None:
    """Print the help of the command `topic`, or of the whole program when it is empty."""
    group: Any = typer.main.get_command(build(framed=sys.stdout.isatty()))
    context = typer.Context(group, info_name=program)
    shown = group
    if topic == LEGACY.name:
        shown = group.commands[topic]
        context = typer.Context(shown, info_name=program)
    elif topic:
        shown = group.commands[topic]
        context = typer.Context(shown, info_name=topic, parent=context)
    text = shown.get_help(context)  # empty when rich has drawn it already
    if text:
        sys.stdout.write(text + "\n")


def build(*, framed: bool) -> typer.Typer:
    """The program as a typer app, for help and completion; `framed` chooses rich's look."""
    mode: Any = "rich" if framed else None
    app = typer.Typer(name="sopspy", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=mode)
    top = app.callback(
        cls=None if framed else _Group, help=_SUMMARY, add_help_option=False, subcommand_metavar="COMMAND ..."
    )
    top(_function("sopspy", [_option(option) for option in (*GLOBAL, *MODES)]))
    for command in (*COMMANDS.values(), LEGACY):
        register = app.command(
            command.name,
            cls=None if framed else _Command,
            help=f"{command.summary}.\n\n{command.text}",
            short_help=command.summary,
            rich_help_panel=command.group,
            add_help_option=False,
            hidden=command is LEGACY,
        )
        register(_function(command.name, _parameters(command)))
    return app


def _record(name: str | None) -> Command:
    return LEGACY if name == LEGACY.name else COMMANDS[str(name)]


def _parameters(command: Command) -> list[inspect.Parameter]:
    return [_argument(item) for item in command.arguments] + [_option(item) for item in command.options]


def _option(option: Option) -> inspect.Parameter:
    default = typer.Option(
        False if option.kind == FLAG else None,
        *option.names,
        help=option.help,
        metavar=option.metavar,  # empty for flags: newer frames would call them <bool>
        envvar=option.env or None,
        show_default=False,
        rich_help_panel=option.group,
    )
    return _parameter(option.key, default, _TYPES[option.kind])


def _argument(argument: Argument) -> inspect.Parameter:
    default = typer.Argument(
        ... if argument.required else None, help=argument.help, metavar=argument.name, show_default=False
    )
    return _parameter(f"argument {argument.name}", default, _TYPES[TEXT])


def _parameter(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    identifier = name.lower().replace("-", "_").replace(" ", "_")
    return inspect.Parameter(identifier, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _function(name: str, parameters: list[inspect.Parameter]) -> Any:
    """A function with these parameters, which typer asks for its signature and never calls."""

    def described() -> None: ...

    described.__name__ = name
    described.__annotations__ = {item.name: item.annotation for item in parameters}
    described.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return described


def _sections(rows: list[tuple[str, tuple[str, str]]], formatter: Any) -> None:
    """Write `rows` of (section, (term, text)) under their sections, in order of first appearance."""
    for title in dict.fromkeys(section for section, _ in rows):
        with formatter.section(title):
            formatter.write_dl([row for section, row in rows if section == title])


class _Plain:
    """Writes help as click does: some versions of typer draw frames whatever they are told."""

    def format_help(self: Any, ctx: Any, formatter: Any) -> None:
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)


class _Command(_Plain, typer.core.TyperCommand):
    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        arguments = _record(self.name).arguments
        return ["[OPTIONS]", *(item.name if item.required else f"[{item.name}]" for item in arguments)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        rows = [("Arguments", (item.name, item.help)) for item in _record(self.name).arguments]
        for item in self.params:
            record = item.get_help_record(ctx) if item.param_type_name == "option" else None
            if record:
                rows.append((str(item.rich_help_panel), record))  # type: ignore[attr-defined]
        _sections(rows, formatter)


class _Group(_Plain, typer.core.TyperGroup):
    def format_options(self, ctx: Any, formatter: Any) -> None:
        commands = [item for item in self.commands.values() if not item.hidden]
        rows = [(str(item.rich_help_panel), (str(item.name), item.get_short_help_str(200))) for item in commands]  # type: ignore[attr-defined]
        _sections(rows, formatter)
        alone = {option.group for option in MODES}
        options = [(str(item.rich_help_panel), item.get_help_record(ctx)) for item in self.params]  # type: ignore[attr-defined]
        named = [(group if group in alone else "Before the command", row) for group, row in options if row]
        _sections(named, formatter)
