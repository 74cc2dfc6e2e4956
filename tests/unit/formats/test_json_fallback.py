"""An interpreter without the C helper of `json` reads and writes the same."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from sopspy.errors import ParseError
from sopspy.formats import json_dump, json_scan

if TYPE_CHECKING:
    from types import ModuleType

TEXT = '{"a\\u00e9": ["x\\ty\\"", "\\ud83d\\ude00\\ud800", "é/\\/"], "b": "plain"}'


def _without_helper(module: ModuleType, patch: pytest.MonkeyPatch) -> ModuleType:
    patch.setitem(sys.modules, "_json", None)
    assert module.__file__ is not None
    spec = spec_from_file_location(f"{module.__name__}_alone", module.__file__)
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_scanning_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _without_helper(json_scan, monkeypatch)
    assert alone.scanstring is not json_scan.scanstring
    expected = [(leaf.aad, leaf.text, leaf.start, leaf.end) for leaf in json_scan.scan(TEXT).leaves]
    assert [(leaf.aad, leaf.text, leaf.start, leaf.end) for leaf in alone.scan(TEXT).leaves] == expected
    for bad in ('{"a": "x', '{"a": "\\x"}', '{"a": "\n"}'):
        with pytest.raises(ParseError) as one:
            json_scan.scan(bad)
        with pytest.raises(ParseError) as other:
            alone.scan(bad)
        assert one.value.message == other.value.message


def test_writing_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = _without_helper(json_dump, monkeypatch)
    assert alone.encode_basestring is not json_dump.encode_basestring
    text = "".join(map(chr, range(0x180))) + '\u2028\ufeff😀\\"'
    assert alone.dump_value(text, None) == json_dump.dump_value(text, None)
    assert alone.quote(text) == json_dump.quote(text)
