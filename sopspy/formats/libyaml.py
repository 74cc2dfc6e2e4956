"""YAML events with exact marks: libyaml (0.2.5, 0.2.6) through PyYAML's C parser.

The only module that imports a YAML library for reading. Offsets are code points of a text without byte order mark.
Why not ruamel's C extension: it carries libyaml 0.1.7, which refuses everyday flow words such as `[http://x/y]`.
"""

from __future__ import annotations

from .. import fast
from ..errors import ParseError
from ..limits import MAX_DEPTH
from ..source import position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_MODULES = (
    *("error", "reader", "scanner", "parser", "composer", "constructor", "emitter", "serializer", "representer"),
    *("tokens", "events", "nodes", "resolver"),
)
_TOO_DEEP = "exceeded maximum nesting depth"
TAG_PROBLEM = "did not find expected whitespace or line break"
_COLON = "\U0010fffd"  # a private character, printable for libyaml
_QUOTE = "\a"  # what `\'` is masked by
_SPELT_COLON = (_COLON, "\\U0010")
_SPELT_QUOTE = ("\\a", "\\x07", "\\u0007", "\\U00000007")
"""Ways in which a text may have the masking characters by itself: then nothing is masked by them."""

_MASKS = {
    ("found unexpected ':'", ":"): _COLON,
    (TAG_PROBLEM, ","): ";",
}
_loaded: list[Any] = []


class Refused(Exception):
    """The parser does not take the text: `problem` without any of its content, `offset` where."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset


def events(text: str) -> Iterator[Any]:
    """The parse events of a text, each with `start_mark.index` and `end_mark.index`. Raises Refused."""
    parser = _load()(text)
    step = parser.get_event
    try:
        while (event := step()) is not None:
            yield event
    except Exception as err:
        raise _refusal(err) from None
    finally:
        parser.dispose()


def too_deep(err: Refused) -> bool:
    """Whether libyaml gave up at its limit of 1,000 levels, where sops has one of 10,000."""
    return err.problem == _TOO_DEEP


def slow_events(text: str) -> Iterator[Any]:
    """The same by PyYAML's parser in Python, which takes any depth; they end behind a level that nobody may have.

    Raises Refused.
    """
    from yaml import SafeLoader, YAMLError, parse
    from yaml.events import CollectionEndEvent, CollectionStartEvent

    class Loader(SafeLoader):
        """The possible keys stand in order, the oldest first: looking at that one keeps deep flow lists linear."""

        def stale_possible_simple_keys(self) -> None:
            keys = self.possible_simple_keys
            while keys:
                level, key = next(iter(keys.items()))
                if key.line == self.line and self.index - key.index <= 1024:
                    return
                if key.required:
                    super().stale_possible_simple_keys()  # says what is missing
                del keys[level]

        def next_possible_simple_key(self) -> int | None:
            return next((key.token_number for key in self.possible_simple_keys.values()), None)

    depth = 0
    try:
        for event in parse(text, Loader):
            yield event
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                return
    except YAMLError as err:
        raise _refusal(err) from None


def mask(text: str, err: Refused, original: str) -> str:
    """The text with one more character masked in which libyaml is stricter than sops: `[a:, b]`, `{b:}`, `!foo,bar x`.

    Another character of the same width takes its place; `unmask` puts a colon back into values. Raises `err` where the
    text is really wrong.
    """
    at = err.offset
    found = _MASKS.get((err.problem, text[at : at + 1]))
    if found == _COLON and any(spelt in original for spelt in _SPELT_COLON):
        found = None
    if err.problem == "found unknown escape character" and text[at : at + 2] == "\\'":
        at, found = at + 1, None if any(spelt in original for spelt in _SPELT_QUOTE) else "a"
    if found is None and err.problem.startswith("did not find expected ',' or"):
        at, found = _tag_comma(text, at), ";"
    if found is None or at < 0:
        raise err
    return text[:at] + found + text[at + 1 :]


def _tag_comma(text: str, end: int) -> int:
    """The comma in the last tag before an offset on its line, or -1: behind it libyaml saw another entry."""
    tag = text.rfind("!", text.rfind("\n", 0, end) + 1, end)
    word = text[tag:end].split(None, 1)[0] if tag >= 0 else ""
    return tag + word.index(",") if "," in word else -1


def unmask(events: list[Any], text: str, masked: str) -> list[Any]:
    """The events of a masked text with the values of the real one."""
    swaps = [(_COLON, ":")] if _COLON in masked and _COLON not in text else []
    swaps += [(_QUOTE, "'")] if "\\a" in masked and "\\a" not in text else []
    for event in events:
        value = getattr(event, "value", None)
        for mask, char in swaps:
            if value and mask in value:
                value = event.value = value.replace(mask, char)
    return events


def refused(err: Refused, text: str) -> ParseError:
    """The error for the user."""
    line, column = position(text, min(err.offset, len(text)))
    return ParseError(f"not valid YAML: {err.problem}", line=line, column=column)


def _refusal(err: Exception) -> Refused:
    mark = getattr(err, "problem_mark", None) or getattr(err, "context_mark", None)
    offset = mark.index if mark is not None else getattr(err, "position", 0)
    problem = getattr(err, "problem", None) or getattr(err, "reason", None)
    if problem is None:
        if type(err).__module__.split(".")[0] not in ("yaml", "ruamel", __name__.split(".")[0]):
            raise err
        problem = "cannot be parsed"
    return Refused(str(problem).splitlines()[0], offset if isinstance(offset, int) else 0)


def _load() -> Any:
    if not _loaded:
        _loaded.append((_lean_parser() if fast.lean else None) or _public_parser())
    return _loaded[0]


def _public_parser() -> Any:
    try:
        from yaml._yaml import CParser
    except ImportError:
        raise ParseError(
            "PyYAML here has no C parser, which alone gives exact positions",
            hint="install PyYAML from a wheel: pip install --force-reinstall PyYAML",
            exit_code=1,
        ) from None
    return CParser


def _lean_parser() -> Any:
    """The same extension without PyYAML's package, whose Python modules take 18 ms and are not needed for events.

    Placeholders stand in `sys.modules` for its imports while it loads, and are taken out again.
    """
    import sys

    if "yaml" in sys.modules:
        return None
    module = type(sys)
    package = module("yaml")
    package.__path__ = [f"{folder}/yaml" for folder in sys.path]
    names = ["yaml"]
    sys.modules["yaml"] = package
    for name in _MODULES:
        part = module(f"yaml.{name}")
        part.__getattr__ = _stand_in  # type: ignore[method-assign]
        setattr(package, name, part)
        sys.modules[f"yaml.{name}"] = part
        names.append(f"yaml.{name}")
    try:
        from yaml._yaml import CParser
    except ImportError:
        return None
    finally:
        for name in (*names, "yaml._yaml"):
            sys.modules.pop(name, None)
    return CParser


class _Problem(Exception):
    """Any of PyYAML's errors."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 4:  # context, context mark, problem, problem mark
            self.problem, self.problem_mark = args[2], args[3] or args[1]
        elif len(args) == 5:  # name, position, character, encoding, reason
            self.position, self.problem = args[1], args[4]


class _Event:
    """Any of PyYAML's events but those below."""

    __slots__ = ("end_mark", "explicit", "start_mark", "tags", "version")

    def __init__(
        self, start_mark: Any, end_mark: Any, explicit: Any = None, version: Any = None, tags: Any = None
    ) -> None:
        self.start_mark = start_mark
        self.end_mark = end_mark
        self.explicit = explicit
        self.version = version
        self.tags = tags


class AliasEvent:
    __slots__ = ("anchor", "end_mark", "start_mark")

    def __init__(self, anchor: str, start_mark: Any, end_mark: Any) -> None:
        self.anchor = anchor
        self.start_mark = start_mark
        self.end_mark = end_mark


class ScalarEvent:
    __slots__ = ("anchor", "end_mark", "implicit", "start_mark", "style", "tag", "value")

    def __init__(
        self, anchor: Any, tag: Any, implicit: Any, value: str, start_mark: Any, end_mark: Any, style: Any = None
    ) -> None:
        self.anchor = anchor
        self.tag = tag
        self.implicit = implicit
        self.value = value
        self.start_mark = start_mark
        self.end_mark = end_mark
        self.style = style


class _CollectionEvent:
    __slots__ = ("anchor", "end_mark", "flow_style", "implicit", "start_mark", "tag")

    def __init__(
        self, anchor: Any, tag: Any, implicit: Any, start_mark: Any, end_mark: Any, flow_style: Any = None
    ) -> None:
        self.anchor = anchor
        self.tag = tag
        self.implicit = implicit
        self.start_mark = start_mark
        self.end_mark = end_mark
        self.flow_style = flow_style


def _stand_in(name: str) -> Any:
    if name.endswith("Error"):
        return _Problem
    if name == "AliasEvent":
        return AliasEvent
    if name == "ScalarEvent":
        return ScalarEvent
    bases = (_CollectionEvent,) if name in ("MappingStartEvent", "SequenceStartEvent") else (_Event,)
    return type(name, bases, {"__slots__": ()})
