"""`sopspy encrypt`: the values of a plain file, to standard output, to `--output` or in place."""

from __future__ import annotations

from ...errors import ConflictError
from ...operations.encrypt import encrypt
from ..context import config_of, indent_of, plan_of
from . import (
    STDIN,
    check_exists,
    check_target,
    key_ring,
    now,
    only_file,
    read_input,
    sealed_formats_of,
    several,
    write_result,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...rules import Config
    from ..parse import Request


def run(request: Request) -> int:
    """Encrypt one file or several. Raises SopsError."""
    if several(request):
        return _many(request)
    path = only_file(request)
    name = request.text("filename-override") or path
    check_target(request, path)
    if name == STDIN:
        raise ConflictError(
            "standard input has no name that could choose its format and creation rule",
            hint="give it one: sopspy encrypt --filename-override secrets.yaml",
        )
    check_exists(path)
    formats = sealed_formats_of(request, path)
    config = config_of(request)
    plan = plan_of(request, config, name, formats[0])
    ring = key_ring(request)
    request.subject = path or "standard input"
    before = read_input(path)
    data = encrypt(_converted(request, config, before, formats), formats[1], plan, ring, now())
    write_result(request, data, before, plaintext=False)
    return 0


def _many(request: Request) -> int:
    from . import _fleet
    from ._choice import Choice

    _fleet.check(request)
    config = config_of(request)
    choice = Choice(request, config)
    ring = key_ring(request)

    def make(path: str) -> tuple[bytes, bytes, list[str]]:
        formats = sealed_formats_of(request, path)
        plan = plan_of(request, config, path, formats[0])
        before = read_input(path)
        return encrypt(_converted(request, config, before, formats), formats[1], plan, ring, now()), before, []

    task = _fleet.Task("encrypted", ring, make)
    task.wanted, task.remote = choice.wanted, choice.remote
    return _fleet.run(request, task)


def _converted(request: Request, config: Config | None, data: bytes, formats: tuple[str, str]) -> bytes:
    """The plain file in the format of the output."""
    if formats[0] == formats[1]:
        return data
    from ._convert import convert_plain

    return convert_plain(data, *formats, indent_of(request, config, formats[1]))
