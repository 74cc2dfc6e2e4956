"""Calls of key services over a network: bounded in time, side by side, and none made twice.

Each call runs in a thread of its own that nobody has to wait for, so a server that accepts and never answers holds up
neither the other keys of a file nor the end of the program. What a wrapped key gave is remembered for the life of the
key ring, by all that the answer depends on; so is a place where nobody answered. Nothing is ever written anywhere.
Must not know any service. Loaded only when a file has such a key.
"""

from __future__ import annotations

import threading
import time

from ..limits import CALL_SECONDS, CALLS_AT_ONCE
from .base import Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..metadata import MasterKey
    from .base import KeyService

_PLACES = {"azure_kv": ("vault_url",), "hc_vault": ("vault_address",)}


class Count:
    """How often a kind of key service was asked, and how often an answer was at hand already."""

    __slots__ = ("asked", "remembered")

    def __init__(self) -> None:
        self.asked = 0
        self.remembered = 0

    def __repr__(self) -> str:
        return f"Count(asked={self.asked}, remembered={self.remembered})"


class Call:
    """One call under way or over. Its `repr` shows neither the key nor the answer."""

    __slots__ = ("_answer", "_deadline", "_done", "_failure", "_key", "_owner", "_seconds")

    def __init__(self, owner: Calls, key: MasterKey, seconds: float) -> None:
        self._owner = owner
        self._key = key
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._done = threading.Event()
        self._answer: Any = None
        self._failure: BaseException | None = None

    def run(self, work: Callable[[], Any]) -> None:
        """Do the work; the thread's only job."""
        try:
            self._answer = work()
        except BaseException as err:
            self._failure = err
        self._owner.heard(self._key, self._failure)
        self._done.set()

    def over(self, seconds: float) -> bool:
        """Whether the call is over, or its time is up, within these seconds from now."""
        left = self._deadline - time.monotonic()
        return self._done.wait(max(0.0, min(seconds, left))) or time.monotonic() >= self._deadline

    def answer(self) -> Any:
        """Wait for the answer. Raises what the service raised, Unreachable when the time is up."""
        if not self._done.wait(max(0.0, self._deadline - time.monotonic())):
            failure = Unreachable(
                f"no answer within {self._seconds:g} seconds", "is the network, or the proxy, or the endpoint right?"
            )
            self._owner.heard(self._key, failure)
            raise failure
        if self._failure is not None:
            raise self._failure
        return self._answer

    def __repr__(self) -> str:
        return f"Call({self._key!r}, over={self._done.is_set()})"


class Calls:
    """The calls of one key ring. May be used from several threads at once."""

    __slots__ = ("_alive", "_known", "_lock", "_seconds", "_silent", "_slots", "counts")

    def __init__(self, seconds: float = CALL_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(CALLS_AT_ONCE)
        self._known: dict[tuple[Any, ...], Call] = {}
        self._alive: set[tuple[str, ...]] = set()
        self._silent: set[tuple[str, ...]] = set()
        self.counts: dict[str, Count] = {}

    def open(self, key: MasterKey, service: KeyService) -> Call:
        """Ask for the secret in `key.enc`, or join the call that asked for the same."""
        identity = _identity(key)
        with self._lock:
            count = self._count(key)
            known = self._known.get(identity)
            if known is not None:
                count.remembered += 1
                return known
            count.asked += 1
            call = self._known[identity] = Call(self, key, self._seconds)
        self._start(call, key, lambda: service.open(key))
        return call

    def wrap(self, key: MasterKey, secret: bytes, service: KeyService) -> Call:
        """Ask for the `enc` text of `key`."""
        with self._lock:
            self._count(key).asked += 1
        call = Call(self, key, self._seconds)
        self._start(call, key, lambda: service.wrap(key, secret))
        return call

    def heard(self, key: MasterKey, failure: BaseException | None) -> None:
        """Note whether anybody answers at the place of `key`."""
        place = _place(key)
        if isinstance(failure, Unreachable):
            self._silent.add(place)
        else:
            self._alive.add(place)

    def _start(self, call: Call, key: MasterKey, work: Callable[[], Any]) -> None:
        place = _place(key)
        if place in self._silent and place not in self._alive:
            call.run(_refuse)
            return

        def bounded() -> None:
            with self._slots:
                call.run(work)

        threading.Thread(target=bounded, name=f"sopspy-{key.kind}", daemon=True).start()

    def _count(self, key: MasterKey) -> Count:
        return self.counts.setdefault(key.kind, Count())

    def __repr__(self) -> str:
        return f"Calls({self.counts!r})"


def _refuse() -> None:
    raise Unreachable("not asked: nobody answered there before")


def _identity(key: MasterKey) -> tuple[Any, ...]:
    """All that the answer to `open` depends on: the ring's environment decides the rest, endpoint and credentials."""
    fields = tuple((name, text) for name, text in key.fields.items() if name != "created_at")
    context = tuple(sorted((name, value or "", value is None) for name, value in key.context.items()))
    return key.kind, fields, context, key.loose_context, key.enc


def _place(key: MasterKey) -> tuple[str, ...]:
    """Where a call of this key goes."""
    if key.kind == "kms":
        return key.kind, *key.fields["arn"].split(":")[1:4]
    return key.kind, *(key.fields[name] for name in _PLACES.get(key.kind, ()))
