"""What a key service is, and its ways to say no.

A key service is a class that is made once per key ring with the environment, and that keeps what is dear (parsed
identities, clients) between calls. It must not know of files, formats or other services.
"""

from __future__ import annotations

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from ..metadata import MasterKey

    class KeyService(Protocol):
        """Wraps and unwraps data keys for one kind of master key."""

        def __init__(self, environ: Mapping[str, str]) -> None: ...

        def wrap(self, key: MasterKey, secret: bytes) -> str:
            """`secret` (a data key or one of its shares) as the `enc` text of `key`. Raises SopsError."""

        def open(self, key: MasterKey) -> bytes:
            """The secret in `key.enc`. Raises NotForMe, or SopsError when something is in the way."""

        def likely(self, key: MasterKey) -> bool:
            """Whether `open` should succeed, as far as can be told without asking anybody."""

        def holds(self, key: MasterKey) -> bool:
            """Whether what opens this recipient's entries is surely at hand. What the file says proves nothing."""


class NotForMe(Exception):
    """This service cannot open the key: try the next. `reason` says what was looked at and what was found, `hint` what
    to do about it."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class NeedsPerson(NotForMe):
    """Somebody would have to be asked: the other keys of the group come first."""


class Unreachable(NotForMe):
    """Nobody answered where the key lives, so asking again for another file is of no use."""


class WrapError(SopsError):
    """The data key could not be wrapped for every recipient."""


class EmptyGroupError(WrapError):
    """A key group without keys. Scripts compare its report byte for byte, so it is printed without a prefix."""

    bare = True

    def __init__(self) -> None:
        super().__init__("Could not generate data key: [empty key group provided]")
