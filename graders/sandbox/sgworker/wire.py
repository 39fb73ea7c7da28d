"""Frames between grader and student's process: a JSON header and raw array buffers.

A frame is ``b"SG1\\n"``, the header's length (4 bytes, little endian), the header (UTF-8
JSON, an object whose ``buffers`` lists ``[dtype, shape]``) and the buffers, C-contiguous,
one after the other. Nothing is ever unpickled or evaluated; a frame that breaks a cap or
the form raises `WireError`, and the connection is given up.
"""

import json
import struct

import numpy as np

MAGIC = b"SG1\n"
MAX_HEADER = 4 * 2**20
MAX_BUFFERS = 1024
MAX_ARRAY_BYTES = 64 * 2**20
MAX_FRAME_BYTES = 256 * 2**20
MAX_DIMS = 8
DTYPES = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    ]
)


class WireError(Exception):
    """What came over the wire is not a frame."""


def encode(header, arrays=()):
    """Bytes of a frame. `arrays` must be ndarrays of a whitelisted dtype."""
    described = []
    parts = []
    for array in arrays:
        array = np.asarray(array)
        if array.dtype.name not in DTYPES:
            raise WireError("dtype %s can't be sent" % array.dtype)
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        described.append([array.dtype.name, list(array.shape)])
        parts.append(np.ascontiguousarray(array).tobytes())
    head = dict(header)
    head["buffers"] = described
    text = json.dumps(head, ensure_ascii=True).encode("ascii")
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *parts])


def _layout(header):
    """Check `buffers` before anything is allocated; return [(dtype, shape, bytes)]."""
    described = header.get("buffers")
    if not isinstance(described, list) or len(described) > MAX_BUFFERS:
        raise WireError("malformed list of buffers")
    layout = []
    total = 0
    for entry in described:
        if not (isinstance(entry, list) and len(entry) == 2):
            raise WireError("malformed buffer")
        name, shape = entry
        if not isinstance(name, str) or name not in DTYPES:
            raise WireError("dtype not allowed")
        if not isinstance(shape, list) or len(shape) > MAX_DIMS:
            raise WireError("malformed shape")
        size = np.dtype(name).itemsize
        for n in shape:
            if isinstance(n, bool) or not isinstance(n, int) or n < 0 or n > MAX_ARRAY_BYTES:
                raise WireError("malformed shape")
            size *= n
            if size > MAX_ARRAY_BYTES:
                raise WireError("array too large")
        total += size
        if total > MAX_FRAME_BYTES:
            raise WireError("frame too large")
        layout.append((np.dtype(name), tuple(shape), size))
    return layout


class Decoder:
    """Turns a stream of bytes into frames; feed it whatever arrived."""

    def __init__(self):
        self._buffer = bytearray()
        self._need = 8
        self._head = None
        self._layout = []

    def feed(self, data):
        """Add bytes; return the list of (header, arrays) that are complete.

        Raises WireError when the stream can't be frames; the stream is lost then.
        """
        self._buffer += data
        frames = []
        while len(self._buffer) >= self._need:
            if self._head is None and not self._start():
                continue
            if len(self._buffer) < self._need:
                break
            frames.append(self._finish())
        return frames

    def _start(self):
        """Read the header if it is there; True once the buffers' sizes are known."""
        if bytes(self._buffer[:4]) != MAGIC:
            raise WireError("not a frame")
        (length,) = struct.unpack("<I", bytes(self._buffer[4:8]))
        if length > MAX_HEADER:
            raise WireError("header too large")
        if len(self._buffer) < 8 + length:
            self._need = 8 + length
            return False
        try:
            head = json.loads(bytes(self._buffer[8 : 8 + length]).decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise WireError("header is no JSON") from error
        if not isinstance(head, dict):
            raise WireError("header is no object")
        self._layout = _layout(head)
        self._head = head
        del self._buffer[: 8 + length]
        self._need = sum(size for _, _, size in self._layout)
        return True

    def _finish(self):
        arrays = []
        offset = 0
        for dtype, shape, size in self._layout:
            raw = bytes(self._buffer[offset : offset + size])
            try:
                if dtype == np.bool_:
                    array = np.frombuffer(raw, dtype=np.uint8).reshape(shape) != 0
                else:
                    array = np.frombuffer(raw, dtype=dtype).reshape(shape)
            except ValueError as error:  # an empty array of absurd sides
                raise WireError("malformed shape") from error
            arrays.append(array)
            offset += size
        del self._buffer[: self._need]
        head = self._head
        head.pop("buffers", None)
        self._head, self._need, self._layout = None, 8, []
        return head, arrays
