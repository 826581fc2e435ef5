r"""Decompresses the rich text of Outlook messages, from [MS-OXRTFCP]."""

import struct

_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_HEAD = struct.Struct("<IIII")
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_WINDOW = 4096
_LARGEST = 50 * 2**20


def decompress(data: bytes) -> bytes:
    """Returns the rich text.

    Raises:
        ValueError: It is neither compressed nor plain rich text of an Outlook message.
    """
    if len(data) < _HEAD.size:
        raise ValueError("no rich text")
    _, size, kind, _ = _HEAD.unpack_from(data)
    rest = data[_HEAD.size :]
    if kind == _PLAIN:
        return rest[:size]
    if kind != _COMPRESSED or size > _LARGEST:
        raise ValueError("unknown kind of rich text")
    return _expand(rest, size)


def _expand(data: bytes, size: int) -> bytes:
    """Returns the bytes that runs of literals and of references into a window stand for."""
    written = bytearray(_START)
    place = 0
    while place < len(data) and len(written) < size + len(_START):
        flags, place = data[place], place + 1
        for bit in range(8):
            if not flags >> bit & 1:
                written += data[place : place + 1]
                place += 1
                continue
            reference = int.from_bytes(data[place : place + 2], "big")
            place += 2
            if reference >> 4 == len(written) % _WINDOW:
                return bytes(written[len(_START) :])  # a reference to here: the end
            _repeat(written, reference >> 4, (reference & 0xF) + 2)
    return bytes(written[len(_START) : len(_START) + size])


def _repeat(written: bytearray, offset: int, length: int) -> None:
    back = (len(written) - offset) % _WINDOW or _WINDOW
    for _ in range(length):
        written.append(written[-back] if back <= len(written) else 0x20)
