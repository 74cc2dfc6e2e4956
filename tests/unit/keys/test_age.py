import os
import shlex
import sys
from pathlib import Path

import pytest

from sopspy.errors import SopsError
from sopspy.keys.age import Service, recipient_kind
from sopspy.keys.base import NotForMe
from sopspy.keys.identities import command_source, config_folder, standing_sources
from sopspy.limits import MAX_IDENTITY_BYTES
from sopspy.metadata import MasterKey
from tests.support.env import identity, recipient

SECRET = bytes(range(32))
PQ = "AGE-SECRET-KEY-PQ-1" + "Q" * 58
PLUGIN = "AGE-PLUGIN-YUBIKEY-1QQQQ"
# What sops 3.13.2 wrapped for age1: the first share of a throw-away data key.
ENC_OF_SOPS = """-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBSd1FQT3VOQ3pYcFYya0xK
KzArNmRqKzM5N0JYQXRDUkVEaS9nMUJvYm5FCjN3eEtuOHhKZVFMTTlPNmJod0JJ
NFdIekh0TjlXazQyQlY0LzBYajdyMkkKLS0tIHFQTmNIT1dWMnpoQUg1Uk5ORzZi
TUpnYitSNDd1YkpDRHpuU2M2c3o0cWsKHgGUAPQFJTZ19UgDm3Mk2c2puvSKftwF
TKybrFCPR6yWRn/aTiPwCJ9mltmmLLMAaUfUaA81VfqvhPI16rz5n9w=
-----END AGE ENCRYPTED FILE-----
"""
SHARE_OF_SOPS = "0c4eccdf64254813047b7e8b0f7b4611c895f49c27e94e1a854239ab357f963701"


def key(name: str = "age1", enc: str | None = None) -> MasterKey:
    made = MasterKey("age", {"recipient": recipient(name)})
    made.enc = Service({}).wrap(made, SECRET) if enc is None else enc
    return made


def opened(environ: dict[str, str], made: MasterKey | None = None) -> bytes:
    return Service({"HOME": "/nonexistent", **environ}).open(made or key())


def reason(environ: dict[str, str], made: MasterKey | None = None) -> str:
    with pytest.raises(NotForMe) as caught:
        opened(environ, made)
    for name in ("age1", "age2", "age3"):
        assert identity(name)[15:] not in caught.value.reason
    return caught.value.reason


def printer(text: str) -> str:
    """A command that prints `text`."""
    return shlex.join([sys.executable, "-c", f"print({text!r}, end='')"])


def test_armor_is_that_of_sops() -> None:
    lines = key().enc.split("\n")
    assert lines[0] == "-----BEGIN AGE ENCRYPTED FILE-----"
    assert lines[-2:] == ["-----END AGE ENCRYPTED FILE-----", ""]
    assert {len(line) for line in lines[1:-3]} == {64}


@pytest.mark.parametrize("change", [str, lambda text: f"\n \n{text}\n\n", lambda text: text.replace("\n", "\r\n")])
def test_opens_what_sops_wrote(change: object) -> None:
    enc = change(ENC_OF_SOPS)  # type: ignore[operator]
    assert opened({"SOPS_AGE_KEY": identity()}, key(enc=enc)).hex() == SHARE_OF_SOPS


def test_recipient_text_does_not_matter_for_opening() -> None:
    made = key("age2")
    made.fields["recipient"] = recipient("age1")
    assert opened({"SOPS_AGE_KEY": f"{identity('age1')} {identity('age2')}"}, made) == SECRET
    made.fields["recipient"] = "ssh-ed25519 AAAA"
    assert opened({"SOPS_AGE_KEY": identity("age2")}, made) == SECRET


def test_every_source_is_used(tmp_path: Path) -> None:
    for name in ("file", ".config/sops/age/keys.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "file").write_text(f"# created\r\n\r\n{identity('age2')}\r\n")
    (tmp_path / ".config/sops/age/keys.txt").write_text(identity("age3"))
    environ = {"HOME": str(tmp_path), "SOPS_AGE_KEY": identity("age1"), "SOPS_AGE_KEY_FILE": str(tmp_path / "file")}
    for name in ("age1", "age2", "age3"):
        assert opened(environ, key(name)) == SECRET


def test_a_bad_source_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text(f"{identity('age2')}\nnonsense\n")
    environ = {"SOPS_AGE_KEY": identity("age1"), "SOPS_AGE_KEY_FILE": str(tmp_path / "bad"), "SOPS_AGE_KEY_CMD": ""}
    assert opened(environ) == SECRET
    said = reason(environ, key("age2"))
    assert "line 2: unknown identity type" in said
    assert "SOPS_AGE_KEY_CMD: the command is empty" in said
    assert "SOPS_AGE_KEY: 1 identity" in said


@pytest.mark.parametrize(
    ("text", "count", "note"),
    [
        ("", 0, ""),
        ("# only a comment\n\n", 0, ""),
        ("{1}", 1, ""),
        ("{1}\n{2}\n", 2, ""),
        (" {1}", 0, "line 1: unknown identity type"),
        ("{1} ", 0, "line 1: malformed identity"),
        ("{1} {2}", 0, "line 1: malformed identity"),
        ("{1}\n{lower}", 0, "line 2: unknown identity type"),
        ("AGE-SECRET-KEY-1QQQ", 0, "line 1: malformed identity"),
        ("ssh-ed25519 AAAA", 0, "line 1: unknown identity type"),
        ("{1}\n" + PLUGIN, 0, "line 2: malformed identity"),
        ("AGE-PLUGIN-../X-1QQQQ", 0, "line 1: not the name of an age plugin"),
        (PQ + "\n{1}", 0, "line 1: malformed identity"),
        ("age-encryption.org/v1\n", 1, ""),
        ("-----BEGIN AGE ENCRYPTED FILE-----\n", 0, "not an armored age file"),
    ],
)
def test_syntax_of_key_files(tmp_path: Path, text: str, count: int, note: str) -> None:
    for name, value in (("{1}", identity()), ("{2}", identity("age2")), ("{lower}", identity().lower())):
        text = text.replace(name, value)
    (tmp_path / "keys").write_text(text)
    source = standing_sources({"SOPS_AGE_KEY_FILE": str(tmp_path / "keys"), "HOME": str(tmp_path)})[0]
    assert len(source.identities) == count
    assert note in "".join(source.notes)
    assert bool(note) == bool(source.notes)
    assert identity() not in repr(source) + repr(source.identities)


def test_words_are_for_the_variable_only() -> None:
    both = f"{identity('age1')}  {identity('age2')}\n# x\n"
    assert len(standing_sources({"SOPS_AGE_KEY": both, "HOME": "/nonexistent"})[0].identities) == 2


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {},
            "no identity found (looked in /nonexistent/.config/sops/age/keys.txt: no such file, SOPS_AGE_KEY: not set",
        ),
        ({"SOPS_AGE_KEY": ""}, "SOPS_AGE_KEY: 0 identities"),
        ({"SOPS_AGE_KEY_FILE": ""}, "SOPS_AGE_KEY_FILE=: no such file"),
        ({"SOPS_AGE_KEY_FILE": "/nonexistent/k"}, "SOPS_AGE_KEY_FILE=/nonexistent/k: no such file"),
        ({"SOPS_AGE_KEY_FILE": "/"}, "SOPS_AGE_KEY_FILE=/: cannot be read"),
        ({"SOPS_AGE_KEY_FILE": "a\0b"}, "cannot be read (bad path)"),
        ({"SOPS_AGE_KEY_CMD": "  "}, "SOPS_AGE_KEY_CMD: the command is empty"),
        ({"SOPS_AGE_KEY_CMD": "'"}, "SOPS_AGE_KEY_CMD: the command has an unbalanced quote"),
        ({"SOPS_AGE_KEY_CMD": "/nonexistent/secret x"}, "SOPS_AGE_KEY_CMD: the command cannot be started"),
        ({"SOPS_AGE_KEY_CMD": "false"}, "SOPS_AGE_KEY_CMD: the command failed with exit code 1"),
        ({"SOPS_AGE_SSH_PRIVATE_KEY_FILE": "x"}, "SOPS_AGE_SSH_PRIVATE_KEY_FILE=x: no such file"),
        ({"XDG_CONFIG_HOME": "relative"}, "the path in XDG_CONFIG_HOME is relative"),
        ({"HOME": ""}, "neither XDG_CONFIG_HOME nor HOME is set"),
    ],
)
def test_reasons(environ: dict[str, str], said: str) -> None:
    assert said in reason({"PATH": os.environ["PATH"], **environ})


def test_an_identity_in_the_place_of_a_path_is_not_repeated() -> None:
    assert "holds an identity instead of a path" in reason({"SOPS_AGE_KEY_FILE": identity()})


def test_missing_user_file_is_not_worth_a_word_when_there_are_identities() -> None:
    assert reason({"SOPS_AGE_KEY": identity("age2")}) == "no matching identity (looked in SOPS_AGE_KEY: 1 identity)"


def test_command_gets_the_recipient_and_no_shell(tmp_path: Path) -> None:
    code = (
        "import os, sys; open(sys.argv[1], 'a').write(f\"{os.environ['SOPS_AGE_RECIPIENT']} {sys.argv[2]}\\n\");"
        "print(sys.argv[3])"
    )
    log = tmp_path / "log"
    command = shlex.join([sys.executable, "-c", code, str(log), "$HOME|x", identity("age2")])
    service = Service({"HOME": str(tmp_path), "SOPS_AGE_KEY_CMD": command})
    assert service.open(key("age2")) == SECRET
    assert service.open(key("age2")) == SECRET
    with pytest.raises(NotForMe):
        service.open(key("age1"))
    assert log.read_text() == f"{recipient('age2')} $HOME|x\n{recipient('age1')} $HOME|x\n"


def test_command_is_not_run_when_an_identity_is_at_hand(tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-c", "import sys; open(sys.argv[1],'w')", str(tmp_path / "ran")])
    assert opened({"SOPS_AGE_KEY": identity(), "SOPS_AGE_KEY_CMD": command}) == SECRET
    assert not (tmp_path / "ran").exists()


def test_holds_believes_identities_only() -> None:
    mine, other = key("age1"), key("age1")
    other.fields["recipient"] = recipient("age2")
    service = Service({"HOME": "/nonexistent", "SOPS_AGE_KEY": identity("age1")})
    assert service.open(other) == SECRET
    assert service.holds(mine)
    assert not service.holds(other)


def test_holds_asks_the_command() -> None:
    service = Service({"HOME": "/nonexistent", "SOPS_AGE_KEY_CMD": printer(identity("age2"))})
    assert not service.likely(key("age2"))
    assert service.holds(key("age2"))
    assert not service.holds(key("age1"))


def test_no_command_is_no_source() -> None:
    assert command_source({}, "x") is None
    assert command_source({"SOPS_AGE_KEY_CMD": printer(identity())}, "x") is not None


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "/h"}, "/h/.config"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": ""}, "/h/.config"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/x"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support"),
        ("darwin", {"HOME": "/h", "XDG_CONFIG_HOME": "x"}, "x"),
        ("win32", {"AppData": "/roaming", "XDG_CONFIG_HOME": "/x"}, "/roaming"),
        ("win32", {"HOME": "/h"}, None),
        ("linux", {}, None),
    ],
)
def test_config_folder(platform: str, environ: dict[str, str], folder: str | None) -> None:
    if folder is None:
        with pytest.raises(ValueError, match=r"not set|is set"):
            config_folder(environ, platform)
    else:
        assert config_folder(environ, platform) == folder


def test_sources_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(identity())
    service = Service({"SOPS_AGE_KEY_FILE": str(path), "HOME": str(tmp_path)})
    assert service.likely(key("age1"))
    path.unlink()
    assert service.open(key("age1")) == SECRET
    assert not service.likely(key("age2"))


def test_identity_files_have_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"#" * (MAX_IDENTITY_BYTES + 1))
    assert "larger than 16 MiB" in reason({"SOPS_AGE_KEY_FILE": str(path)})


@pytest.mark.parametrize(
    ("enc", "said"),
    [
        ("x", "no armored age file"),
        (ENC_OF_SOPS[:200], "enc is damaged"),
        (ENC_OF_SOPS.replace("YWdl", "AAAA"), "damaged"),
    ],
)
def test_damaged_enc(enc: str, said: str) -> None:
    assert said in reason({"SOPS_AGE_KEY": identity()}, key(enc=enc))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("age1pq1qqqqy7q9ggs", "post-quantum"),
        ("age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", "plugin"),
        ("ssh-ed25519 AAAA me@host", "SSH"),
        ("ssh-rsa AAAA", "SSH"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert recipient_kind(text) == kind


def test_recipients_that_are_none() -> None:
    assert recipient_kind(recipient()) == "X25519"
    for text in ("foo", "", "AGE1QQ", "x age1"):
        with pytest.raises(SopsError, match=f'unknown recipient type: "{text}"'):
            recipient_kind(text)
    for text in (
        recipient()[:-1] + "q",
        "age1",
        "age1yubikey1qqqqqq",
        "ssh-rsa",
        f"{recipient()}\n{recipient('age2')}",
    ):
        with pytest.raises(SopsError, match="malformed age recipient"):
            recipient_kind(text)
    with pytest.raises(SopsError) as caught:
        recipient_kind(identity())
    assert identity()[15:] not in str(caught.value)
