"""Bytes to text and back: encoding, byte order mark, line ends, and the place of an offset for messages.

Encrypted files are always UTF-8. Source of what is accepted: YAML 1.1 §5.1 (UTF-8, UTF-16 with a mark), RFC 8259 §8.1.
"""

from __future__ import annotations

from .errors import ParseError

BOM = "\ufeff"
UTF8, UTF16_LE, UTF16_BE = "utf-8", "utf-16-le", "utf-16-be"
_UTF16_MARKS = {b"\xff\xfe": UTF16_LE, b"\xfe\xff": UTF16_BE}


class Source:
    """A file's text without its byte order mark, and what is needed to write the same bytes again.

    `newline` is the line end that most lines have.
    """

    __slots__ = ("bom", "encoding", "text")

    def __init__(self, text: str, encoding: str, bom: bool) -> None:
        self.text = text
        self.encoding = encoding
        self.bom = bom

    def __repr__(self) -> str:
        return f"Source({self.encoding}, {len(self.text)} code points)"


def load_raw(data: bytes) -> Source:
    """A file whose bytes may be of any encoding: what is not UTF-8 becomes lone surrogates, and bytes again."""
    return Source(data.decode(UTF8, "surrogateescape"), UTF8, bom=False)


def load(data: bytes) -> Source:
    """Decode a file. Raises ParseError when it is neither UTF-8 nor UTF-16 with a byte order mark."""
    encoding = _UTF16_MARKS.get(data[:2], UTF8)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as err:
        line = data.count(b"\n", 0, err.start) + 1
        raise ParseError(
            f"the file is not {encoding.upper()}: byte {err.start} cannot be decoded",
            hint="convert it to UTF-8, or treat it as binary: --input-type binary",
            line=line,
        ) from None
    bom = text.startswith(BOM)
    return Source(text[1:] if bom else text, encoding, bom)


def dump(text: str, encoding: str, bom: bool) -> bytes:
    """Encode a text as `load` found it."""
    return ((BOM if bom else "") + text).encode(encoding, "surrogateescape" if encoding == UTF8 else "strict")


def newline_of(text: str) -> str:
    """The line end to use for lines that are added: CRLF or CR where the first line has it, else LF."""
    end = text.find("\n")
    if end > 0 and text[end - 1] == "\r":
        return "\r\n"
    return "\r" if end < 0 and "\r" in text else "\n"


def position(text: str, offset: int) -> tuple[int, int]:
    """One-based line and column (code points) of an offset."""
    mark = "\n" if "\n" in text else "\r"
    return text.count(mark, 0, offset) + 1, offset - text.rfind(mark, 0, offset)
