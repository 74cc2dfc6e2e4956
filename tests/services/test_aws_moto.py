"""A second opinion on AWS KMS: the emulator moto, which somebody else wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from tests.services.program import Programs

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = '{\n\t"token": "hunter2",\n\t"port": 443\n}\n'
ROLE = "arn:aws:iam::123456789012:role/deploy"


def test_both_ways_with_sops(moto: dict[str, str], tmp_path: Path) -> None:
    client = boto3.client(
        "kms",
        "eu-west-1",
        endpoint_url=moto["AWS_ENDPOINT_URL"],
        aws_access_key_id="x",
        aws_secret_access_key="y",
    )
    arn = client.create_key()["KeyMetadata"]["Arn"]
    client.create_alias(AliasName="alias/main", TargetKeyId=arn)
    alias = f"{arn.partition(':key/')[0]}:alias/main"
    both = Programs(tmp_path, moto)
    both.put("plain.json", PLAIN)
    for seal, open in ((both.ours, both.theirs), (both.theirs, both.ours)):
        for keys in (arn, alias, f"{arn}+{ROLE}"):
            sealed = seal("encrypt", "--kms", keys, "--encryption-context", "team:payments", "plain.json")
            assert sealed.returncode == 0, sealed.stderr
            both.put("sealed.json", sealed.stdout)
            done = open("decrypt", "sealed.json")
            assert (done.returncode, done.stdout) == (0, PLAIN), done.stderr
            both.put("other.json", sealed.stdout.replace("payments", "others"))
            done = both.ours("decrypt", "other.json")
            assert (done.returncode, "another encryption context (here: team)" in done.stderr) == (128, True)
