"""AWS KMS against the strict fake: what is asked, how often, what goes wrong; and files of the real sops both ways."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from sopspy.errors import DataKeyError
from sopspy.keys.aws_clients import session_name
from sopspy.keys.base import WrapError
from sopspy.keys.ring import KeyRing
from sopspy.metadata import MasterKey, Metadata, Options, parse, render
from tests.services import aws as service
from tests.services.aws import DENIED_ROLE, PAST, POOR, ROLE, THROTTLE, TROUBLE, Aws, arn
from tests.services.program import Programs
from tests.services.web import DROP, HOLD
from tests.support import env

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = bytes(range(32))
PLAIN = "db:\n    password: hunter2\n    port: 5432\n"
CONTEXT = {"team": "payments", "stage": "prod"}


def key(name: str = "one", region: str = "eu-west-1", role: str = "", **context: str) -> MasterKey:
    fields = {"arn": name if ":" in name else arn(name, region), "role": role, "created_at": "2026-01-02T03:04:05Z"}
    made = MasterKey("kms", fields)
    made.context = dict(context)
    return made


def wrapped(aws: Aws, *keys: MasterKey) -> list[MasterKey]:
    KeyRing(aws.environ()).wrap([list(keys)], 0, SECRET)
    aws.reset()
    return list(keys)


def refusal(environ: dict[str, str], *keys: MasterKey) -> DataKeyError:
    with pytest.raises(DataKeyError) as caught:
        KeyRing(environ).open([list(keys)], 0)
    assert "secret-of" not in str(vars(caught.value))
    return caught.value


@pytest.mark.parametrize(
    ("name", "region", "role"),
    [
        ("one", "eu-west-1", ""),
        ("two", "us-east-1", ROLE),
        ("mrk-shared", "ap-south-1", ""),
        (f"arn:aws:kms:eu-west-1:{service.ACCOUNT}:alias/main", "eu-west-1", ""),
    ],
)
def test_wrap_and_open(aws: Aws, name: str, region: str, role: str) -> None:
    found = wrapped(aws, key(name, region, role, **CONTEXT))
    assert KeyRing(aws.environ()).open([found], 0) == SECRET
    assert aws.counts == {"Decrypt": 1, **({"AssumeRole": 1} if role else {})}


def test_a_replica_opens_what_another_region_has_wrapped(aws: Aws) -> None:
    found = wrapped(aws, key("mrk-shared", "eu-west-1"))
    found[0].fields["arn"] = arn("mrk-shared", "us-east-1")
    assert KeyRing(aws.environ()).open([found], 0) == SECRET


@pytest.mark.parametrize(("listed", "assumed"), [("", 0), (ROLE, 1)])
def test_where_nobody_watches_a_file_chooses_no_role(aws: Aws, listed: str, assumed: int) -> None:
    found = wrapped(aws, key(role=ROLE))
    environ = {**aws.environ(), "SOPSPY_UNATTENDED": "1", "SOPSPY_TRUSTED_ENDPOINTS": listed}
    assert KeyRing(environ).open([found], 0) == SECRET
    assert aws.counts["AssumeRole"] == assumed


def test_where_nobody_watches_a_file_chooses_no_profile(aws: Aws) -> None:
    found = wrapped(aws, key())
    found[0].fields["aws_profile"] = "nobody"
    assert KeyRing({**aws.environ(), "SOPSPY_UNATTENDED": "1"}).open([found], 0) == SECRET
    assert 'no profile "nobody"' in refusal(aws.environ(), *found).details[0]


def test_keys_are_wrapped_side_by_side(aws: Aws) -> None:
    aws.latency = 0.2
    KeyRing(aws.environ()).wrap([[key(region=region) for region in ("eu-west-1", "us-east-1", "us-west-2")]], 0, SECRET)
    assert (aws.counts, aws.most) == ({"Encrypt": 3}, 3)


def test_many_threads_share_client_session_and_answer(aws: Aws) -> None:
    found = wrapped(aws, key(role=ROLE))
    others = [wrapped(aws, key(role=ROLE)) for _ in range(5)]
    aws.reset()
    aws.latency = 0.05
    ring = KeyRing(aws.environ())
    opened: list[bytes] = []
    jobs = [found] * 20 + others
    threads = [threading.Thread(target=lambda group=job: opened.append(ring.open([group], 0))) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [SECRET] * 25
    assert aws.counts == {"AssumeRole": 1, "Decrypt": 6}
    assert (ring.counts["kms"].asked, ring.counts["kms"].remembered) == (6, 19)


def test_a_role_session_is_renewed_before_it_ends(aws: Aws) -> None:
    groups = [wrapped(aws, key(role=ROLE)) for _ in range(2)]
    aws.lasts, aws.sessions[:] = 60, []
    ring = KeyRing(aws.environ())
    try:
        assert [ring.open([group], 0) for group in groups] == [SECRET] * 2
    finally:
        aws.lasts = 3600
    assert aws.counts["AssumeRole"] == 2
    assert all(name.startswith("sops@") for name in aws.sessions)


def test_another_context_is_another_answer(aws: Aws) -> None:
    first, second = wrapped(aws, key(**CONTEXT), key(team="a"))
    ring = KeyRing(aws.environ())
    assert ring.open([[first]], 0) == SECRET
    second.enc = first.enc
    with pytest.raises(DataKeyError) as caught:
        ring.open([[second]], 0)
    assert "another encryption context (here: team)" in caught.value.details[0]


@pytest.mark.parametrize(
    ("change", "user", "words", "next_step"),
    [
        ({}, POOR, "access denied (credentials of the environment)", "ask for kms:Encrypt and kms:Decrypt"),
        ({}, PAST, "have expired", "set AWS_ACCESS_KEY_ID"),
        ({}, "AKIAUNKNOWN", "AWS does not know these credentials", "set AWS_ACCESS_KEY_ID"),
        ({"arn": arn("off")}, service.USER, "the key is disabled", f"--region eu-west-1 --key-id {arn('off')}"),
        ({"arn": arn("gone")}, service.USER, "about to be deleted", "aws kms cancel-key-deletion"),
        ({"arn": arn("never")}, service.USER, "not found in eu-west-1", "are account, region and id of the ARN right?"),
        ({"arn": arn("one", "us-east-1")}, service.USER, "wrapped by another key", ""),
        ({"arn": arn("two")}, service.USER, "wrapped by another key", ""),
        ({"arn": "alias/main"}, service.USER, "no valid ARN: 'alias/main'", "the form is arn:aws:kms:REGION"),
        ({"role": DENIED_ROLE}, service.USER, f"role may not be assumed (role {DENIED_ROLE}", "ask for sts:AssumeRole"),
        ({"aws_profile": "nobody"}, service.USER, 'no profile "nobody"', "aws configure --profile nobody"),
    ],
)  # fmt: skip
def test_refusals_say_who_asked_and_what_to_do(
    aws: Aws, change: dict[str, str], user: str, words: str, next_step: str
) -> None:
    found = wrapped(aws, key())
    found[0].fields |= change
    err = refusal(aws.environ(user), *found)
    assert words in err.details[0]
    assert err.exit_code == 128
    assert any(next_step in hint for hint in err.hints)
    assert sum(aws.counts.values()) <= 1, "a refusal is never asked again"


def test_no_credentials(aws: Aws) -> None:
    found = wrapped(aws, key())
    err = refusal({"AWS_ENDPOINT_URL": aws.url, "AWS_EC2_METADATA_DISABLED": "true"}, *found)
    assert "no AWS credentials found" in err.details[0]
    assert aws.counts == {}


@pytest.mark.parametrize("enc", ["", "!", "AAAA", "A" * 4000])
def test_a_damaged_enc(aws: Aws, enc: str) -> None:
    found = wrapped(aws, key())
    found[0].enc = enc
    assert refusal(aws.environ(), *found).details


@pytest.mark.parametrize("fault", [THROTTLE, TROUBLE, DROP])
def test_what_passes_is_asked_again(aws: Aws, fault: str) -> None:
    found = wrapped(aws, key())
    aws.faults = [fault] * 2
    assert KeyRing(aws.environ()).open([found], 0) == SECRET
    assert aws.counts == {"Decrypt": 3}


def test_throttled_all_the_time(aws: Aws) -> None:
    found = wrapped(aws, key())
    aws.always = THROTTLE
    assert "AWS is throttling: refused 5 times" in refusal(aws.environ(), *found).details[0]


def test_nobody_there(aws: Aws) -> None:
    found = wrapped(aws, key())
    err = refusal({**aws.environ(), "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, *found)
    assert "cannot be reached" in err.details[0]


@pytest.fixture
def silent() -> Iterator[Aws]:
    """A server of its own: what gives up on it goes on trying for a while, and would be counted elsewhere."""
    with Aws() as server:
        yield server


def test_a_silent_server_does_not_hold_up_the_other_key(silent: Aws) -> None:
    """It would not answer within the minute that the test waits."""
    found = wrapped(silent, key("one"), key("two", "us-east-1"))
    silent.faults = [HOLD]
    began = time.monotonic()
    assert KeyRing(silent.environ()).open([found], 0) == SECRET
    assert time.monotonic() - began < 60


def test_a_silent_server_is_not_asked_for_the_next_file(silent: Aws) -> None:
    found = [wrapped(silent, key()) for _ in range(3)]
    silent.always = HOLD
    ring = KeyRing(silent.environ())
    ring._remote()._seconds = 0.5
    reasons = []
    for group in found:
        with pytest.raises(DataKeyError) as caught:
            ring.open([group], 0)
        reasons.append(caught.value.details[0])
    assert "no answer within" in reasons[0]
    assert all("not asked: nobody answered there before" in reason for reason in reasons[1:])


def test_every_recipient_that_fails_is_named(aws: Aws) -> None:
    with pytest.raises(WrapError) as caught:
        KeyRing(aws.environ()).wrap([[key("one"), key("off"), key("gone")]], 0, SECRET)
    assert "2 of 3 recipients" in caught.value.message
    assert [line.split("  ")[-1].strip() for line in caught.value.details] == [
        "the key is disabled",
        "the key is about to be deleted, or not usable now",
    ]


@pytest.mark.parametrize("last", ["payments", "prod"])
def test_a_context_as_sops_before_3_3_0_wrote_it(aws: Aws, last: str) -> None:
    """It wrapped under one value for all names and stored the right context."""
    (found,) = wrapped(aws, key(**dict.fromkeys(CONTEXT, last)))
    found.context = dict(CONTEXT)
    assert KeyRing(aws.environ()).open(_read(found, "3.2.0"), 0) == SECRET
    refusal(aws.environ(), *_read(found, "3.3.0")[0])


def _read(found: MasterKey, version: str) -> list[list[MasterKey]]:
    """The key groups of a file of this version."""
    made = Metadata([[found]], Options())
    made.version, made.lastmodified = version, "2026-01-02T03:04:05Z"
    return parse(render(made)).groups


@pytest.mark.parametrize(("host", "name"), [("build-7.example", "sops@build7.example"), ("x" * 90, "sops@" + "x" * 59)])
def test_session_names_are_those_of_sops(host: str, name: str) -> None:
    assert session_name(host) == name


@pytest.fixture
def both(aws: Aws, tmp_path: Path) -> Programs:
    return Programs(tmp_path, aws.environ())


@pytest.mark.parametrize(
    "words",
    [
        ("--kms", arn("one")),
        ("--kms", f"{arn('one')}+{ROLE}", "--encryption-context", "team:payments,stage:prod"),
        ("--kms", f"{arn('mrk-shared', 'us-east-1')},{arn('two')}"),
    ],
)
def test_both_ways_with_sops(both: Programs, aws: Aws, words: tuple[str, ...]) -> None:
    both.put("plain.yaml", PLAIN)
    for seal, open in ((both.ours, both.theirs), (both.theirs, both.ours)):
        done = seal("encrypt", *words, "plain.yaml")
        assert done.returncode == 0, done.stderr
        both.put("sealed.yaml", done.stdout)
        aws.reset()
        done = open("decrypt", "sealed.yaml")
        assert (done.returncode, done.stdout) == (0, PLAIN), done.stderr
        assert aws.counts["Decrypt"] == 1


def test_profiles_are_kept_in_the_file(both: Programs) -> None:
    both.put("plain.yaml", PLAIN)
    environ = both.environ
    user, secret = service.USER, service.CREDENTIALS[service.USER]
    config = f"[profile dev]\naws_access_key_id = {user}\naws_secret_access_key = {secret}\nregion = us-west-2\n"
    both.put("config", config)
    environ["AWS_CONFIG_FILE"] = str(both.folder / "config")
    environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"] = POOR, service.CREDENTIALS[POOR]
    for seal, open in ((both.ours, both.theirs), (both.theirs, both.ours)):
        done = seal("encrypt", "--kms", arn("one"), "--aws-profile", "dev", "plain.yaml")
        assert done.returncode == 0, done.stderr
        assert "aws_profile: dev" in done.stdout
        both.put("sealed.yaml", done.stdout)
        assert open("decrypt", "sealed.yaml").stdout == PLAIN


def test_the_web_identity_of_a_service_account(both: Programs, aws: Aws) -> None:
    both.put("plain.yaml", PLAIN)
    both.put("sealed.yaml", both.theirs("encrypt", "--kms", arn("one"), "plain.yaml").stdout)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del both.environ[name]
    both.put("token", service.WEB_TOKEN)
    both.environ |= {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(both.folder / "token")}
    done = both.ours("decrypt", "sealed.yaml")
    assert (done.returncode, done.stdout) == (0, PLAIN), done.stderr
    assert aws.counts["AssumeRoleWithWebIdentity"] == 1
    both.put("token", "another")
    done = both.ours("decrypt", "sealed.yaml")
    assert done.returncode == 128
    assert "AWS does not know these credentials (credentials of the web identity token)" in done.stderr
    assert "hint: is the token of the service account" in done.stderr
    assert "another" not in done.stderr


def test_rotation_needs_no_rule_for_a_key_that_opens_the_file(both: Programs, aws: Aws) -> None:
    both.put("sealed.yaml", "")
    both.put("plain.yaml", PLAIN)
    both.put("sealed.yaml", both.theirs("encrypt", "--kms", f"{arn('one')},{arn('two')}", "plain.yaml").stdout)
    done = both.ours("rotate", "-i", "sealed.yaml")
    assert done.returncode == 0, done.stderr
    assert both.theirs("decrypt", "sealed.yaml").stdout == PLAIN


def test_rotation_trusts_no_key_that_was_slipped_in(both: Programs, aws: Aws) -> None:
    """Whoever can write the file wraps some other key for himself: it opens, but to another secret."""
    both.put("plain.yaml", PLAIN)
    sealed = both.theirs("encrypt", "--kms", arn("one"), "plain.yaml").stdout
    foreign = both.theirs("encrypt", "--kms", arn("two"), "plain.yaml").stdout
    entry = foreign[foreign.index("        - arn:") : foreign.index("    lastmodified:")]
    both.put("sealed.yaml", sealed.replace("    lastmodified:", f"{entry}    lastmodified:"))
    assert both.theirs("decrypt", "sealed.yaml").stdout == PLAIN
    done = both.ours("rotate", "-i", "sealed.yaml")
    assert done.returncode == 1
    assert "nothing vouches for" in done.stderr
    assert arn("two") in done.stderr


def test_key_groups_with_a_threshold(both: Programs, aws: Aws) -> None:
    both.environ["SOPS_AGE_KEY"] = env.identity()
    both.put(
        ".sops.yaml",
        "creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n"
        f"      - kms:\n          - arn: {arn('one')}\n            context: {{team: payments}}\n"
        f"      - kms:\n          - arn: {arn('two')}\n            role: {ROLE}\n"
        f"      - age:\n          - {env.recipient()}\n",
    )
    both.put("plain.yaml", PLAIN)
    for seal, open in ((both.ours, both.theirs), (both.theirs, both.ours)):
        both.put("sealed.yaml", seal("encrypt", "plain.yaml").stdout)
        aws.states["two"] = "DisabledException"
        done = open("decrypt", "sealed.yaml")
        aws.states["two"] = ""
        assert (done.returncode, done.stdout) == (0, PLAIN), done.stderr


def test_without_boto3(both: Programs) -> None:
    both.put("plain.yaml", PLAIN)
    both.put("boto3.py", "raise ImportError\n")
    both.environ["PYTHONPATH"] = f"{both.folder}:{both.environ['PYTHONPATH']}"
    done = both.ours("encrypt", "--kms", arn("one"), "plain.yaml")
    assert done.returncode == 1
    assert "AWS KMS needs boto3" in done.stderr
    assert "hint: pip install 'sopspy[aws]'" in done.stderr
