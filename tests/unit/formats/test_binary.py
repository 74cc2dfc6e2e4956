"""The binary wrapper: as sops writes it, and any bytes back."""

from __future__ import annotations

import pytest

from sopspy.envelope import Cipher
from sopspy.errors import EmitError, ParseError
from sopspy.formats import base, binary, json
from sopspy.tree import Mapping
from tests.support import env

BLOCK = Mapping([("mac", "ENC[x]"), ("version", "3.13.2")])
EVERY_BYTE = bytes(range(256)) * 3


def _opened(text: str, cipher: Cipher) -> bytes:
    document = binary.scan(text)
    for leaf in document.leaves:
        if leaf.text:
            leaf.type, plaintext = cipher.open(leaf.text, leaf.aad)
            leaf.stored = plaintext
    return binary.unseal(document)


@pytest.mark.parametrize("data", [EVERY_BYTE, b"", b"text\n", b"\xef\xbb\xbf\x00", b'{"data": 1}'])
def test_any_bytes_come_back(data: bytes) -> None:
    cipher = Cipher(bytes(32))
    envelope = cipher.seal(data, "str", binary.AAD) if data else ""
    assert _opened(binary.seal_text(envelope, BLOCK, None), cipher) == data


def test_the_wrapper_is_sops_own() -> None:
    assert binary.seal_text("ENC[y]", BLOCK, None) == (
        '{\n\t"data": "ENC[y]",\n\t"sops": {\n\t\t"mac": "ENC[x]",\n\t\t"version": "3.13.2"\n\t}\n}\n'
    )
    assert binary.seal_text("", BLOCK, 2).startswith('{\n  "data": "",\n  "sops": {\n')


@pytest.mark.parametrize(
    "name", ["binary-bytes/encrypted.bin", "binary-empty/encrypted.txt", "binary-text/encrypted.txt"]
)
def test_the_text_of_a_golden_file_is_built_from_its_parts(name: str) -> None:
    text = (env.VECTORS / name).read_text()
    document = binary.scan(text)
    block = base.plain(document, document.blocks[0].node, json)
    assert isinstance(block, Mapping)
    assert binary.seal_text(document.leaves[0].text, block, None) == text


def test_plain_data_and_back() -> None:
    assert binary.wrap("é".encode()) == [("data", "é")]
    assert binary.wrap(b"\xff") == [("data", b"\xff")]
    for data in (EVERY_BYTE, b"", "é".encode()):
        assert binary.unwrap(binary.wrap(data)) == data
        assert binary.dump(binary.wrap(data), None).encode("utf-8", "surrogateescape") == data
    assert binary.unwrap(Mapping([("x", 1), ("data", "first"), ("data", "second")])) == b"first"


@pytest.mark.parametrize(
    "value", [Mapping(), Mapping([("x", "y")]), Mapping([("data", 5)]), Mapping([("data", Mapping())])]
)
def test_data_of_another_shape_is_no_binary_file(value: Mapping) -> None:
    with pytest.raises(EmitError) as caught:
        binary.unwrap(value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("text", ["{}", '{"x": "y"}', '{"data": 5}', '{"data": ["x"]}', '{"data": null, "sops": {}}'])
def test_a_wrapper_without_its_string_is_refused(text: str) -> None:
    with pytest.raises(EmitError) as caught:
        binary.unseal(binary.scan(text))
    assert caught.value.exit_code == 4


def test_a_number_inside_the_envelope_is_no_file() -> None:
    document = binary.scan('{"data": "ENC"}')
    document.leaves[0].type, document.leaves[0].stored = "int", "5"
    with pytest.raises(EmitError):
        binary.unseal(document)


def test_what_is_no_wrapper_is_refused() -> None:
    with pytest.raises(ParseError):
        binary.scan("plain text")


def test_a_binary_file_has_no_parts() -> None:
    with pytest.raises(EmitError) as caught:
        binary.dump_value("x", None)
    assert caught.value.exit_code == 4
