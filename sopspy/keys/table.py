"""Which module serves which kind of master key. A literal table: looking for entry points costs 37 ms a call."""

from __future__ import annotations

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .base import KeyService

MODULES = {
    "age": "sopspy.keys.age",
}


def service(kind: str, environ: Mapping[str, str]) -> KeyService:
    """A new service for `kind`. Raises SopsError when this version has none."""
    name = MODULES.get(kind)
    if name is None:
        raise SopsError(f"not available in this version: {kind}")
    made: KeyService = __import__(name, fromlist=["Service"]).Service(environ)
    return made
