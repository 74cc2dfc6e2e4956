"""Google Cloud KMS over REST and gRPC: what is asked, how often, what goes wrong; files of the real sops both ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sopspy.errors import DataKeyError
from sopspy.keys.base import WrapError
from sopspy.keys.ring import KeyRing
from sopspy.metadata import MasterKey
from tests.services.gcp import BUSY, CORRUPT, MUTE, Grpc, Rest, key_id
from tests.services.program import Programs
from tests.services.proxy import Proxy
from tests.services.web import DROP, HOLD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.tls import Authority

SECRET = bytes(range(32))
PLAIN = "db:\n    password: hunter2\n    port: 5432\n"


def key(name: str = "one") -> MasterKey:
    return MasterKey("gcp_kms", {"resource_id": name if "/" in name else key_id(name)})


def wrapped(server: Rest | Grpc, *keys: MasterKey) -> list[MasterKey]:
    KeyRing(server.environ()).wrap([list(keys)], 0, SECRET)
    server.reset()
    return list(keys)


def refusal(environ: dict[str, str], *keys: MasterKey) -> DataKeyError:
    with pytest.raises(DataKeyError) as caught:
        KeyRing(environ).open([list(keys)], 0)
    return caught.value


@pytest.fixture(params=["rest", "grpc"])
def gcp(request: pytest.FixtureRequest) -> Rest | Grpc:
    found: Rest | Grpc = request.getfixturevalue(f"gcp_{request.param}")
    return found


def test_wrap_and_open(gcp: Rest | Grpc) -> None:
    found = wrapped(gcp, key("one"), key("two"))
    ring = KeyRing(gcp.environ())
    assert [ring.open([[one]], 0) for one in found] == [SECRET] * 2
    assert gcp.counts == {"decrypt": 2}


def test_what_one_interface_has_wrapped_the_other_opens(gcp_rest: Rest, gcp_grpc: Grpc) -> None:
    for seal, open in ((gcp_rest, gcp_grpc), (gcp_grpc, gcp_rest)):
        assert KeyRing(open.environ()).open([wrapped(seal, key())], 0) == SECRET


def test_checksums_are_sent(gcp_rest: Rest) -> None:
    gcp_rest.sent = 0
    KeyRing(gcp_rest.environ()).open([wrapped(gcp_rest, key())], 0)
    assert gcp_rest.sent == 2


def test_checksums_are_verified(gcp: Rest | Grpc) -> None:
    gcp.faults = [CORRUPT]
    found = key()
    KeyRing(gcp.environ()).wrap([[found]], 0, SECRET)
    gcp.faults = [CORRUPT] * 2
    assert KeyRing(gcp.environ()).open([[found]], 0) == SECRET
    gcp.reset()
    gcp.faults = [CORRUPT] * 9
    assert "checksums" in refusal(gcp.environ(), found).details[0]
    assert gcp.counts == {"decrypt": 3}
    with pytest.raises(WrapError, match="1 of 1"):
        KeyRing(gcp.environ()).wrap([[key()]], 0, SECRET)


def test_a_server_without_checksums(gcp_rest: Rest) -> None:
    gcp_rest.faults = [MUTE]
    found = key()
    KeyRing(gcp_rest.environ()).wrap([[found]], 0, SECRET)
    gcp_rest.faults = [MUTE]
    assert KeyRing(gcp_rest.environ()).open([[found]], 0) == SECRET


@pytest.mark.parametrize(
    ("id", "token", "words", "next_step"),
    [
        (key_id("one"), "denied", "access denied (GOOGLE_OAUTH_ACCESS_TOKEN)", "roles/cloudkms.cryptoKeyEncrypter"),
        (key_id("one"), "expired", "Google does not accept these credentials", "gcloud auth application-default login"),
        (key_id("never"), "good", "not found", "are project, location, key ring and key right?"),
        (key_id("off"), "good", "not enabled", "gcloud kms keys versions list --key off --keyring projects/example/"),
        (key_id("two"), "good", "enc was changed, or wrapped by another key", ""),
        (key_id("one") + "/cryptoKeyVersions/1", "good", "no valid resource id", "without a version"),
    ],
)
def test_refusals_say_who_asked_and_what_to_do(
    gcp: Rest | Grpc, id: str, token: str, words: str, next_step: str
) -> None:
    found = wrapped(gcp, key())
    found[0].fields["resource_id"] = id
    err = refusal(gcp.environ(token), *found)
    assert words in err.details[0]
    assert any(next_step in hint for hint in err.hints)
    assert sum(gcp.counts.values()) <= 1, "a refusal is never asked again"


def test_what_passes_is_asked_again(gcp: Rest | Grpc) -> None:
    found = wrapped(gcp, key())
    gcp.faults = [BUSY, BUSY]
    assert KeyRing(gcp.environ()).open([found], 0) == SECRET
    assert gcp.counts == {"decrypt": 3}


def test_a_dropped_connection_is_made_anew(gcp_rest: Rest) -> None:
    found = wrapped(gcp_rest, key())
    gcp_rest.faults = [DROP]
    assert KeyRing(gcp_rest.environ()).open([found], 0) == SECRET


def test_a_silent_server_does_not_hold_up_the_other_key(gcp: Rest | Grpc) -> None:
    found = wrapped(gcp, key("one"), key("two"))
    gcp.faults = [HOLD]
    assert KeyRing(gcp.environ()).open([found], 0) == SECRET


@pytest.mark.parametrize("given", ["{", "/nowhere", '{"type": "other"}', '{"type": "service_account"}'])
def test_bad_credentials(gcp_rest: Rest, given: str) -> None:
    found = wrapped(gcp_rest, key())
    err = refusal({**gcp_rest.environ(), "GOOGLE_CREDENTIALS": given}, *found)
    assert "redentials" in err.details[0]
    assert len(given) == 1 or given not in str(vars(err))
    assert gcp_rest.counts == {}


@pytest.mark.parametrize("as_file", [False, True])
def test_a_service_account(gcp_rest: Rest, tmp_path: Path, as_file: bool) -> None:
    """It signs its own token, which the fake takes as it comes."""
    private = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    info = {
        "type": "service_account",
        "client_email": "robot@example.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
        "private_key": private.decode(),
    }
    given = json.dumps(info)
    if as_file:
        (tmp_path / "robot.json").write_text(given)
        given = str(tmp_path / "robot.json")
    environ = {**gcp_rest.environ(), "GOOGLE_CREDENTIALS": given}
    found = wrapped(gcp_rest, key())
    assert KeyRing(environ).open([found], 0) == SECRET
    found[0].fields["resource_id"] = key_id("never")
    err = refusal(environ, *found)
    assert "not found (robot@example.iam.gserviceaccount.com of GOOGLE_CREDENTIALS)" in err.details[0]


@pytest.fixture
def peers(gcp_grpc: Grpc, authority: Authority, tmp_path: Path) -> Iterator[Programs]:
    """Both programs with Google's own address, which a proxy leads to the fake."""
    with Proxy({"cloudkms.googleapis.com:443": gcp_grpc.port}) as proxy:
        token = {"GOOGLE_OAUTH_ACCESS_TOKEN": "good"}
        yield Programs(tmp_path, {**token, **authority.environ, **proxy.environ})


def test_both_ways_with_sops(peers: Programs, gcp_grpc: Grpc) -> None:
    peers.put("plain.yaml", PLAIN)
    for seal, open in ((peers.ours, peers.theirs), (peers.theirs, peers.ours)):
        done = seal("encrypt", "--gcp-kms", f"{key_id('one')},{key_id('two')}", "plain.yaml")
        assert done.returncode == 0, done.stderr
        peers.put("sealed.yaml", done.stdout)
        gcp_grpc.reset()
        done = open("decrypt", "sealed.yaml")
        assert (done.returncode, done.stdout) == (0, PLAIN), done.stderr
        assert gcp_grpc.counts == {"decrypt": 1}
    assert done.stderr == ""


def test_rotation_over_rest_of_a_file_of_sops(peers: Programs, gcp_rest: Rest) -> None:
    peers.put("plain.yaml", PLAIN)
    peers.put("sealed.yaml", peers.theirs("encrypt", "--gcp-kms", key_id("one"), "plain.yaml").stdout)
    before = dict(peers.environ)
    peers.environ |= gcp_rest.environ() | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = peers.ours("rotate", "-i", "--add-gcp-kms", key_id("two"), "sealed.yaml")
    peers.environ = before
    assert done.returncode == 0, done.stderr
    assert gcp_rest.counts == {"decrypt": 1, "encrypt": 2}
    assert peers.theirs("decrypt", "sealed.yaml").stdout == PLAIN
    assert peers.read("sealed.yaml").count("resource_id") == 2


def test_without_the_library(gcp_rest: Rest, tmp_path: Path) -> None:
    both = Programs(tmp_path, gcp_rest.environ())
    both.put("plain.yaml", PLAIN)
    both.put("google_crc32c.py", "raise ImportError\n")
    both.environ["PYTHONPATH"] = f"{both.folder}:{both.environ['PYTHONPATH']}"
    done = both.ours("encrypt", "--gcp-kms", key_id("one"), "plain.yaml")
    assert done.returncode == 1
    assert "hint: pip install 'sopspy[gcp]'" in done.stderr
