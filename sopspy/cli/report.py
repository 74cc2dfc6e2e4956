"""What people read on standard error: errors and warnings.

Must not decide exit codes or hold anything but words. Texts that come from files are made harmless for terminals, and
long encoded texts are shortened. An unexpected exception is reported by its type alone, because its text may hold a
value.
"""

from __future__ import annotations

import sys

from .. import cli

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from ..errors import SopsError
    from ..keys.calls import Count

ISSUES = "https://github.com/sopspy/sopspy/issues"
_BOLD_RED, _BOLD_YELLOW, _BOLD_CYAN, _BOLD, _OFF = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1m", "\x1b[0m"
_LONGEST_RUN, _KEPT = 24, 8
_RUN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-")
_WIDEST_LINE = 120


def coloured(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Whether `stream` wants colours: a terminal that knows them, and no NO_COLOR."""
    return stream is not None and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and stream.isatty()


def show_error(err: SopsError, environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Write the report of an error."""
    stream = stream or sys.stderr
    paint = coloured(stream, environ)
    if getattr(err, "bare", False):
        _write(stream, [err.message])
        return
    lines = [_head("error", _BOLD_RED, str(err), paint)]
    if err.excerpt:
        lines += _excerpt(err)
    lines += [f"  {safe(line)}" for detail in err.details for line in detail.splitlines()]
    lines += [_hint(_with_file(hint, err.file), paint) for hint in err.hints if hint]
    _write(stream, lines)


def show_warning(text: str, environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Write one warning."""
    stream = stream or sys.stderr
    _write(stream, [_head("warning", _BOLD_YELLOW, text, coloured(stream, environ))])


def show_line(text: str, stream: TextIO | None = None) -> None:
    """Write a line that is neither error nor warning, such as a question."""
    _write(stream or sys.stderr, [safe(text)])


def show_calls(counts: Mapping[str, Count], stream: TextIO | None = None) -> None:
    """Write how often key services in a network were asked."""
    for kind, count in counts.items():
        times = "once" if count.asked == 1 else f"{count.asked} times"
        more = f", {count.remembered} more answers remembered" if count.remembered else ""
        show_line(f"{kind}: asked {times}{more}", stream)


def show_crash(err: BaseException, environ: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Report an exception that nobody expected, without its text. SOPSPY_TRACEBACK=1 adds where it happened."""
    stream = stream or sys.stderr
    paint = coloured(stream, environ)
    lines = [_head("internal error", _BOLD_RED, type(err).__name__, paint)]
    if environ.get("SOPSPY_TRACEBACK") == "1":
        lines[:0] = _trace(err)
        lines.append(_hint(f"please report this, with the lines above: {ISSUES}", paint))
    else:
        lines.append(
            _hint("run it again with SOPSPY_TRACEBACK=1, which shows no values, and report what it says:", paint)
        )
        lines.append(f"      {ISSUES}")
    _write(stream, lines)


def safe(text: str) -> str:
    """`text` without anything that could move a terminal's cursor or hide other text."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def shorten(text: str, caret: int) -> tuple[str, int]:
    """`text` with long encoded runs cut to `0quTg0um…`, and where the zero-based `caret` moved to."""
    parts: list[str] = []
    length = at = 0
    moved = caret
    while at < len(text):
        end = at
        while end < len(text) and text[end] in _RUN:
            end += 1
        part = text[at : max(end, at + 1)]
        if end - at > _LONGEST_RUN:
            part = part[:_KEPT] + "…"
        if at <= caret < max(end, at + 1):
            moved = length + min(caret - at, len(part) - 1)
        parts.append(part)
        length += len(part)
        at = max(end, at + 1)
    return "".join(parts), moved if caret < len(text) else length


def _head(kind: str, colour: str, text: str, paint: bool) -> str:
    text = safe(text)
    name = cli.program
    return f"{_BOLD}{name}:{_OFF} {colour}{kind}:{_OFF} {text}" if paint else f"{name}: {kind}: {text}"


def _hint(text: str, paint: bool) -> str:
    text = text.replace("sopspy ", f"{cli.program} ")
    return f"{_BOLD_CYAN}hint:{_OFF} {safe(text)}" if paint else f"hint: {safe(text)}"


def _with_file(hint: str, file: str | None) -> str:
    """A hint whose commands name the very file, quoted for the shell, where they say `FILE`."""
    if not file or "FILE" not in hint:
        return hint
    from shlex import quote

    file = f"./{file}" if file.startswith("-") else file
    return " ".join(quote(file) if word == "FILE" else word for word in hint.split(" "))


def _excerpt(err: SopsError) -> list[str]:
    """The line of the error, and a caret under its column."""
    source = "".join(char if char.isprintable() else " " for char in err.excerpt.rstrip("\r\n"))
    line, caret = shorten(source, max(err.column - 1, 0) if err.caret is None else err.caret)
    if len(line) > _WIDEST_LINE and caret < _WIDEST_LINE:
        line = line[: _WIDEST_LINE - 1] + "…"
    number = str(err.line or "").rjust(5)
    lines = [f"{number} | {line}"]
    if err.column:
        lines.append(f"{' ' * 5} | {' ' * caret}^")
    return lines


def _escaped(char: str) -> str:
    return char if char == " " else char.encode("unicode_escape", "backslashreplace").decode("ascii")


def _trace(err: BaseException) -> list[str]:
    """Files, lines and source lines of an exception and its causes: no messages and no local values."""
    from traceback import format_tb

    lines: list[str] = []
    seen: BaseException | None = err
    while seen is not None:
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        lines += [line for entry in format_tb(seen.__traceback__) for line in entry.rstrip().splitlines()]
        seen = seen.__cause__ or seen.__context__
    return lines


def _write(stream: TextIO | None, lines: list[str]) -> None:
    if stream is None:
        return  # standard error was closed before we started
    try:
        stream.write("\n".join(lines) + "\n")
        stream.flush()
    except OSError:
        return  # nobody is there to read it
