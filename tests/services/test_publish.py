"""`publish` with real or emulated destinations: Vault's key-value engines, S3, Google Cloud Storage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

import boto3
import pytest

from tests.services.program import Programs
from tests.services.web import Request, Response, Server
from tests.support import env

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.bao import Bao

PLAIN = "a: s3cret\nn: 1.50\nl:\n  - {k: v}\nt: 2001-01-01\n"
DATA = {"a": "s3cret", "n": 1.5, "l": [{"k": "v"}], "t": "2001-01-01T00:00:00Z"}


class Gcs(Server):
    """Takes uploads as Cloud Storage does, in one request."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[str, bytes] = {}

    def answer(self, request: Request, fault: str) -> Response:
        if fault:
            return Response("upload", 403, b'{"error": {"code": 403, "message": "no"}}')
        _, _, rest = request.body.partition(b"\r\n\r\n{")
        meta, _, rest = rest.partition(b"}\r\n")
        body = rest.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
        name = json.loads(b"{" + meta + b"}")["name"]
        self.objects[unquote(name)] = body
        return Response("upload", 200, json.dumps({"name": name, "bucket": "b"}).encode())


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    made = Programs(tmp_path, {"SOPS_AGE_KEY": env.identity()})
    made.put(".sops.yaml", f"creation_rules:\n  - age: {env.recipient()}\n")
    for name in ("f.yaml", "d/one.yaml", "d/sub/two.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        made.put(name, PLAIN)
        assert made.ours("encrypt", "-i", name).returncode == 0
    return made


def rule(programs: Programs, text: str) -> None:
    """The configuration with one destination rule, its lines indented by four."""
    programs.put(".sops.yaml", f"destination_rules:\n  - {text}")


def published(programs: Programs, *words: str) -> str:
    done = programs.ours("publish", "-y", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def versions(bao: Bao, path: str) -> int:
    return int(bao.ask("GET", f"secret/data/{path}")["data"]["metadata"]["version"])


def test_vault_gets_the_values_and_equal_ones_make_no_new_version(bao: Bao, programs: Programs) -> None:
    programs.environ |= bao.environ
    rule(programs, "vault_path: team/\n")
    published(programs, "f.yaml")
    assert bao.ask("GET", "secret/data/team/f.yaml")["data"]["data"] == DATA
    published(programs, "f.yaml")
    assert versions(bao, "team/f.yaml") == 1
    programs.ours("set", "f.yaml", '["a"]', '"new"')
    published(programs, "f.yaml")
    assert versions(bao, "team/f.yaml") == 2


def test_vault_version_one_a_folder_and_no_extensions(bao: Bao, programs: Programs) -> None:
    programs.environ |= bao.environ
    lines = ("vault_path: team", "vault_kv_mount_name: kv", "vault_kv_version: 1", "omit_extensions: true")
    rule(programs, "\n    ".join(lines))
    published(programs, "--recursive", "d")
    assert bao.ask("GET", "kv/team/one")["data"] == DATA
    assert bao.ask("GET", "kv/team/sub/two")["data"] == DATA


def test_sops_writes_the_same_place(bao: Bao, programs: Programs) -> None:
    programs.environ |= bao.environ
    rule(programs, "vault_path: peer/\n")
    assert programs.theirs("publish", "-y", "f.yaml").returncode == 0
    assert bao.ask("GET", "secret/data/peer/f.yaml")["data"]["data"]["a"] == "s3cret"


def test_vault_refuses(bao: Bao, programs: Programs) -> None:
    programs.environ |= bao.environ | {"VAULT_TOKEN": bao.token("secret/data/other/*=read")}
    rule(programs, "vault_path: team/\n")
    done = programs.ours("publish", "-y", "f.yaml")
    assert done.returncode == 1
    assert "permission denied (HTTP 403), token of VAULT_TOKEN" in done.stderr
    assert programs.environ["VAULT_TOKEN"] not in done.stderr
    assert "s3cret" not in done.stderr


def test_s3_gets_the_file_as_it_is_or_sealed_anew(moto: dict[str, str], programs: Programs) -> None:
    programs.environ |= moto | {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    store = boto3.client(
        "s3", "eu-west-1", endpoint_url=moto["AWS_ENDPOINT_URL"], aws_access_key_id="x", aws_secret_access_key="y"
    )
    store.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    rule(programs, "s3_bucket: bucket\n    s3_prefix: p/\n")
    published(programs, "f.yaml")
    assert store.get_object(Bucket="bucket", Key="p/f.yaml")["Body"].read().decode() == programs.read("f.yaml")
    recreation = f"recreation_rule: {{age: {env.recipient('age2')}, encrypted_regex: ^a$, mac_only_encrypted: true}}\n"
    rule(programs, f"s3_bucket: bucket\n    {recreation}")
    published(programs, "f.yaml")
    made = store.get_object(Bucket="bucket", Key="f.yaml")["Body"].read().decode()
    assert "a: ENC[" in made
    assert "n: 1.50" in made  # its own options, which sops drops
    assert "mac_only_encrypted: true" in made
    programs.put("made.yaml", made)
    assert programs.ours("decrypt", "made.yaml").returncode == 128
    programs.environ["SOPS_AGE_KEY"] = env.identity("age2")
    assert programs.ours("decrypt", "made.yaml").stdout == PLAIN
    assert programs.theirs("decrypt", "made.yaml").returncode == 0
    rule(programs, "s3_bucket: none-such\n")
    assert "s3://none-such refuses the upload: NoSuchBucket" in programs.ours("publish", "-y", "f.yaml").stderr


def test_google_cloud_storage(programs: Programs) -> None:
    with Gcs() as server:
        programs.environ |= {"STORAGE_EMULATOR_HOST": server.url, "GOOGLE_CLOUD_PROJECT": "p"}
        rule(programs, "gcs_bucket: b\n    gcs_prefix: p/\n")
        published(programs, "f.yaml")
        assert server.objects == {"p/f.yaml": programs.read("f.yaml").encode()}
        server.always = "403"
        assert "gcs://b refuses the upload: Forbidden" in programs.ours("publish", "-y", "f.yaml").stderr


def test_a_plain_file_never_leaves(bao: Bao, programs: Programs) -> None:
    programs.environ |= bao.environ
    programs.put("plain.yaml", PLAIN)
    for place in ("vault_path: team/\n", "s3_bucket: b\n"):
        rule(programs, place)
        done = programs.ours("publish", "-y", "plain.yaml")
        assert done.returncode == 1
        assert "sops metadata not found" in done.stderr
