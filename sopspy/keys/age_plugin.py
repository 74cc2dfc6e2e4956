"""age plugins: programs named `age-plugin-NAME` that hold identities or wrap for recipients.

Responsible for which names may be run at all, and for what a plugin asks the user. A recipient may come from a file
that anybody wrote, so a name never becomes a path. Source: the age plugin protocol (C2SP); sops 3.13.2.
"""

from __future__ import annotations

from ..errors import SopsError

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+-._")


class Opener:
    """An identity that lives in a plugin. Its `repr` shows the plugin only."""

    __slots__ = ("_key", "_name")
    rank = 1
    recipient = ""

    def __init__(self, text: str) -> None:
        from pyrage import IdentityError, plugin

        self._name = _checked(text.removeprefix("AGE-PLUGIN-").rpartition("1")[0].removesuffix("-").lower())
        try:
            self._key = plugin.Identity.from_str(text)
        except IdentityError:
            raise ValueError("malformed identity") from None

    def open(self, data: bytes) -> bytes | None:
        """The secret in an unarmored file, None when it is for somebody else. Raises ValueError with the reason."""
        import pyrage

        _found(self._name)
        try:
            plugin = pyrage.plugin.IdentityPluginV1(self._name, [self._key], _Callbacks(self._name))
            opened: bytes = pyrage.decrypt(data, [plugin])
        except (pyrage.DecryptError, pyrage.IdentityError) as err:
            if str(err) == "No matching keys found":
                return None
            raise ValueError(f"age-plugin-{self._name}: {_line(err)}") from None
        return opened

    def __repr__(self) -> str:
        return f"Opener(age-plugin-{self._name})"


def wrap(recipient: str, secret: bytes) -> str:
    """An armored age file with `secret`, made with a plugin. Raises SopsError with the plugin's reason."""
    import pyrage

    try:
        name = _checked(recipient.rpartition("1")[0].removeprefix("age1"))
        _found(name)
        parsed = pyrage.plugin.Recipient.from_str(recipient)
        plugin = pyrage.plugin.RecipientPluginV1(name, [parsed], [], _Callbacks(name))
        made: bytes = pyrage.encrypt(secret, [plugin], armored=True)
    except ValueError as err:
        raise SopsError(str(err)) from None
    except (pyrage.EncryptError, pyrage.RecipientError) as err:
        raise SopsError(f"age-plugin-{name}: {_line(err)}") from None
    return made.decode("ascii")


class _Callbacks:
    """What a plugin may ask and show, on the terminal."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def display_message(self, message: str) -> None:
        from .terminal import show

        show(f"age-plugin-{self._name}: {message}")

    def confirm(self, message: str, yes_string: str, no_string: str | None = None) -> bool | None:
        from .terminal import NoTerminalError, ask

        choice = f"{yes_string}/{no_string}" if no_string else yes_string
        try:
            return ask(f"age-plugin-{self._name}: {message} ({choice})").strip().lower() in ("y", yes_string.lower())
        except NoTerminalError:
            return None

    def request_public_string(self, description: str) -> str | None:
        from .terminal import NoTerminalError, ask

        try:
            return ask(f"age-plugin-{self._name}: {description}:")
        except NoTerminalError:
            return None

    def request_passphrase(self, description: str) -> str | None:
        from .terminal import NoTerminalError, ask_secret

        try:
            return ask_secret(f"age-plugin-{self._name}: {description}:")
        except NoTerminalError:
            return None


def _checked(name: str) -> str:
    """A plugin's name that can be no path and no option. Raises ValueError."""
    if not name or not _LETTERS.issuperset(name) or name[0] in "-.":
        raise ValueError("not the name of an age plugin")
    return name


def _found(name: str) -> None:
    import shutil

    if shutil.which(f"age-plugin-{name}") is None:
        raise ValueError(f"age-plugin-{name} is not installed (no such program in PATH)")


def _line(err: Exception) -> str:
    """The first sentence of the library's message; what follows tells developers how to print keys."""
    text = " ".join(str(err).replace("\u2068", "").replace("\u2069", "").split())
    return text.partition(". If you are developing")[0][:200]
