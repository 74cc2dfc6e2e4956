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
from . import (
    check_target,
    key_ring,
    now,
    read_input,
    required_file,
    sealed_formats_of,
    several,
    warn,
    warn_about,
    write_result,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

_NO_FILE_TO_CHANGE = 49


def run(request: Request) -> int:
    """Rotate the data key of one file or several. Raises SopsError."""
    if several(request):
        return _many(request)
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
    rotation = _Rotation(request)
    request.subject = path
    data, before, warnings = rotation.rotated(path)
    warn_about(request, warnings)
    write_result(request, data, before, plaintext=False)
    return 0


def _many(request: Request) -> int:
    from ...keys.table import REMOTE
    from ...many.walk import needs_network
    from . import _fleet

    _fleet.check(request)
    rotation = _Rotation(request)
    task = _fleet.Task("rotated", rotation.ring, rotation.rotated)
    if any(key.kind in REMOTE for key in rotation.added):
        task.remote = lambda path: True
    else:
        task.remote = needs_network
    return _fleet.run(request, task)


class _Rotation:
    """What the request says about every file. Raises SopsError."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.ring = key_ring(request)
        self._made = now()
        self._shared = KeyContext(self._made, _context(request), request.text("aws-profile"))
        self._removed = [key.display for key in keys_of(request, "rm-", self._shared)]
        self._config = config_of(request)
        self.added = keys_of(request, "add-", self._shared)

    def rotated(self, path: str) -> tuple[bytes, bytes, list[str]]:
        """The file under a new data key, what it holds now, and warnings about it."""
        request = self._request
        trusted = trusted_keys(self._config, request.text("filename-override") or path, self._shared)
        before = read_input(path)
        source_format, target_format = sealed_formats_of(request, path)
        old = decrypt(before, source_format, self.ring, ignore_mac=request.flag("ignore-mac"))
        warnings = old.warnings
        if source_format != target_format:  # before it is rotated: afterwards it may not be for us
            from ._convert import seal_as

            data = seal_as(old, old.data, target_format, indent_of(request, self._config, target_format))
            old = decrypt(data, target_format, self.ring)
        data = rotate(old, self.ring, self._made, Change(self.added, self._removed, trusted))
        return data, before, warnings


def _context(request: Request) -> dict[str, str]:
    """The encryption context. Here a malformed one is a warning only, as in sops."""
    try:
        return encryption_context(request)
    except SopsError as err:
        warn(request, f"{err.message}: it is ignored")
        return {}
