"""The key ring: every key service at hand, and how key groups make one data key.

Responsible for the order in which master keys are tried, for groups and their threshold, and for the report when the
data key cannot be had. Services are made when the first key of their kind comes up, and serve all files of the ring.
Must not know of formats or of the trees of values. Source: sops 3.13.2; docs/compatibility.md.
"""

from __future__ import annotations

import os
from _thread import allocate_lock

from ..errors import DataKeyError, SopsError, UsageError
from ..limits import IMPATIENCE_SECONDS
from .base import EmptyGroupError, NeedsPerson, NotForMe, WrapError
from .table import ASKING, REMOTE, service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..metadata import MasterKey
    from .base import KeyService
    from .calls import Call, Calls, Count

DEFAULT_ORDER = ("age", "pgp")
_GLANCE = 0.05  # seconds between two looks at calls under way


class KeyRing:
    """Wraps and unwraps data keys. One ring may serve many files, from several threads.

    `order`: the kinds to try first; () tries the keys as they stand in the file. `random(n)` gives n random bytes.
    """

    __slots__ = ("_calls", "_environ", "_lock", "_order", "_random", "_services")

    def __init__(
        self,
        environ: Mapping[str, str],
        order: tuple[str, ...] | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._environ = environ
        self._order = DEFAULT_ORDER if order is None else order
        self._random = random
        self._services: dict[str, KeyService | SopsError] = {}
        self._calls: Calls | None = None
        self._lock = allocate_lock()  # what `threading` offers is dear to import

    @property
    def counts(self) -> dict[str, Count]:
        """The calls over a network that this ring has made so far, by kind of key."""
        return dict(self._calls.counts) if self._calls is not None else {}

    def open(self, groups: list[list[MasterKey]], threshold: int) -> bytes:
        """The data key. `threshold` counts only with several groups; 0 combines what can be had.

        Raises DataKeyError with one line for every key that was tried.
        """
        parts: list[bytes] = []
        report: list[Failures | None] = []
        for group in groups:
            failures = Failures()
            part = self._open_group(group, failures)
            report.append(None if part is not None else failures)
            if part is not None:
                parts.append(part)
                for key in group:
                    key.secret = part
        if len(groups) == 1 and parts:
            return _checked(parts[0])
        if len(groups) < 2 or len(parts) < max(threshold, 2):
            raise _cannot_open(groups, threshold, report)
        from . import shamir

        try:
            return _checked(shamir.combine(parts))
        except ValueError as err:
            raise DataKeyError(f"the parts of the data key do not fit together: {err}") from None

    def wrap(self, groups: list[list[MasterKey]], threshold: int, data_key: bytes) -> None:
        """Wrap the data key, or its shares when there are several groups, into the `enc` of every key.

        `threshold` 0 stands for the number of groups. Raises EmptyGroupError, or WrapError with one line for every
        key that failed; then no `enc` is changed.
        """
        parts = self._parts(groups, threshold, data_key)
        if not groups or not all(groups):
            raise EmptyGroupError
        pairs = [(key, part) for group, part in zip(groups, parts, strict=True) for key in group]
        started = {id(key): self._start(key, part) for key, part in pairs if key.kind in REMOTE}
        wrapped: list[tuple[MasterKey, str]] = []
        failed = Failures()
        for key, part in pairs:
            try:
                wrapped.append((key, _answer(started[id(key)]) if key.kind in REMOTE else self._wrap(key, part)))
            except (SopsError, NotForMe) as err:
                failed.add(key, err)
        if failed.rows:
            raise WrapError(
                f"cannot wrap the data key for {len(failed.rows)} of {len(pairs)} recipients",
                details=tuple(failed.lines()),
                hint=tuple(failed.hints),
            )
        for key, enc in wrapped:
            key.enc = enc

    def holds(self, key: MasterKey) -> bool:
        """Whether wrapping a new data key for the recipient of `key` lets nobody in: it is our own, or its service
        opens the entry to the very secret that opened the file, so that it could read the file before."""
        try:
            if key.kind in REMOTE:
                return key.secret is not None and self._ask(key).answer() == key.secret
            return self._service(key.kind).holds(key)
        except (SopsError, NotForMe):
            return False

    def _parts(self, groups: list[list[MasterKey]], threshold: int, data_key: bytes) -> list[bytes]:
        if len(groups) < 2:
            return [data_key] * len(groups)
        from . import shamir

        try:
            return shamir.split(data_key, len(groups), threshold or len(groups), self._random)
        except ValueError as err:
            raise WrapError(f"cannot split the data key for {len(groups)} key groups: {err}") from None

    def _open_group(self, group: list[MasterKey], failures: Failures) -> bytes | None:
        """The secret of the first key that opens. A key whose service is silent does not hold up the next one, and
        nobody is asked for a passphrase before all other keys were tried."""
        waiting: list[tuple[MasterKey, Call]] = []
        asking: list[MasterKey] = []
        for key in self._sorted(group):
            try:
                if not key.enc:
                    raise NotForMe("has no wrapped data key")
                if key.kind not in REMOTE:
                    return self._open_local(key, quietly=len(group) > 1)
                call = self._ask(key)
                if not call.over(IMPATIENCE_SECONDS):
                    waiting.append((key, call))
                    continue
                secret: bytes = call.answer()
                return secret
            except NeedsPerson:
                asking.append(key)
            except (NotForMe, SopsError) as err:
                failures.add(key, err)
            secret_of_waiting = _first_answer(waiting, failures, patient=False)
            if secret_of_waiting is not None:
                return secret_of_waiting
        late = _first_answer(waiting, failures, patient=True)
        places = {(key.kind, key.display): place for place, key in enumerate(self._sorted(group))} if asking else {}
        for key in asking if late is None else ():
            try:
                return self._open_local(key, quietly=False)
            except (NotForMe, SopsError) as err:
                failures.add(key, err)
        failures.rows.sort(key=lambda row: places.get(row[:2], 0))  # told in the order of the keys
        return late

    def _open_local(self, key: MasterKey, *, quietly: bool) -> bytes:
        service = self._service(key.kind)
        if quietly and key.kind in ASKING:
            opened: bytes = service.open_quietly(key)  # type: ignore[attr-defined]  # those kinds have it
            return opened
        return service.open(key)

    def _ask(self, key: MasterKey) -> Call:
        return self._remote().open(key, self._service(key.kind))

    def _start(self, key: MasterKey, secret: bytes) -> Call | SopsError:
        try:
            return self._remote().wrap(key, secret, self._service(key.kind))
        except SopsError as err:
            return err

    def _remote(self) -> Calls:
        with self._lock:
            if self._calls is None:
                from .calls import Calls

                self._calls = Calls()
            return self._calls

    def _wrap(self, key: MasterKey, secret: bytes) -> str:
        return self._service(key.kind).wrap(key, secret)

    def _sorted(self, group: list[MasterKey]) -> Iterator[MasterKey]:
        """By kind as the order says; in a run of one kind, the keys first that an identity at hand belongs to.

        A service is asked only when its run comes up: making one may be dear.
        """
        places = {kind: place for place, kind in enumerate(self._order)}
        keys = sorted(group, key=lambda key: places.get(key.kind, len(places)))
        start = 0
        while start < len(keys):
            end = start + 1
            while end < len(keys) and keys[end].kind == keys[start].kind:
                end += 1
            run = keys[start:end]
            yield from sorted(run, key=lambda key: not self._likely(key)) if len(run) > 1 else run
            start = end

    def _likely(self, key: MasterKey) -> bool:
        try:
            return self._service(key.kind).likely(key)
        except SopsError:
            return False

    def _service(self, kind: str) -> KeyService:
        with self._lock:
            known = self._services.get(kind)
            if known is None:
                try:
                    known = service(kind, self._environ)
                except SopsError as err:
                    known = err
                self._services[kind] = known
        if isinstance(known, SopsError):
            raise known
        return known

    def __repr__(self) -> str:
        return f"KeyRing(order={self._order!r})"


def parse_order(text: str) -> tuple[str, ...]:
    """The value of `--decryption-order`. Raises UsageError (exit 112) when a kind is named twice."""
    if not text:
        return DEFAULT_ORDER
    order = tuple(text.split(","))
    for place, kind in enumerate(order):
        if kind in order[:place]:
            raise UsageError(f"duplicate key type in the decryption order: {kind}", exit_code=112)
    return order


def _checked(data_key: bytes) -> bytes:
    if len(data_key) != 32:
        raise DataKeyError(f"the unwrapped data key has {len(data_key)} bytes instead of 32")
    return data_key


class Failures:
    """What went wrong with each key of a group, and what can be done about it."""

    __slots__ = ("hints", "rows")

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []
        self.hints: list[str] = []

    def add(self, key: MasterKey, err: NotForMe | SopsError) -> None:
        """Note why a key failed."""
        reason, hints = (err.reason, (err.hint,)) if isinstance(err, NotForMe) else (err.message, err.hints)
        self.rows.append((key.kind, key.display, reason))
        self.hints += [hint for hint in hints if hint and hint not in self.hints]

    def lines(self) -> list[str]:
        """A line for each key: kind, recipient and reason, aligned."""
        shown = [(kind, _short(display), reason) for kind, display, reason in self.rows]
        widths = [max((len(row[place]) for row in shown), default=0) for place in (0, 1)]
        return [f"{kind:{widths[0]}}  {name:{widths[1]}}  {reason}" for kind, name, reason in shown]


def _answer(call: Call | SopsError) -> str:
    if isinstance(call, SopsError):
        raise call
    enc: str = call.answer()
    return enc


def _first_answer(waiting: list[tuple[MasterKey, Call]], failures: Failures, *, patient: bool) -> bytes | None:
    """The secret of a call that was left alone for a while; without patience only of one that is over by now."""
    while waiting:
        over = [pair for pair in waiting if pair[1].over(0)]
        for pair in over:
            waiting.remove(pair)
            try:
                secret: bytes = pair[1].answer()
                return secret
            except (NotForMe, SopsError) as err:
                failures.add(pair[0], err)
        if not patient:
            return None
        if waiting and not over:
            waiting[0][1].over(_GLANCE)
    return None


def _cannot_open(groups: list[list[MasterKey]], threshold: int, report: list[Failures | None]) -> DataKeyError:
    hints = [hint for failures in report for hint in (failures.hints if failures else ())]
    hints.append("ask an owner to add your recipient to .sops.yaml and to run: sopspy updatekeys FILE")
    hint = tuple(dict.fromkeys(hints))
    if len(groups) < 2:
        count = sum(map(len, groups))
        message = f"cannot get the data key: none of the file's {count} recipients can be opened here"
        if count == 1:
            message = "cannot get the data key: the file's only recipient cannot be opened here"
        return DataKeyError(
            message, details=tuple(line for failures in report if failures for line in failures.lines()), hint=hint
        )
    details: list[str] = []
    for index, failures in enumerate(report):
        details.append(f"group {index}: {'opened' if failures is None else 'not opened'}")
        details += [f"  {line}" for line in (failures.lines() if failures else ())]
    have = sum(failures is None for failures in report)
    need = max(threshold, 2)
    message = f"cannot get the data key: {have} of {len(groups)} key groups can be opened here, {need} are needed"
    return DataKeyError(message, details=tuple(details), hint=hint)


def _short(display: str) -> str:
    if len(display) <= 48:
        return display
    return f"{display[:8]}…{display[-6:]}" if display.startswith("age1") else f"{display[:32]}…{display[-12:]}"
