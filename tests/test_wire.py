"""Frames between grader and student's process: exact, capped, and refused when malformed."""

import json
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from graders.sandbox.sgworker import wire

Frame = tuple[dict[str, Any], list[np.ndarray]]
MODERATE = settings(max_examples=100, deadline=None)
DTYPES = st.sampled_from(sorted(wire.DTYPES))
SHAPES = arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)
ARRAYS = DTYPES.flatmap(lambda dtype: arrays.arrays(np.dtype(dtype), SHAPES))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
HEADERS = st.dictionaries(st.text(max_size=8).filter(lambda k: k != "buffers"), PLAIN, max_size=4)


def encode(header: dict[str, Any], *values: np.ndarray) -> bytes:
    """The bytes of a frame."""
    data: bytes = wire.encode(header, values)  # type: ignore[no-untyped-call]
    return data


def decode(*pieces: bytes) -> list[Frame]:
    """The frames that the pieces make, fed to one decoder one after the other."""
    decoder: Any = wire.Decoder()  # type: ignore[no-untyped-call]
    return [frame for piece in pieces for frame in decoder.feed(piece)]


def raw(header: object, body: bytes = b"") -> bytes:
    """A frame with a header of any kind."""
    text = json.dumps(header).encode()
    return wire.MAGIC + struct.pack("<I", len(text)) + text + body


def same(one: Frame, two: Frame) -> bool:
    """True if two frames agree to the bit."""
    return one[0] == two[0] and [(a.dtype, a.shape, a.tobytes()) for a in one[1]] == [
        (a.dtype, a.shape, a.tobytes()) for a in two[1]
    ]


@MODERATE
@given(HEADERS, st.lists(ARRAYS, max_size=4))
def test_what_is_sent_arrives_to_the_bit(header: dict[str, Any], sent: list[np.ndarray]) -> None:
    ((got, received),) = decode(encode(header, *sent))
    assert got == header
    assert [a.dtype for a in received] == [a.dtype for a in sent]
    assert [a.shape for a in received] == [a.shape for a in sent]
    for a, b in zip(received, sent, strict=True):
        np.testing.assert_array_equal(a, b)


@MODERATE
@given(st.lists(st.tuples(HEADERS, st.lists(ARRAYS, max_size=2)), max_size=3), st.data())
def test_pieces_of_any_size_make_the_same_frames(frames: list[Frame], data: st.DataObject) -> None:
    stream = b"".join(encode(header, *sent) for header, sent in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole, cut = decode(stream), decode(*pieces)
    single = decode(*(stream[i : i + 1] for i in range(len(stream))))
    assert len(whole) == len(cut) == len(single) == len(frames)
    assert all(same(a, b) for a, b in zip(whole, cut, strict=True))
    assert all(same(a, b) for a, b in zip(whole, single, strict=True))


def test_a_frame_that_is_not_complete_gives_nothing() -> None:
    data = encode({"a": 1}, np.arange(5.0))
    assert decode(data[:-1]) == []


def test_strided_arrays_arrive_in_their_own_order() -> None:
    array = np.arange(24.0).reshape(4, 6)[::2, ::-3].T
    ((_, (received,)),) = decode(encode({}, array))
    np.testing.assert_array_equal(received, array)


def test_big_endian_arrays_arrive_with_their_values() -> None:
    array = np.arange(3, dtype=">f8")
    ((_, (received,)),) = decode(encode({}, array))
    np.testing.assert_array_equal(received, array)


@pytest.mark.parametrize(
    "array",
    [
        np.array([None]), np.array(["text"]), np.array([b"bytes"]), np.array([1j]),
        np.array(["2020-01-01"], dtype="M8[D]"), np.zeros(2, dtype=[("a", "f8")]),
        np.zeros(2, dtype=np.longdouble), np.zeros(2, dtype="V3"),
    ],
    ids=lambda a: str(a.dtype),
)  # fmt: skip
def test_no_other_dtype_is_sent(array: np.ndarray) -> None:
    with pytest.raises(wire.WireError):
        encode({}, array)


LARGE = wire.MAX_ARRAY_BYTES
MALFORMED: dict[str, object] = {
    "no object": [],
    "a number": 3,
    "null": None,
    "no buffers": {},
    "buffers are a number": {"buffers": 3},
    "buffers are an object": {"buffers": {"0": ["float64", [1]]}},
    "a buffer is no list": {"buffers": [3]},
    "a buffer of one part": {"buffers": [["float64"]]},
    "a buffer of three parts": {"buffers": [["float64", [1], 1]]},
    "a dtype that is no text": {"buffers": [[8, [1]]]},
    "a list for a dtype": {"buffers": [[["float64"], [1]]]},
    "objects": {"buffers": [["object", [1]]]},
    "the short name of objects": {"buffers": [["O", [1]]]},
    "a structure": {"buffers": [["f8,O", [1]]]},
    "texts": {"buffers": [["str", [1]]]},
    "a shape that is a number": {"buffers": [["float64", 1]]},
    "a side that is a fraction": {"buffers": [["float64", [1.5]]]},
    "a side that is true": {"buffers": [["float64", [True]]]},
    "a side that is text": {"buffers": [["float64", ["1"]]]},
    "a side that is null": {"buffers": [["float64", [None]]]},
    "a negative side": {"buffers": [["float64", [-1]]]},
    "two negative sides": {"buffers": [["float64", [-1, -1]]]},
    "too many axes": {"buffers": [["float64", [1] * 9]]},
    "an array too large": {"buffers": [["int8", [LARGE + 1]]]},
    "a product too large": {"buffers": [["float64", [2**14, 2**14]]]},
    "a product that overflows": {"buffers": [["float64", [2**25, 2**25, 2**25]]]},
    "a side beyond all bounds": {"buffers": [["float64", [10**40]]]},
    "too large but for a side of 0": {"buffers": [["float64", [2**26, 2**26, 0]]]},
    "a side of 0 before sides too large": {"buffers": [["float64", [0, 2**26, 2**26, 2**26]]]},
    "too many buffers": {"buffers": [["int8", [1]]] * 1025},
    "a frame too large": {"buffers": [["int8", [LARGE]]] * 5},
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_header_is_refused_before_its_arrays_are_there(header: object) -> None:
    with pytest.raises(wire.WireError):
        decode(raw(header))


@pytest.mark.parametrize(
    "data",
    [
        b"SG2\n" + bytes(4), b"\x00" * 8, b"GET / HTTP/1.1\r\n", b"\x80\x04\x95pickle",
        wire.MAGIC + struct.pack("<I", wire.MAX_HEADER + 1), wire.MAGIC + b"\xff" * 4,
        wire.MAGIC + struct.pack("<I", 1) + b"{", wire.MAGIC + struct.pack("<I", 2) + b"\xff\xfe",
        wire.MAGIC + struct.pack("<I", 0), wire.MAGIC + struct.pack("<I", 100_000) + b"[" * 100_000,
        wire.MAGIC + struct.pack("<I", 9_012) + b'{"a": ' + b"9" * 9_005 + b"}",
    ],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(wire.WireError):
        decode(data)


NUMBERS = st.integers(-3, 6) | st.sampled_from([2**20, 2**26, 2**31, 2**62, 2**64])
BUFFERS = st.lists(
    st.tuples(DTYPES | st.just("object"), st.lists(NUMBERS, max_size=9)).map(list), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(BUFFERS, st.binary(max_size=64))
def test_any_list_of_buffers_is_read_or_refused(buffers: list[Any], body: bytes) -> None:
    tracemalloc.start()
    try:
        for header, received in decode(raw({"buffers": buffers}, body)):
            assert header == {}
            assert [list(a.shape) for a in received] == [shape for _, shape in buffers]
    except wire.WireError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2**20, "memory for arrays whose bytes never came"


@settings(max_examples=300, deadline=None)
@given(HEADERS, st.lists(ARRAYS, max_size=2), st.data())
def test_any_mutation_is_read_or_refused(
    header: dict[str, Any], sent: list[np.ndarray], data: st.DataObject
) -> None:
    stream = bytearray(encode(header, *sent) * 2)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(stream) - 1))
        kind = data.draw(st.sampled_from(["change", "drop", "insert", "repeat"]))
        if kind == "change":
            stream[place] = data.draw(st.integers(0, 255))
        elif kind == "drop":
            del stream[place : place + data.draw(st.integers(1, 8))]
        elif kind == "insert":
            stream[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        else:
            stream[place:place] = stream[place : place + 12]
        if not stream:
            return
    tracemalloc.start()
    try:
        for _, received in decode(bytes(stream)):
            assert all(a.dtype.name in wire.DTYPES for a in received)
    except wire.WireError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 2**21


def test_received_arrays_never_share_the_next_frames_memory() -> None:
    decoder: Any = wire.Decoder()  # type: ignore[no-untyped-call]
    ((_, (first,)),) = decoder.feed(encode({}, np.arange(4.0)))
    decoder.feed(encode({}, np.full(4, 7.0)))
    np.testing.assert_array_equal(first, np.arange(4.0))
