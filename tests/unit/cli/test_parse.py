"""The parser: sops' flag rules, flags anywhere, environment variables, and messages without values."""

from __future__ import annotations

import pytest

from sopspy.cli.parse import parse
from sopspy.errors import UsageError


def test_flags_stand_on_either_side_of_the_file() -> None:
    for line in (
        ["encrypt", "-i", "f", "--age", "R"],
        ["encrypt", "f", "-i", "--age", "R"],
        ["encrypt", "--age", "R", "f", "-i"],
    ):
        request = parse(line, {})
        assert request.command == "encrypt"
        assert request.positionals == ["f"]
        assert request.flag("in-place")
        assert request.text("age") == "R"


@pytest.mark.parametrize(
    "spelling", [["-age", "R"], ["--age", "R"], ["-age=R"], ["--age=R"], ["-a", "R"], ["-a=R"], ["--a", "R"]]
)
def test_one_dash_or_two_and_an_equals_sign(spelling: list[str]) -> None:
    assert parse(["encrypt", *spelling, "f"], {}).text("age") == "R"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("-i", True),
        ("-i=true", True),
        ("--in-place=T", True),
        ("-i=1", True),
        ("-i=false", False),
        ("--in-place=0", False),
    ],
)
def test_boolean_spellings(word: str, expected: bool) -> None:
    assert parse(["decrypt", word, "f"], {}).flag("in-place") is expected


def test_the_last_of_a_repeated_option_counts_and_lists_add_up() -> None:
    request = parse(["encrypt", "--age", "A", "--age=B", "--keyservice", "x,y", "--keyservice", "z", "f"], {})
    assert request.text("age") == "B"
    assert request.items("keyservice") == ("x,y", "z")


def test_a_value_may_begin_with_a_dash_or_hold_an_equals_sign() -> None:
    request = parse(["encrypt", "--encrypted-suffix", "-x", "--encryption-context=a:b=c", "f"], {})
    assert request.text("encrypted-suffix") == "-x"
    assert request.text("encryption-context") == "a:b=c"


def test_two_dashes_end_the_flags() -> None:
    request = parse(["decrypt", "--", "-i"], {})
    assert request.positionals == ["-i"]
    assert not request.flag("in-place")


@pytest.mark.parametrize("value", ["-1", "-1.5e3", "-x"])
def test_the_value_of_set_may_begin_with_a_dash(value: str) -> None:
    request = parse(["set", "f", '["a"]', value, "--idempotent"], {})
    assert request.positionals == ["f", '["a"]', value]
    assert request.flag("idempotent")


def test_a_single_dash_is_a_file_name() -> None:
    assert parse(["decrypt", "-"], {}).positionals == ["-"]


def test_options_before_the_command() -> None:
    request = parse(["--config", "c.yaml", "--indent=0", "--mac-only-encrypted", "--verbose", "encrypt", "f"], {})
    assert request.text("config") == "c.yaml"
    assert request.number("indent") == 0
    assert request.flag("mac-only-encrypted")
    assert request.given >= {"config", "indent", "mac-only-encrypted"}


def test_the_same_options_behind_the_command() -> None:
    request = parse(["decrypt", "f", "--config", "c.yaml", "--indent", "2"], {})
    assert (request.text("config"), request.number("indent")) == ("c.yaml", 2)


def test_variables_stand_in_for_absent_options() -> None:
    environ = {"SOPS_AGE_RECIPIENTS": "A", "SOPS_KEYSERVICE": "a,b", "SOPS_CONFIG": "", "SOPS_PGP_FP": "P"}
    request = parse(["encrypt", "--pgp", "Q", "f"], environ)
    assert request.text("age") == "A"
    assert request.text("pgp") == "Q"
    assert request.items("keyservice") == ("a", "b")
    assert request.text("config") == ""
    assert request.given == {"pgp"}


def test_a_flag_that_is_on_by_default() -> None:
    assert parse(["decrypt", "f"], {}).flag("enable-local-keyservice")
    assert not parse(["decrypt", "f", "--enable-local-keyservice=false"], {}).flag("enable-local-keyservice")
    assert not parse(["decrypt", "f"], {"SOPS_ENABLE_LOCAL_KEYSERVICE": "f"}).flag("enable-local-keyservice")


def test_numbers_and_absent_numbers() -> None:
    assert parse(["encrypt", "f"], {}).number("shamir-secret-sharing-threshold") is None
    assert (
        parse(["encrypt", "f", "--shamir-secret-sharing-threshold", "2"], {}).number("shamir-secret-sharing-threshold")
        == 2
    )


@pytest.mark.parametrize("line", [["-d", "-i", "f"], ["-d", "f", "-i"], ["f", "--decrypt", "-in-place=T"]])
def test_a_line_without_a_command(line: list[str]) -> None:
    request = parse(line, {"SOPS_PGP_FP": "P"})
    assert request.command == "legacy"
    assert request.positionals == ["f"]
    assert request.flag("decrypt")
    assert request.flag("in-place")
    assert request.text("pgp") == "P"


def test_a_file_that_is_named_like_nothing_we_know() -> None:
    assert parse(["f"], {}).positionals == ["f"]
    assert parse(["-e", "--", "-f"], {}).positionals == ["-f"]
    assert parse(["--", "-f", "g"], {}).positionals == ["-f", "g"]
    assert parse(["-d"], {}).command == "legacy"


def test_the_last_configuration_counts() -> None:
    assert parse(["--config", "a", "--config", "b", "-d", "f"], {}).text("config") == "b"
    assert parse(["--config", "a", "decrypt", "f", "--config", "b"], {}).text("config") == "b"


def test_two_dashes_do_not_hide_a_command() -> None:
    request = parse(["--", "decrypt", "-i", "f"], {})
    assert (request.command, request.positionals, request.flag("in-place")) == ("decrypt", ["f"], True)


def test_options_of_a_command_before_it_are_put_aside() -> None:
    request = parse(["--age", "R", "-i", "--indent", "2", "-d", "--verbose", "encrypt", "f"], {})
    assert request.stray == ["--age", "--in-place", "--decrypt"]
    assert request.given == {"indent", "verbose"}
    assert not request.flag("in-place")
    assert request.text("age") == ""


def test_the_word_of_a_completion_script_ends_any_line() -> None:
    request = parse(["groups", "-x", "--generate-bash-completion"], {})
    assert (request.command, request.positionals) == ("completion", ["--generate-bash-completion", "groups", "-x"])


@pytest.mark.parametrize(
    ("line", "positionals", "asked"),
    [
        ([], [], False),
        (["-d", "f", "--help"], [], True),
        (["--help"], [], True),
        (["help"], [], True),
        (["h", "set"], ["set"], True),
        (["set", "-h"], ["set"], True),
        (["set", "f", "--help"], ["set"], True),
        (["--help", "set"], ["set"], True),
    ],
)
def test_ways_to_ask_for_help(line: list[str], positionals: list[str], asked: bool) -> None:
    request = parse(line, {})
    assert request.command == "help"
    assert request.positionals == positionals
    assert request.flag("help") is asked


def test_the_version() -> None:
    assert parse(["--version"], {}).command == "version"
    assert parse(["-v"], {}).command == "version"
    assert parse(["--version", "--disable-version-check"], {}).command == "version"
    assert parse(["--disable-version-check", "-version"], {}).command == "version"
    assert parse(["-d", "--version", "f"], {}).command == "version"
    assert parse(["-version=false", "-d", "f"], {}).command == "legacy"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (["encrypt", "--agee=R", "f"], 'unknown option "--agee"', "--age"),
        (["decrypt", "-ei", "f"], 'unknown option "-ei"', "sopspy help decrypt"),
        (["--idempotent", "set", "f"], 'unknown option "--idempotent"', "sopspy set --idempotent"),
        (["-d", "f", "--agee=R"], 'unknown option "--agee"', "--age"),
        (["-ei", "f"], 'unknown option "-ei"', "sopspy help"),
        (["encrypt", "--age"], "option --age needs a value", ""),
        (["decrypt", "-i=maybe", "f"], "--in-place is neither true nor false", ""),
        (["--indent", "two", "decrypt", "f"], "--indent is not a whole number", ""),
    ],
)
def test_wrong_lines(line: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line, {})
    assert caught.value.message == message
    assert caught.value.exit_code == 1
    assert hint in "\n".join(caught.value.hints)


def test_a_variable_that_is_no_boolean_is_named() -> None:
    with pytest.raises(UsageError, match="SOPS_ENABLE_LOCAL_KEYSERVICE is neither true nor false"):
        parse(["decrypt", "f"], {"SOPS_ENABLE_LOCAL_KEYSERVICE": "perhaps"})


@pytest.mark.parametrize(
    "line",
    [
        ["set", "f", '["a"]', "--hunter2"],
        ["set", "f", '["a"]', "1", "--idempotent=hunter2"],
        ["encrypt", "--ag=hunter2"],
        ["--indent=hunter2", "decrypt"],
    ],
)
def test_no_message_repeats_a_value(line: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line, {})
    assert "hunter2" not in str(caught.value) + "".join(caught.value.hints)


def test_a_request_shows_no_values() -> None:
    assert "hunter2" not in repr(parse(["set", "f", '["a"]', '"hunter2"'], {}))
