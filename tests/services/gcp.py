"""Strict fakes of Google Cloud KMS, from its public protocol: over REST, and over gRPC with TLS.

Both have the same keys, seal alike, and verify every checksum that they are sent: `one` and `two` exist, `off` has no
enabled version. The token `denied` may not use keys, `expired` is not valid any more.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections import Counter
from concurrent import futures
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import google_crc32c
import grpc
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.cloud.kms_v1.types import DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse

from tests.services.web import HOLD, Request, Response, Server

if TYPE_CHECKING:
    from types import TracebackType

    from tests.services.tls import Authority

RING = "projects/example/locations/europe-west1/keyRings/main/cryptoKeys"
BUSY, CORRUPT, MUTE = "busy", "corrupt", "mute"
"""Faults: refuse for now, answer with a wrong checksum, answer without checksums."""

_SEALING = os.urandom(32)
_STATES = {"one": True, "two": True, "off": False}


def key_id(name: str) -> str:
    """The resource id of a key."""
    return f"{RING}/{name}"


class Refusal(Exception):
    """An error: its name in gRPC and its HTTP status."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(name)
        self.name = name
        self.status = status


def checked(token: str, fault: str) -> None:
    """Refuse what the token may not do."""
    if fault == BUSY:
        raise Refusal("RESOURCE_EXHAUSTED", 429)
    if token in ("Bearer expired", ""):
        raise Refusal("UNAUTHENTICATED", 401)
    if token == "Bearer denied":
        raise Refusal("PERMISSION_DENIED", 403)


def encrypt(name: str, plaintext: bytes, crc: int | None) -> bytes:
    """Seal under a key."""
    _usable(name)
    if crc is not None and crc != google_crc32c.value(plaintext):
        raise Refusal("INVALID_ARGUMENT", 400)
    nonce = os.urandom(12)
    return nonce + AESGCM(_SEALING).encrypt(nonce, plaintext, name.encode())


def decrypt(name: str, ciphertext: bytes, crc: int | None) -> bytes:
    """Open with a key."""
    _usable(name)
    if crc is not None and crc != google_crc32c.value(ciphertext):
        raise Refusal("INVALID_ARGUMENT", 400)
    try:
        return AESGCM(_SEALING).decrypt(ciphertext[:12], ciphertext[12:], name.encode())
    except (InvalidTag, ValueError):
        raise Refusal("INVALID_ARGUMENT", 400) from None


def _usable(name: str) -> None:
    ring, _, key = name.rpartition("/")
    if ring != RING or key not in _STATES:
        raise Refusal("NOT_FOUND", 404)
    if not _STATES[key]:
        raise Refusal("FAILED_PRECONDITION", 400)


class Rest(Server):
    """The REST interface. `sent` holds how many requests came with a checksum."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    def environ(self, token: str = "good") -> dict[str, str]:
        """Variables that let a program reach it."""
        return {
            "SOPS_GCP_KMS_CLIENT_TYPE": "rest",
            "SOPS_GCP_KMS_ENDPOINT": self.url,
            "GOOGLE_OAUTH_ACCESS_TOKEN": token,
        }

    def answer(self, request: Request, fault: str) -> Response:
        name, _, method = unquote(request.path).removeprefix("/v1/").rpartition(":")
        asked = json.loads(request.body or b"{}")
        try:
            checked(request.headers.get("authorization", ""), fault)
            answer = self._do(method, name, asked, fault)
        except Refusal as no:
            body = {"error": {"code": no.status, "status": no.name, "message": no.name}}
            return Response(method, no.status, json.dumps(body).encode())
        return Response(method, 200, json.dumps(answer).encode())

    def _do(self, method: str, name: str, asked: dict[str, Any], fault: str) -> dict[str, Any]:
        given, made = ("plaintext", "ciphertext") if method == "encrypt" else ("ciphertext", "plaintext")
        act = encrypt if method == "encrypt" else decrypt
        crc = asked.get(f"{given}Crc32c")
        self.sent += crc is not None
        data = act(name, base64.b64decode(asked[given]), None if crc is None else int(crc))
        answer: dict[str, Any] = {made: base64.b64encode(data).decode()}
        if fault != MUTE:
            answer[f"{made}Crc32c"] = str(google_crc32c.value(data) ^ (fault == CORRUPT))
            answer["verifiedPlaintextCrc32c"] = crc is not None
        if method == "decrypt":
            answer.pop("verifiedPlaintextCrc32c", None)
        return answer


class Grpc:
    """The gRPC interface on 127.0.0.1, with a certificate of the tests' authority."""

    def __init__(self, authority: Authority) -> None:
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self._authority = authority
        self._stop = threading.Event()
        self._server = grpc.server(futures.ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((self._handlers(),))
        credentials = grpc.ssl_server_credentials([(authority.key, authority.certificate)])
        self.port = self._server.add_secure_port("127.0.0.1:0", credentials)

    def environ(self, token: str = "good") -> dict[str, str]:
        """Variables that let a program reach it."""
        return {
            "SOPS_GCP_KMS_ENDPOINT": f"127.0.0.1:{self.port}",
            "GOOGLE_OAUTH_ACCESS_TOKEN": token,
            **self._authority.environ,
        }

    def __enter__(self) -> Grpc:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._server.stop(None)

    def reset(self) -> None:
        """Forget counts and faults."""
        self.faults = []
        self.counts.clear()

    def _handlers(self) -> grpc.GenericRpcHandler:
        methods = {
            "Encrypt": grpc.unary_unary_rpc_method_handler(
                self._encrypt, EncryptRequest.deserialize, EncryptResponse.serialize
            ),
            "Decrypt": grpc.unary_unary_rpc_method_handler(
                self._decrypt, DecryptRequest.deserialize, DecryptResponse.serialize
            ),
        }
        return grpc.method_handlers_generic_handler("google.cloud.kms.v1.KeyManagementService", methods)

    def _begin(self, operation: str, context: grpc.ServicerContext) -> str:
        self.counts[operation] += 1
        fault = self.faults.pop(0) if self.faults else ""
        if fault == HOLD:
            self._stop.wait(60)
        token = dict(context.invocation_metadata()).get("authorization", "")
        try:
            checked(str(token), fault)
        except Refusal as no:
            context.abort(grpc.StatusCode[no.name], no.name)
        return fault

    def _encrypt(self, request: EncryptRequest, context: grpc.ServicerContext) -> EncryptResponse:
        fault = self._begin("encrypt", context)
        try:
            data = encrypt(request.name, request.plaintext, request.plaintext_crc32c)
        except Refusal as no:
            context.abort(grpc.StatusCode[no.name], no.name)
        crc = google_crc32c.value(data) ^ (fault == CORRUPT)
        verified = request.plaintext_crc32c is not None
        return EncryptResponse(
            name=request.name, ciphertext=data, ciphertext_crc32c=crc, verified_plaintext_crc32c=verified
        )

    def _decrypt(self, request: DecryptRequest, context: grpc.ServicerContext) -> DecryptResponse:
        fault = self._begin("decrypt", context)
        try:
            data = decrypt(request.name, request.ciphertext, request.ciphertext_crc32c)
        except Refusal as no:
            context.abort(grpc.StatusCode[no.name], no.name)
        return DecryptResponse(plaintext=data, plaintext_crc32c=google_crc32c.value(data) ^ (fault == CORRUPT))
