"""A strict fake of AWS KMS and STS, from their public protocols: JSON 1.1 with `X-Amz-Target`, the query protocol, and
Signature Version 4, which is verified.

It knows what emulators get wrong: multi-region keys, disabled keys and keys about to be deleted, keys of another
region, ciphertexts of another key, encryption contexts, denied, expired and unknown credentials. Sealed under a key of
its own for each key, so nothing opens anywhere else. `python -m tests.services.aws PORT MILLISECONDS` serves alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.services.web import Request, Response, Server

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
DENIED_ROLE = f"arn:aws:iam::{ACCOUNT}:role/forbidden"
WEB_TOKEN = "a-token-of-a-service-account"
THROTTLE, TROUBLE = "throttle", "trouble"
"""Faults of its own: refuse with ThrottlingException, fail with status 500."""

CREDENTIALS = {
    "AKIAEXAMPLEUSER": "secret-of-user",
    "AKIAEXAMPLEPOOR": "secret-of-poor",
    "AKIAEXAMPLEPAST": "secret-of-past",
}
USER, POOR, PAST = CREDENTIALS
"""Access key ids: of a user who may do all, of one who may not use keys, of a session that is over."""

_ARN = re.compile(r"arn:aws:kms:([a-z0-9-]+):(\d+):(key|alias)/(.+)")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)"
)


def arn(name: str, region: str = "eu-west-1") -> str:
    """The ARN of a key; names that begin with `mrk-` exist in every region."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{name}"


class Refusal(Exception):
    """An error of the service: its code and HTTP status."""

    def __init__(self, code: str, status: int = 400, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.message = message


class Aws(Server):
    """Keys `one`, `two` and `mrk-shared` exist, `off` is disabled, `gone` about to be deleted, `alias/main` is `one`.

    Attributes:
        sessions: the names of the role sessions that were asked for, in order.
        lasts: seconds that a role session lasts.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.states = {
            "one": "",
            "two": "",
            "mrk-shared": "",
            "off": "DisabledException",
            "gone": "KMSInvalidStateException",
        }
        self.sessions: list[str] = []
        self.lasts = 3600
        self._secrets = dict(CREDENTIALS)
        self._tokens: dict[str, str] = {}
        self._sealing = os.urandom(32)

    def environ(self, user: str = USER) -> dict[str, str]:
        """Variables that let a program reach it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": user,
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS.get(user, "wrong"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def answer(self, request: Request, fault: str) -> Response:
        target = request.headers.get("x-amz-target", "")
        if target:
            return self._kms(request, target.removeprefix("TrentService."), fault)
        return self._sts(request, fault)

    def _kms(self, request: Request, operation: str, fault: str) -> Response:
        try:
            region = self._check(request, "kms", fault)
            found = {"Encrypt": self._encrypt, "Decrypt": self._decrypt}.get(operation)
            if found is None:
                raise Refusal("UnknownOperationException")
            answer = found(region, json.loads(request.body))
        except Refusal as no:
            body = json.dumps({"__type": no.code, "message": no.message or no.code}).encode()
            return Response(operation, no.status, body, "application/x-amz-json-1.1")
        return Response(operation, 200, json.dumps(answer).encode(), "application/x-amz-json-1.1")

    def _check(self, request: Request, service: str, fault: str) -> str:
        """Verify the signature and the identity; the region of the request."""
        if fault == THROTTLE:
            raise Refusal("ThrottlingException")
        if fault == TROUBLE:
            raise Refusal("KMSInternalException", 500)
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            raise Refusal("MissingAuthenticationTokenException", 403)
        user, day, region, scope, names, signature = found.groups()
        secret = self._secrets.get(user)
        if secret is None or request.headers.get("x-amz-security-token", "") != self._tokens.get(user, ""):
            raise Refusal("UnrecognizedClientException" if service == "kms" else "InvalidClientTokenId", 403)
        if scope != service or not hmac.compare_digest(
            signature, _signature(request, secret, (day, region, scope), names)
        ):
            raise Refusal("InvalidSignatureException", 403)
        if user == PAST:
            raise Refusal("ExpiredTokenException", 403)
        if user == POOR:
            raise Refusal("AccessDeniedException", 400, f"User: {user} is not authorized")
        return region

    def _key(self, region: str, name: str) -> str:
        """What a ciphertext of this key is bound to."""
        found = _ARN.fullmatch(name)
        if found is None or found[1] != region:
            raise Refusal("NotFoundException", 400, f"Invalid arn {region}")
        key = {"alias/main": "one"}.get(f"{found[3]}/{found[4]}", found[4])
        if found[2] != ACCOUNT or key not in self.states:
            raise Refusal("NotFoundException", 400, f"Key {name} does not exist")
        if self.states[key]:
            raise Refusal(self.states[key])
        return key if key.startswith("mrk-") else f"{region}/{key}"

    def _encrypt(self, region: str, asked: dict[str, Any]) -> dict[str, Any]:
        key = self._key(region, asked["KeyId"])
        plaintext = base64.b64decode(asked["Plaintext"], validate=True)
        if not 1 <= len(plaintext) <= 4096:
            raise Refusal("ValidationException")
        nonce = os.urandom(12)
        sealed = AESGCM(self._sealing).encrypt(nonce, plaintext, _bound(key, asked))
        blob = bytes([len(key)]) + key.encode() + nonce + sealed
        return {"CiphertextBlob": base64.b64encode(blob).decode(), "KeyId": asked["KeyId"]}

    def _decrypt(self, region: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            blob = base64.b64decode(asked["CiphertextBlob"], validate=True)
            length = blob[0]
            bound = blob[1 : 1 + length].decode()
        except (binascii.Error, IndexError, UnicodeDecodeError):
            raise Refusal("InvalidCiphertextException") from None
        if self._key(region, asked["KeyId"]) != bound:
            raise Refusal(
                "IncorrectKeyException" if bound.split("/")[-1] in self.states else "InvalidCiphertextException"
            )
        rest = blob[1 + length :]
        try:
            plaintext = AESGCM(self._sealing).decrypt(rest[:12], rest[12:], _bound(bound, asked))
        except (InvalidTag, ValueError):
            raise Refusal("InvalidCiphertextException") from None
        return {"Plaintext": base64.b64encode(plaintext).decode(), "KeyId": asked["KeyId"]}

    def _sts(self, request: Request, fault: str) -> Response:
        asked = dict(parse_qsl(request.body.decode()))
        operation = asked.get("Action", "")
        try:
            if operation == "AssumeRoleWithWebIdentity":
                if asked["WebIdentityToken"] != WEB_TOKEN:
                    raise Refusal("InvalidIdentityToken")
                body = self._session(asked["RoleSessionName"]).replace("AssumeRoleRes", "AssumeRoleWithWebIdentityRes")
                return Response(operation, 200, body.encode(), "text/xml")
            self._check(request, "sts", fault)
            if operation != "AssumeRole" or not _SESSION_NAME.fullmatch(asked["RoleSessionName"]):
                raise Refusal("ValidationError")
            if asked["RoleArn"] != ROLE:
                raise Refusal("AccessDenied", 403)
        except Refusal as no:
            body = f"<ErrorResponse><Error><Type>Sender</Type><Code>{no.code}</Code></Error></ErrorResponse>"
            return Response(operation, no.status, body.encode(), "text/xml")
        return Response(operation, 200, self._session(asked["RoleSessionName"]).encode(), "text/xml")

    def _session(self, name: str) -> str:
        user, secret, token = f"ASIA{os.urandom(6).hex().upper()}", os.urandom(9).hex(), os.urandom(9).hex()
        self.sessions.append(name)
        self._secrets[user], self._tokens[user] = secret, token
        until = (datetime.now(UTC) + timedelta(seconds=self.lasts)).strftime("%Y-%m-%dT%H:%M:%SZ")
        fields = {"AccessKeyId": user, "SecretAccessKey": secret, "SessionToken": token, "Expiration": until}
        inner = "".join(f"<{key}>{escape(text)}</{key}>" for key, text in fields.items())
        return (
            '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
            f"{inner}</Credentials><AssumedRoleUser><AssumedRoleId>X:{escape(name)}</AssumedRoleId><Arn>{ROLE}</Arn>"
            "</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
        )


def _bound(key: str, asked: dict[str, Any]) -> bytes:
    """What a ciphertext is authenticated with."""
    return json.dumps([key, asked.get("EncryptionContext") or {}], sort_keys=True).encode()


def _signature(request: Request, secret: str, scope: tuple[str, str, str], names: str) -> str:
    """Signature Version 4 of a request without a query."""
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names.split(";"))
    body = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join((request.method, request.path, request.query, headers, names, body))
    place = "/".join((*scope, "aws4_request"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), place, digest))
    key = b"AWS4" + secret.encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


if __name__ == "__main__":
    alone = Aws(int(sys.argv[1]))
    alone.latency = int(sys.argv[2]) / 1000
    print(alone.url, flush=True)
    with alone:
        while True:
            time.sleep(60)
