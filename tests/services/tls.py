"""A throw-away certificate authority, and the variables by which programs believe it."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES = (
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
)
"""All that some program looks at: one that the machine presets would win over the others."""


HOSTS = ("localhost", "cloudkms.googleapis.com")


class Authority:
    """`certificate` and `key` (PEM) are those of a server on 127.0.0.1 that has the names in HOSTS, too."""

    def __init__(self, folder: Path) -> None:
        root_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root_name, server_name = _name("tests"), _name("127.0.0.1")
        root = _builder(root_name, root_name, root_key).add_extension(x509.BasicConstraints(True, 0), critical=True)
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, HOSTS)]
        )
        server = _builder(server_name, root_name, server_key).add_extension(names, critical=False)
        self.path = folder / "authority.pem"
        self.path.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        self.certificate = server.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.key = server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.environ = dict.fromkeys(VARIABLES, str(self.path))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
