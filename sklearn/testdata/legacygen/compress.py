"""Compressed streams whose bytes do not depend on the version of zlib.

There are several implementations of zlib, and they write different bytes; so
deflate is written here: one block, the fixed Huffman code, literals only. It is
no smaller than the input by much, and every inflate reads it. bzip2 has one
implementation.
"""

from __future__ import annotations

import bz2
import struct
import zlib


class _Bits:
    def __init__(self) -> None:
        self.value, self.count = 0, 0

    def number(self, value: int, width: int) -> None:
        """Appends a number, lowest bit first."""
        self.value |= value << self.count
        self.count += width

    def code(self, code: int, width: int) -> None:
        """Appends a Huffman code, highest bit first."""
        for shift in reversed(range(width)):
            self.number(code >> shift & 1, 1)


def deflate(data: bytes) -> bytes:
    parts = []
    bits = _Bits()
    bits.number(1, 1)  # the last block
    bits.number(1, 2)  # fixed Huffman codes
    for byte in data:
        if byte < 144:
            bits.code(0x30 + byte, 8)
        else:
            bits.code(0x190 + byte - 144, 9)
        whole = bits.count // 8
        parts.append((bits.value & (1 << 8 * whole) - 1).to_bytes(whole, "little"))
        bits.value >>= 8 * whole
        bits.count -= 8 * whole
    bits.code(0, 7)  # the end of the block
    parts.append(bits.value.to_bytes((bits.count + 7) // 8, "little"))
    return b"".join(parts)


def compress(data: bytes, method: str) -> bytes:
    """method: "" (not at all), "zlib", "gzip" or "bzip2"."""
    if method == "":
        return data
    if method == "zlib":
        return b"\x78\x5e" + deflate(data) + struct.pack(">I", zlib.adler32(data))
    if method == "gzip":
        header = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff"
        return header + deflate(data) + struct.pack("<II", zlib.crc32(data), len(data))
    if method == "bzip2":
        return bz2.compress(data, 3)
    raise ValueError(method)
