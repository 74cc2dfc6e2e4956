"""Command lines that nobody should type: each says what is wrong, with sops' exit code, and touches no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile.attack import SECRET
from tests.support import env

if TYPE_CHECKING:
    from tests.hostile.attack import Stage

TO = ["--age", env.recipient()]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["decrypt", "--nope", "f.yaml"], 1, 'unknown option "--nope"'),
        (["decrypt", "-q", "f.yaml"], 1, 'unknown option "-q"'),
        (["decrypt", "--\x1b[31m", "f.yaml"], 1, "unknown option"),
        (["frobnicate", "f.yaml"], 1, 'unknown command "frobnicate"'),
        (["encrypt"], 8, "--filename-override"),
        (["encrypt", "--age"], 1, "--age needs a value"),
        (["decrypt", "--ignore-mac=maybe", "f.yaml"], 1, "--ignore-mac"),
        (["encrypt", "--shamir-secret-sharing-threshold", "x", "f.yaml"], 1, "shamir-secret-sharing-threshold"),
        (["decrypt", "-i", "--output", "x", "f.yaml"], 8, "--output"),
        (["decrypt", "-i"], 8, "in-place"),
        (["encrypt", "p.yaml"], 1, "no keys"),
        (["encrypt", "--age", "age1short", "p.yaml"], 1, "age1short"),
        (["encrypt", "--age", env.identity(), "p.yaml"], 1, "recipient"),
        (["encrypt", *TO, "--encrypted-regex", "a", "--unencrypted-regex", "b", "p.yaml"], 8, "encrypted_regex"),
        (["encrypt", *TO, "--encrypted-regex", "([", "p.yaml"], 1, "regular expression"),
        (["decrypt", "--extract", "[]", "f.yaml"], 91, "path"),
        (["decrypt", "--extract", '["]', "f.yaml"], 91, "path"),
        (["decrypt", "--extract", '["db"', "f.yaml"], 91, "path"),
        (["decrypt", "--extract", "db", "f.yaml"], 91, "path"),
        (["decrypt", "--extract", '["list"][-1]', "f.yaml"], 91, "path"),
        (["decrypt", "--extract", '["list"][9]', "f.yaml"], 1, "out of range"),
        (["decrypt", "--extract", '["list"]["x"]', "f.yaml"], 1, "x"),
        (["decrypt", "--extract", '["db"]["x"]', "f.yaml"], 1, "not found"),
        (["decrypt", "--extract", '["db"]["user"]["x"]', "f.yaml"], 1, "x"),
        (["set", "f.yaml", "", "1"], 7, "index"),
        (["set", "f.yaml", "[]", "1"], 7, "path"),
        (["set", "f.yaml", '["list"][-1]', "1"], 7, "path"),
        (["set", "f.yaml", '["list"]["x"]', "1"], 7, "list"),
        (["set", "f.yaml", '["a"]', SECRET], 7, "not valid JSON"),
        (["set", "f.yaml", '["a"]', f'"{SECRET}'], 7, "not valid JSON"),
        (["set", "f.yaml", '["a"]', f'{{"a": {SECRET}}}'], 7, "not valid JSON"),
        (["set", "f.yaml", '["a"]', ""], 7, "not valid JSON"),
        (["set", "f.yaml", '["a"]', "NaN"], 7, "not valid JSON"),
        (["set", "f.yaml", '["sops"]', "1"], 203, "sops"),
        (["set", "f.yaml", '["sops"]["mac"]', '"x"'], 203, "sops"),
        (["set", "f.yaml"], 100, ""),
        (["unset", "f.yaml"], 100, ""),
        (["unset", "f.yaml", '["nope"]'], 1, "nope"),
        (["unset", "f.yaml", '["list"][9]'], 1, ""),
        (["unset", "f.yaml", '["list"]["x"]'], 7, ""),
        (["unset", "f.yaml", ""], 7, ""),
    ],
)
def test_refused(stage: Stage, sealed: str, words: list[str], code: int, said: str) -> None:
    path = stage.put("f.yaml", sealed)
    stage.put("p.yaml", "a: 1\n")
    message = stage.run(*words).refused(code, said)
    assert env.identity() not in message
    assert "\x1b" not in message
    assert path.read_text() == sealed
