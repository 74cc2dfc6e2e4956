"""Properties of the parser over the whole table: order does not matter, and nothing but UsageError comes out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sopspy.cli.parse import parse
from sopspy.cli.spec import COMMANDS, FLAG, LEGACY, LIST, NUMBER, Option
from sopspy.errors import UsageError

COMMAND_NAMES = [*sorted(set(COMMANDS) - {"help"}), ""]
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
VALUES = {FLAG: st.sampled_from(["true", "false", "1", "f"]), NUMBER: st.integers(-99, 99).map(str)}


@st.composite
def spelt(draw: st.DrawFn, option: Option) -> tuple[list[str], str]:
    """An option as words, and its value."""
    name = draw(st.sampled_from(option.names)).lstrip("-")
    value = draw(VALUES.get(option.kind, WORDS))
    dashes = draw(st.sampled_from(["-", "--"]))
    if option.kind == FLAG and value == "true" and draw(st.booleans()):
        return [f"{dashes}{name}"], value
    if option.kind != FLAG and draw(st.booleans()):
        return [f"{dashes}{name}", value], value
    return [f"{dashes}{name}={value}"], value


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, list[tuple[Option, str]], list[str], list[str]]:
    """A command, its options with their values, its positionals, and all of it as words in any order."""
    name = draw(st.sampled_from(COMMAND_NAMES))
    command = COMMANDS.get(name, LEGACY)
    options = [option for option in command.options if option.key not in ("help", "version")]
    chosen = draw(st.lists(st.sampled_from(options), unique=True, max_size=5))
    made = [(option, *draw(spelt(option))) for option in chosen]
    plain = WORDS.filter(lambda word: not word.startswith("-") and word not in COMMANDS and word != "h")
    positionals = draw(st.lists(plain, min_size=0 if name else 1, max_size=3))
    groups = [words for _, words, _ in made] + [[word] for word in positionals]
    order = draw(st.permutations(range(len(groups))))
    words = [word for index in order for word in groups[index]]
    kept = [groups[index][0] for index in order if index >= len(made)]
    return command.name, [(option, value) for option, _, value in made], kept, [name, *words] if name else words


@given(lines())
def test_options_and_positionals_stand_in_any_order(
    line: tuple[str, list[tuple[Option, str]], list[str], list[str]],
) -> None:
    name, options, positionals, words = line
    request = parse(words, {})
    assert request.command == name
    assert request.positionals == positionals
    assert request.given == {option.key for option, _ in options}
    for option, value in options:
        if option.kind == FLAG:
            assert request.flag(option.key) is (value in ("true", "1"))
        elif option.kind == NUMBER:
            assert request.number(option.key) == int(value)
        elif option.kind == LIST:
            assert request.items(option.key) == (value,)
        else:
            assert request.text(option.key) == value


@given(st.lists(st.one_of(WORDS, st.sampled_from(["-i", "--age", "--", "-", "set", "encrypt", "--indent", "help"]))))
def test_any_words_make_a_request_or_a_usage_error(words: list[str]) -> None:
    try:
        command = parse(words, {}).command
    except UsageError:
        return
    assert command in (*COMMANDS, "version", "legacy")
