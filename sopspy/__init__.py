"""sopspy: SOPS in native Python. Encrypts the values of YAML and JSON files, and changes nothing else in them.

    import sopspy

    config = sopspy.load("secrets.yaml")            # decrypted data as dict, list, str, int, ...
    text = sopspy.decrypt("secrets.yaml")           # the decrypted file as bytes, exact to the byte
    sealed = sopspy.encrypt(b"token: s3cret\\n", format="yaml", age=["age1..."])
    with sopspy.edit("secrets.yaml") as document:   # saved on leaving; only what changed is encrypted anew
        document.data["token"] = "new"

What is given as a path is a file; `bytes`, and a `str` that has a line break or begins with `{`, is content. The format
comes from the path's ending (`.yaml`, `.yml`, `.json`, anything else binary) or from `format=`. Identities are looked
for where sops looks, in `environ` (default: `os.environ`). Every failure is a `SopsError`; no error, log line or
`repr` holds a value, a key or an identity.

Promise: these names and what they mean stay as they are within a major version. Modules below this one are internal.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .api import (
        Document,
        Keys,
        decrypt,
        edit,
        encrypt,
        is_encrypted,
        load,
        load_all,
        rotate,
        set_value,
        unset_value,
    )
    from .errors import SopsError

__version__ = "0.1.0"
__all__ = [
    "Document",
    "Keys",
    "SopsError",
    "decrypt",
    "edit",
    "encrypt",
    "is_encrypted",
    "load",
    "load_all",
    "rotate",
    "set_value",
    "unset_value",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: `import sopspy` costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(".errors" if name == "SopsError" else ".api", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
