"""Pickles of objects whose classes need not exist.

The standard library's own pickler, written in Python, does the work, so that the
opcodes, the memo and the frames are what Python writes. Classes and functions are
names only. Nothing here depends on numpy: arrays are emitted as numpy of the time
did, so the bytes are the same on every machine.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_FORMATS = {"f8": "d", "i4": "i", "i8": "q", "u4": "I"}


@dataclass(frozen=True, eq=False)
class Global:
    """A class or function, by name."""

    module: str
    name: str


@dataclass(frozen=True, eq=False)
class Instance:
    """An object of a class that keeps its attributes in a dictionary."""

    cls: Global
    state: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Call:
    """What a function returns, with the state that is set afterwards."""

    function: Global
    args: tuple[Any, ...]
    state: Any = None


@dataclass(frozen=True, eq=False)
class Array:
    """A numpy array; values are in C order, whatever the order in memory."""

    dtype: str  # "<f8", ">f8", "<i4", "<i8"
    shape: tuple[int, ...]
    values: Sequence[float]
    order: str = "C"

    def data(self) -> bytes:
        values = self.values
        if self.order == "F":
            rows, cols = self.shape
            values = [values[r * cols + c] for c in range(cols) for r in range(rows)]
        form = self.dtype[0] + str(len(values)) + _FORMATS[self.dtype[1:]]
        return struct.pack(form, *values) or _EMPTY


@dataclass(frozen=True, eq=False)
class Objects:
    """A numpy array of Python objects, in one dimension."""

    values: list[Any]


@dataclass(frozen=True, eq=False)
class Scalar:
    """A numpy scalar."""

    dtype: str
    value: float


class Long(int):
    """Python 2's long, which is written otherwise than its int."""


class Unicode(str):
    """Python 2's unicode; its str is a string of bytes."""


_EMPTY = b""
_KIND = b"b"


@dataclass(frozen=True)
class Dialect:
    """What the pickles of one time and installation have in common."""

    numpy: str = "numpy.core"
    dtype_flags: tuple[Any, Any] = (0, 1)  # numpy 1.20 made them False, True
    python2: bool = False
    longs: bool = False  # shapes are longs, as in Python 2 on Windows
    wrapper: str = "joblib.numpy_pickle"
    aligned: bool = True  # joblib 1.2 pads array data to 16 bytes
    nested: int = 2  # the protocol in which joblib writes arrays of objects


class Pickler(pickle._Pickler):
    """Writes one object, arrays inside the stream (pickle) or between its frames (joblib)."""

    dispatch = dict(pickle._Pickler.dispatch)

    def __init__(self, file: io.BytesIO, protocol: int, dialect: Dialect, joblib: bool, mmap: bool) -> None:
        super().__init__(file, protocol)
        self.file, self.dialect, self.joblib, self.mmap = file, dialect, joblib, mmap
        self.names: dict[tuple[str, str], Global] = {}
        self.dtypes: dict[str, Call] = {}

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        # Equal strings are one object, so that what the memo shares never depends on the interpreter.
        if type(obj) is str:
            obj = sys.intern(obj)
        super().save(obj, save_persistent_id)

    def name(self, module: str, name: str) -> Global:
        return self.names.setdefault((module, name), Global(module, name))

    def dtype(self, dtype: str) -> Call:
        if dtype not in self.dtypes:
            state = (3, dtype[0], None, None, None, -1, -1, 63 if dtype == "|O8" else 0)
            args = (dtype[1:], *self.dialect.dtype_flags)
            self.dtypes[dtype] = Call(self.name("numpy", "dtype"), args, state)
        return self.dtypes[dtype]

    def shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(Long(n) if self.dialect.longs else n for n in shape)

    def save_name(self, obj: Global) -> None:
        if self.proto >= 4:
            self.save(obj.module)
            self.save(obj.name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        self.memoize(obj)

    def save_call(self, obj: Call) -> None:
        self.reduce(obj, obj.function, obj.args, obj.state)

    def reduce(self, obj: Any, function: Global, args: tuple[Any, ...], state: Any = None) -> None:
        self.save(function)
        self.save(args)
        self.write(pickle.REDUCE)
        self.memoize(obj)
        if state is not None:
            self.save(state)
            self.write(pickle.BUILD)

    def save_instance(self, obj: Instance) -> None:
        if self.proto < 2:
            args = (obj.cls, self.name("__builtin__", "object"), None)
            self.reduce(obj, self.name("copy_reg", "_reconstructor"), args, obj.state)
            return
        self.save(obj.cls)
        self.save(())
        self.write(pickle.NEWOBJ)
        self.memoize(obj)
        self.save(obj.state)
        self.write(pickle.BUILD)

    def save_array(self, obj: Array) -> None:
        if self.joblib:
            self.save_wrapped(obj.shape, obj.dtype, obj.order)
            self.save_raw(obj.data())
        elif self.proto >= 5:
            args = (bytearray(obj.data()), self.dtype(obj.dtype), self.shape(obj.shape), obj.order)
            self.reduce(obj, self.name(self.dialect.numpy + ".numeric", "_frombuffer"), args)
        else:
            self.reconstruct(obj, obj.shape, obj.dtype, obj.order, obj.data())

    def save_objects(self, obj: Objects) -> None:
        shape = (len(obj.values),)
        if not self.joblib:
            self.reconstruct(obj, shape, "|O8", "C", obj.values)
            return
        self.save_wrapped(shape, "|O8", "C")
        self.file.write(dumps(obj, self.dialect.nested, self.dialect))

    def reconstruct(self, obj: Any, shape: tuple[int, ...], dtype: str, order: str, data: Any) -> None:
        function = self.name(self.dialect.numpy + ".multiarray", "_reconstruct")
        args = (self.name("numpy", "ndarray"), tuple([0]), _KIND)
        state = (1, self.shape(shape), self.dtype(dtype), order == "F", data)
        self.reduce(obj, function, args, state)

    def save_wrapped(self, shape: tuple[int, ...], dtype: str, order: str) -> None:
        state = {
            "subclass": self.name("numpy", "ndarray"),
            "shape": self.shape(shape),
            "order": order,
            "dtype": self.dtype(dtype),
            "allow_mmap": self.mmap and dtype != "|O8",
        }
        if self.dialect.aligned:
            state["numpy_array_alignment_bytes"] = 16
        self.save(Instance(self.name(self.dialect.wrapper, "NumpyArrayWrapper"), state))
        if self.proto >= 4:
            self.framer.commit_frame(force=True)

    def save_raw(self, data: bytes) -> None:
        if self.dialect.aligned:
            padding = 16 - (self.file.tell() + 1) % 16
            self.file.write(bytes([padding]) + b"\xff" * padding)
        self.file.write(data)

    def save_scalar(self, obj: Scalar) -> None:
        data = struct.pack(obj.dtype[0] + _FORMATS[obj.dtype[1:]], obj.value)
        function = self.name(self.dialect.numpy + ".multiarray", "scalar")
        self.reduce(obj, function, (self.dtype(obj.dtype), data))

    # The next two are overridden because what they memoize differs between Pythons.

    def save_text(self, obj: str) -> None:
        if self.bin:
            super().save_str(obj)
            return
        escaped = obj.replace("\\", "\\u005c")
        for char in "\0\n\r\x1a":
            escaped = escaped.replace(char, f"\\u{ord(char):04x}")
        self.write(pickle.UNICODE + escaped.encode("raw-unicode-escape") + b"\n")
        self.memoize(obj)

    def save_buffer(self, obj: bytearray) -> None:
        self.write(pickle.BYTEARRAY8 + struct.pack("<Q", len(obj)) + obj)
        self.memoize(obj)

    dispatch[str] = save_text
    dispatch[bytearray] = save_buffer
    dispatch[Global] = save_name
    dispatch[Call] = save_call
    dispatch[Instance] = save_instance
    dispatch[Array] = save_array
    dispatch[Objects] = save_objects
    dispatch[Scalar] = save_scalar


class Python2Pickler(Pickler):
    """Writes as Python 2's cPickle did: byte strings, longs, a memo that begins at 1."""

    dispatch = dict(Pickler.dispatch)

    def memoize(self, obj: Any) -> None:
        index = len(self.memo) + 1
        self.write(self.put(index))
        self.memo[id(obj)] = index, obj

    def save_string(self, obj: str | bytes) -> None:
        data = obj.encode("latin-1") if isinstance(obj, str) else obj
        if not self.bin:
            self.write(pickle.STRING + repr(data)[1:].encode() + b"\n")
        elif len(data) < 256:
            self.write(pickle.SHORT_BINSTRING + bytes([len(data)]) + data)
        else:
            self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(obj)

    def save_python2_long(self, obj: Long) -> None:
        if self.proto < 2:
            self.write(pickle.LONG + f"{int(obj)}L\n".encode())
        else:
            data = pickle.encode_long(int(obj))
            self.write(pickle.LONG1 + bytes([len(data)]) + data)

    dispatch[str] = save_string
    dispatch[bytes] = save_string
    dispatch[Unicode] = Pickler.save_text
    dispatch[Long] = save_python2_long


def dumps(obj: Any, protocol: int, dialect: Dialect, joblib: bool = False, mmap: bool = True) -> bytes:
    """Pickles obj; joblib: as joblib.dump wrote it; mmap: false in what will be compressed."""
    file = io.BytesIO()
    cls = Python2Pickler if dialect.python2 else Pickler
    cls(file, protocol, dialect, joblib, mmap).dump(obj)
    return file.getvalue()
