"""The few places where a private import path saves start-up time, each with the public path as its fallback.

Measured on Python 3.11: the public AES-GCM module costs 12 ms more than the class itself, `re2` 4 ms, `hashlib` 3 ms.
`lean` is switched on by the console entry only: a library never plays such tricks in somebody else's process.
"""

from __future__ import annotations

import sys

try:
    from _operator import _compare_digest as same_digest  # what `hmac.compare_digest` is
except ImportError:  # pragma: no cover
    from hmac import compare_digest as same_digest  # type: ignore[no-redef]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

__all__ = ["aesgcm", "lean", "leave", "re2_finder", "same_digest", "sha512"]

_OWN_SHA = "_sha512" if sys.version_info[:2] == (3, 11) else "_sha2"
"""Where the interpreter has its own: looking for a module that is not there is dear, and this is done for each file."""

lean = False
"""Whether this process is ours alone."""


def leave(code: int) -> NoReturn:
    """End the process: what threads and modules have left to do is done, but modules are not taken down one by one.

    That costs a tenth of a small command, and 20 ms when an SDK is loaded. The streams have to be flushed before.
    """
    import os

    threading, atexit = sys.modules.get("threading"), sys.modules.get("atexit")
    try:
        if threading is not None:
            threading._shutdown()  # waits for threads that are no daemons, as the interpreter does
        if atexit is not None:
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (AttributeError, OSError):
        sys.exit(code)
    os._exit(code)


def aesgcm() -> Any:
    """The AESGCM class of `cryptography`."""
    if lean:
        try:
            from cryptography.hazmat.bindings._rust import openssl

            return openssl.aead.AESGCM
        except (ImportError, AttributeError):
            pass
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM


def sha512(size: int = 0) -> Callable[[bytes], Any]:
    """SHA-512 as in `hashlib`, for `size` bytes: the interpreter's own loads faster but runs slower."""
    if lean and size < 1 << 20:
        try:
            found: Callable[[bytes], Any] = __import__(_OWN_SHA).sha512
            return found
        except (ImportError, AttributeError):
            pass
    from hashlib import sha512 as public

    return public


def re2_finder(pattern: bytes) -> Callable[[bytes], bool]:
    """A function that tells whether an RE2 pattern matches anywhere in a text. Raises ValueError with RE2's reason."""
    if lean:
        try:
            return _re2_finder(pattern)
        except (ImportError, AttributeError, TypeError):
            pass
    import re2

    options = re2.Options()
    options.log_errors = False  # it would print the pattern to stderr by itself
    try:
        search = re2.compile(pattern, options).search
    except re2.error as err:
        raise ValueError(_text(err.args[0] if err.args else "")) from None
    return lambda text: search(text) is not None


def _re2_finder(pattern: bytes) -> Callable[[bytes], bool]:
    module = _alone("re2", "_re2").RE2
    options = module.Options()
    options.log_errors = False
    compiled = module(pattern, options)
    if not compiled.ok():
        raise ValueError(_text(compiled.error()))
    match, anchor = compiled.Match, module.Anchor.UNANCHORED
    return lambda text: match(anchor, text, 0, len(text))[0][0] >= 0


def _text(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason


def _alone(package: str, name: str) -> Any:
    """A module of a package whose own code is not run. Raises ImportError."""
    loaded = sys.modules.get(f"{package}.{name}")
    if loaded is not None:
        return loaded
    for finder in sys.meta_path:
        spec = finder.find_spec(package, None)
        if spec is not None:
            break
    else:
        raise ImportError
    stand_in: Any = type(sys)(package)
    stand_in.__path__ = spec.submodule_search_locations
    sys.modules[package] = stand_in
    try:
        return getattr(__import__(f"{package}.{name}"), name)
    finally:
        del sys.modules[package]
