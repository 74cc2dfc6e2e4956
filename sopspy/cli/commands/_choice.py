"""Which files of a folder `encrypt` takes: those that a creation rule fits and that are not encrypted yet.

A rule that fits every file takes only files of a format that keeps its keys readable: a folder holds much that nobody
meant. Must not read more of a file than its tokens.
"""

from __future__ import annotations

import os

from ...errors import ConfigError, SopsError
from ...formats.base import detect
from ...keys.table import REMOTE
from ...many.walk import looks_encrypted
from ...rule_keys import KeyContext
from ...rules import NAME, WRONG_NAME
from ..context import keys_of, rule_of, trusted_keys
from . import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...many.walk import Found
    from ...rules import Config
    from ..parse import Request


class Choice:
    """What a request to encrypt folders takes. Raises ConfigError when no rules could choose."""

    def __init__(self, request: Request, config: Config | None) -> None:
        folder = next(filter(os.path.isdir, request.positionals), "")
        if folder and (config is None or config.rules is None):
            raise ConfigError(
                "is a folder, and there are no creation rules that choose its files",
                file=folder,
                hint=("write a .sops.yaml: sopspy init", "or name the files"),
            )
        self._request = request
        self._config = config
        self._shared = KeyContext(now())

    def wanted(self, found: Found) -> bool:
        """Whether a file in a folder is taken."""
        if os.path.basename(found.path) in (NAME, WRONG_NAME):
            return False
        rule = rule_of(self._config, found.path)
        if rule is None or (not rule.path_regex and detect(found.path) == "binary"):
            return False
        return not looks_encrypted(found.path)

    def remote(self, path: str) -> bool:
        """Whether the data key of a file will be wrapped by a service in a network."""
        try:
            keys = keys_of(self._request, "", self._shared) or trusted_keys(self._config, path, self._shared)
        except SopsError:
            return False  # the work on the file says why
        return any(key.kind in REMOTE for key in keys)
