"""Where the metadata go in a JSON text, and that cutting them gives the text back."""

from __future__ import annotations

import pytest

from sopspy.document import splice
from sopspy.formats import json
from sopspy.tree import Mapping, Sequence

BLOCK = Mapping([("age", Sequence([Mapping([("enc", "a\nb")])])), ("mac", "ENC[x]"), ("version", "3.13.2")])


def _fastened(text: str, indent: int | None = None) -> str:
    return splice(text, json.fasten(json.scan(text), BLOCK, indent))


@pytest.mark.parametrize(
    ("text", "sealed"),
    [
        (
            '{\n\t"a": 1\n}\n',
            '{\n\t"a": 1,\n\t"sops": {\n\t\t"age": [\n\t\t\t{\n\t\t\t\t"enc": "a\\nb"\n\t\t\t}\n\t\t],\n'
            '\t\t"mac": "ENC[x]",\n\t\t"version": "3.13.2"\n\t}\n}\n',
        ),
        (
            '{\r\n  "a": 1\r\n}',
            '{\r\n  "a": 1,\r\n  "sops": {\r\n'
            '    "age": [\r\n      {\r\n        "enc": "a\\nb"\r\n      }\r\n    ],\r\n'
            '    "mac": "ENC[x]",\r\n    "version": "3.13.2"\r\n  }\r\n}',
        ),
        (
            '  {\n    "a": 1\n  }',
            '  {\n    "a": 1,\n    "sops": {\n'
            '      "age": [\n        {\n          "enc": "a\\nb"\n        }\n      ],\n'
            '      "mac": "ENC[x]",\n      "version": "3.13.2"\n    }\n  }',
        ),
        (
            '{\n"a": 1\n}',
            '{\n"a": 1,\n"sops": {\n"age": [\n{\n"enc": "a\\nb"\n}\n],\n"mac": "ENC[x]",\n"version": "3.13.2"\n}\n}',
        ),
        (
            '{"a":1}',
            '{"a":1, "sops": {"age": [{"enc": "a\\nb"}], "mac": "ENC[x]", "version": "3.13.2"}}',
        ),
        (
            '{ "a": 1 }\n',
            '{ "a": 1, "sops": {"age": [{"enc": "a\\nb"}], "mac": "ENC[x]", "version": "3.13.2"} }\n',
        ),
        ("{ }", '{"sops": {"age": [{"enc": "a\\nb"}], "mac": "ENC[x]", "version": "3.13.2"} }'),
    ],
)
def test_the_block_takes_the_layout_of_the_file(text: str, sealed: str) -> None:
    assert _fastened(text) == sealed


def test_an_empty_object_gets_sops_layout_or_the_indent_asked_for() -> None:
    assert _fastened("{}\n").startswith('{\n\t"sops": {\n\t\t"age": [\n')
    assert _fastened("{}\n", 2).startswith('{\n  "sops": {\n    "age": [\n')
    assert _fastened("{}\n").endswith('"version": "3.13.2"\n\t}\n}\n')


@pytest.mark.parametrize(
    "text",
    [
        *("{}", "{ }", "{\n}", "{\r\n}\r\n", "\n{\n\n}\n\n", "{\t}", '{"a":1}', '{"a":1\n}', '{\n\n"a":1, "b": 2}'),
        *('{"a": {}\r}', '{"a": [\n]}', ' {"a": "}"  }  ', '{\n  "a": 1\n  ,\n  "b": {"c": 2\n}}'),
    ],
)
def test_cutting_the_block_gives_the_text_back(text: str) -> None:
    sealed = _fastened(text)
    document = json.scan(sealed)
    assert splice(sealed, [(block.cut_start, block.cut_end, "") for block in document.blocks]) == text
    assert '"mac": "ENC[' in sealed
