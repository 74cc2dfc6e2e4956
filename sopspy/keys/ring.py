"""The key ring: every key service at hand, and how key groups make one data key.

Responsible for the order in which master keys are tried, for groups and their threshold, and for the report when the
data key cannot be had. Services are made when the first key of their kind comes up, and serve all files of the ring.
Must not know of formats or of the trees of values. Source: sops 3.13.2; docs/compatibility.md.
"""

from __future__ import annotations

import os

from ..errors import DataKeyError, SopsError, UsageError
from .base import EmptyGroupError, NotForMe, WrapError
from .table import service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..metadata import MasterKey
    from .base import KeyService

DEFAULT_ORDER = ("age", "pgp")


class KeyRing:
    """Wraps and unwraps data keys. One ring may serve many files.

    `order`: the kinds to try first; () tries the keys as they stand in the file. `random(n)` gives n random bytes.
    """

    __slots__ = ("_environ", "_order", "_random", "_services")

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

    def open(self, groups: list[list[MasterKey]], threshold: int) -> bytes:
        """The data key. `threshold` counts only with several groups; 0 combines what can be had.

        Raises DataKeyError with one line for every key that was tried.
        """
        parts: list[bytes] = []
        report: list[list[str] | None] = []
        for group in groups:
            lines: list[str] = []
            part = self._open_group(group, lines)
            report.append(None if part is not None else lines)
            if part is not None:
                parts.append(part)
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
        wrapped: list[tuple[MasterKey, str]] = []
        failed: list[tuple[str, str, str]] = []
        for group, part in zip(groups, parts, strict=True):
            for key in group:
                try:
                    wrapped.append((key, self._service(key.kind).wrap(key, part)))
                except SopsError as err:
                    failed.append((key.kind, key.display, err.message))
        if failed:
            total = len(failed) + len(wrapped)
            raise WrapError(
                f"cannot wrap the data key for {len(failed)} of {total} recipients", details=tuple(_columns(failed))
            )
        for key, enc in wrapped:
            key.enc = enc

    def holds(self, key: MasterKey) -> bool:
        """Whether the recipient of `key` is our own, so that wrapping a new data key for it lets nobody in."""
        try:
            return self._service(key.kind).holds(key)
        except SopsError:
            return False

    def _parts(self, groups: list[list[MasterKey]], threshold: int, data_key: bytes) -> list[bytes]:
        if len(groups) < 2:
            return [data_key] * len(groups)
        from . import shamir

        try:
            return shamir.split(data_key, len(groups), threshold or len(groups), self._random)
        except ValueError as err:
            raise WrapError(f"cannot split the data key for {len(groups)} key groups: {err}") from None

    def _open_group(self, group: list[MasterKey], lines: list[str]) -> bytes | None:
        failed: list[tuple[str, str, str]] = []
        for key in self._sorted(group):
            try:
                if key.enc:
                    return self._service(key.kind).open(key)
                failed.append((key.kind, key.display, "has no wrapped data key"))
            except NotForMe as no:
                failed.append((key.kind, key.display, no.reason))
            except SopsError as err:
                failed.append((key.kind, key.display, err.message))
        lines += _columns(failed)
        return None

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


def _cannot_open(groups: list[list[MasterKey]], threshold: int, report: list[list[str] | None]) -> DataKeyError:
    hint = "ask an owner to add your recipient to .sops.yaml and to run: sopspy updatekeys FILE"
    if len(groups) < 2:
        count = sum(map(len, groups))
        message = f"cannot get the data key: none of the file's {count} recipients can be opened here"
        if count == 1:
            message = "cannot get the data key: the file's only recipient cannot be opened here"
        return DataKeyError(message, details=tuple(line for lines in report for line in lines or ()), hint=hint)
    details: list[str] = []
    for index, lines in enumerate(report):
        details.append(f"group {index}: {'opened' if lines is None else 'not opened'}")
        details += [f"  {line}" for line in lines or ()]
    have = sum(lines is None for lines in report)
    need = max(threshold, 2)
    message = f"cannot get the data key: {have} of {len(groups)} key groups can be opened here, {need} are needed"
    return DataKeyError(message, details=tuple(details), hint=hint)


def _columns(rows: list[tuple[str, str, str]]) -> list[str]:
    """Kind, recipient and reason, aligned."""
    shown = [(kind, _short(display), reason) for kind, display, reason in rows]
    widths = [max((len(row[place]) for row in shown), default=0) for place in (0, 1)]
    return [f"{kind:{widths[0]}}  {name:{widths[1]}}  {reason}" for kind, name, reason in shown]


def _short(display: str) -> str:
    if len(display) <= 48:
        return display
    return f"{display[:8]}…{display[-6:]}" if display.startswith("age1") else f"{display[:32]}…{display[-12:]}"
