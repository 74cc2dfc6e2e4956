"""Options, variables and configuration together: who wins, what excludes what, and what a binary file ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sopspy.cli.context import config_of, indent_of, plan_of, today_of, trusted_keys
from sopspy.cli.parse import parse
from sopspy.errors import ConfigError, ConflictError, EmitError, RefusedError, SopsError
from sopspy.rule_keys import KeyContext

if TYPE_CHECKING:
    from pathlib import Path

    from sopspy.rules import Plan

ALICE = "age1v7lxzm7z8ck5wealeg9mgy23qg0vud94yc989spypymc0kk6sgpscemgk4"
BOB = "age1cge3urljt2wpcn6utyc92fs67umgth8aqzraje3n7ydwuagphs6q6j7699"
PGP = "B76DB5D28843F8BB52F248ADDBE2EB5329FB84A1"
CONFIG = f"""\
creation_rules:
  - path_regex: regex
    encrypted_regex: ^x
    mac_only_encrypted: true
    shamir_threshold: 1
    pgp: {PGP}
  - path_regex: broken
    encrypted_regex: (
    pgp: {PGP}
  - path_regex: plain
    pgp: {PGP}
stores:
  yaml: {{indent: 3}}
  json: {{indent: 0}}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".sops.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)


def plan(*line: str, path: str = "plain.yaml", format: str = "yaml", **environ: str) -> Plan:
    request = parse(["encrypt", *line, path], environ)
    return plan_of(request, config_of(request), path, format)


def shown(made: Plan) -> list[list[tuple[str, str]]]:
    return [[(key.kind, key.display) for key in group] for group in made.groups]


def test_the_rule_alone() -> None:
    made = plan(path="regex.yaml")
    assert shown(made) == [[("pgp", PGP)]]
    assert made.options.names() == ["encrypted_regex"]
    assert made.options.mac_only
    assert made.threshold == 1


def test_keys_of_options_replace_those_of_the_rule_but_not_its_other_options() -> None:
    made = plan("--age", ALICE, path="regex.yaml")
    assert shown(made) == [[("age", ALICE)]]
    assert made.options.encrypted_regex == "^x"


def test_a_variable_counts_as_its_option() -> None:
    assert shown(plan(SOPS_AGE_RECIPIENTS=ALICE)) == [[("age", ALICE)]]
    assert shown(plan("--age", BOB, SOPS_AGE_RECIPIENTS=ALICE)) == [[("age", BOB)]]


def test_the_order_of_keys_in_the_one_group_of_the_options() -> None:
    made = plan("--age", f"{ALICE}, {BOB}", "--pgp", PGP, "--kms", "arn:aws:kms:eu-west-1:111122223333:key/a")
    assert [key.kind for key in made.groups[0]] == ["kms", "pgp", "age", "age"]


def test_every_option_wins_by_itself() -> None:
    made = plan("--encrypted-regex", "^y", "--shamir-secret-sharing-threshold", "2", path="regex.yaml")
    assert made.options.encrypted_regex == "^y"
    assert made.threshold == 2


def test_two_of_the_six_options_exclude_each_other() -> None:
    with pytest.raises(ConflictError) as caught:
        plan("--unencrypted-suffix", "_x", path="regex.yaml")
    assert caught.value.exit_code == 8


def test_the_comment_options_and_mac_only_on_the_command_line() -> None:
    assert plan("--unencrypted-comment-regex", "public").options.unencrypted_comment_regex == "public"
    assert plan("--mac-only-encrypted").options.mac_only
    before = parse(["--mac-only-encrypted", "encrypt", "plain.yaml"], {})
    assert plan_of(before, config_of(before), "plain.yaml", "yaml").options.mac_only


def test_a_binary_file_ignores_all_six_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    made = plan(path="regex.bin", format="binary")
    assert made.options.names() == []
    assert not made.options.mac_only
    assert "encrypted_regex is ignored" in capsys.readouterr().err
    plan("--unencrypted-comment-regex", "x", format="binary")
    assert capsys.readouterr().err == ""


def test_the_encryption_context() -> None:
    made = plan("--kms", "arn:aws:kms:eu-west-1:111122223333:key/a", "--encryption-context", "app:db,env:dev")
    assert made.groups[0][0].context == {"app": "db", "env": "dev"}
    for wrong in ("app", "a:b:c", "a:b,"):
        with pytest.raises(SopsError) as caught:
            plan("--encryption-context", wrong)
        assert caught.value.exit_code == 6


def test_a_rule_is_needed_even_with_keys_unless_there_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no matching creation rules found"):
        plan("--age", ALICE, path="other.yaml")
    (tmp_path / ".sops.yaml").unlink()
    assert shown(plan("--age", ALICE, path="other.yaml")) == [[("age", ALICE)]]
    with pytest.raises(ConfigError, match="no keys provided"):
        plan(path="other.yaml")


def test_a_regex_that_does_not_compile_is_refused() -> None:
    with pytest.raises(RefusedError):
        plan("--encrypted-regex", "(")
    with pytest.raises(RefusedError):
        plan(path="broken.yaml")


def test_todays_rule() -> None:
    request = parse(["set", "f", '["a"]', "1"], {})
    config = config_of(request)
    today = today_of(request, config, "regex.yaml", "yaml")
    assert today is not None
    assert today.encrypted_regex == "^x"
    default = today_of(request, config, "plain.yaml", "yaml")
    assert default is not None
    assert default.unencrypted_suffix == "_unencrypted"
    assert today_of(request, config, "other.yaml", "yaml") is None
    assert today_of(request, config, "regex.yaml", "binary") is None
    assert today_of(request, None, "regex.yaml", "yaml") is None
    with pytest.raises(RefusedError):
        today_of(request, config, "broken.yaml", "yaml")
    allowed = parse(["set", "--allow-cleartext", "f", '["a"]', "1"], {})
    assert today_of(allowed, config, "regex.yaml", "yaml") is None


def test_whom_the_rule_trusts() -> None:
    config = config_of(parse(["rotate", "f"], {}))
    shared = KeyContext("2026-01-02T03:04:05Z")
    assert [key.display for key in trusted_keys(config, "plain.yaml", shared)] == [PGP]
    assert trusted_keys(config, "other.yaml", shared) == []
    assert trusted_keys(None, "plain.yaml", shared) == []


@pytest.mark.parametrize(
    ("line", "format", "indent"),
    [
        ([], "yaml", 3),
        ([], "json", 0),
        ([], "binary", None),
        (["--indent", "1"], "yaml", 2),
        (["--indent", "0"], "yaml", None),
        (["--indent", "0"], "json", 0),
        (["--indent", "-1"], "json", None),
        (["--indent", "5"], "binary", 5),
    ],
)
def test_the_indentation(line: list[str], format: str, indent: int | None) -> None:
    request = parse(["decrypt", *line, "f"], {})
    assert indent_of(request, config_of(request), format) == indent


@pytest.mark.parametrize(("indent", "format"), [("-1", "yaml"), ("-2", "json")])
def test_an_indentation_that_cannot_be(indent: str, format: str) -> None:
    request = parse([f"--indent={indent}", "decrypt", "f"], {})
    with pytest.raises(EmitError) as caught:
        indent_of(request, None, format)
    assert caught.value.exit_code == 4


def test_a_configuration_with_the_wrong_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".sops.yaml").rename(tmp_path / ".sops.yml")
    assert config_of(parse(["encrypt", "f"], {})) is None
    assert ".sops.yml is ignored" in capsys.readouterr().err
