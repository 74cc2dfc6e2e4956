"""`sopspy rotate`: a new data key, every value sealed anew, recipients added and removed on the way.

Nobody is let in whom only the file names: see `operations.rotate`.
"""

from __future__ import annotations

import os

from ...errors import SopsError
from ...operations.decrypt import decrypt
from ...operations.rotate import Change, rotate
from ...rule_keys import KeyContext
from ..context import config_of, encryption_context, indent_of, keys_of, trusted_keys
from ..spec import KEY_OPTIONS
from . import check_target, formats_of, key_ring, now, read_input, required_file, warn, warn_about, write_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

_NO_FILE_TO_CHANGE = 49


def run(request: Request) -> int:
    """Rotate the data key of one file. Raises SopsError."""
    path = required_file(request)
    check_target(request, path)
    changes = [f"{verb}-{key}" for verb in ("add", "rm") for key in KEY_OPTIONS if request.text(f"{verb}-{key}")]
    if changes and not os.path.exists(path):
        raise SopsError(
            "no such file, so its recipients cannot change",
            file=path,
            hint="to make a new file: sopspy edit FILE",
            exit_code=_NO_FILE_TO_CHANGE,
        )
    ring = key_ring(request)
    made = now()
    shared = KeyContext(made, _context(request), request.text("aws-profile"))
    removed = [key.display for key in keys_of(request, "rm-", shared)]
    config = config_of(request)
    trusted = trusted_keys(config, request.text("filename-override") or path, shared)
    change = Change(keys_of(request, "add-", shared), removed, trusted)
    request.subject = path
    before = read_input(path)
    source_format, target_format = formats_of(request, path)
    old = decrypt(before, source_format, ring, ignore_mac=request.flag("ignore-mac"))
    warn_about(request, old.warnings)
    data = rotate(old, ring, made, change)
    if source_format != target_format:
        from ._convert import seal_as

        old = decrypt(data, source_format, ring)
        data = seal_as(old, old.data, target_format, indent_of(request, config, target_format))
    write_result(request, data, before, plaintext=False)
    return 0


def _context(request: Request) -> dict[str, str]:
    """The encryption context. Here a malformed one is a warning only, as in sops."""
    try:
        return encryption_context(request)
    except SopsError as err:
        warn(request, f"{err.message}: it is ignored")
        return {}
