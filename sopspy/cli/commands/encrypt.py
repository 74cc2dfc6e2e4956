"""`sopspy encrypt`: the values of a plain file, to standard output, to `--output` or in place."""

from __future__ import annotations

from ...errors import ConflictError
from ...operations.encrypt import encrypt
from ..context import config_of, indent_of, plan_of
from . import STDIN, check_exists, check_target, formats_of, key_ring, now, only_file, read_input, write_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request


def run(request: Request) -> int:
    """Encrypt one file. Raises SopsError."""
    path = only_file(request)
    name = request.text("filename-override") or path
    check_target(request, path)
    if name == STDIN:
        raise ConflictError(
            "standard input has no name that could choose its format and creation rule",
            hint="give it one: sopspy encrypt --filename-override secrets.yaml",
        )
    check_exists(path)
    source_format, target_format = formats_of(request, path)
    config = config_of(request)
    plan = plan_of(request, config, name, source_format)
    ring = key_ring(request)
    request.subject = path or "standard input"
    data = before = read_input(path)
    if source_format != target_format:
        from ._convert import convert_plain

        data = convert_plain(before, source_format, target_format, indent_of(request, config, target_format))
    write_result(request, encrypt(data, target_format, plan, ring, now()), before, plaintext=False)
    return 0
