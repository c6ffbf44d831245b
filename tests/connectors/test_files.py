"""Lines come out of files as they went in, however packed, cut and broken."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import os
import threading

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from connectors.files import BrokenOffError, ByteReader, lines_of, unpacked
from streams.schema.dead_letter import KEPT_BYTES

PACKERS = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "bzip2": bz2.compress,
}
TEXT = b"".join(b'{"id":"%d","text":"some line of text"}\n' % n for n in range(5000))


def pieces_of(data, size):
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data, *, size=1000, max_bytes=1 << 20):
    return list(lines_of(unpacked(pieces_of(data, size)), max_bytes=max_bytes))


@given(
    data=st.lists(st.binary(max_size=40), max_size=12).map(b"\n".join),
    size=st.integers(1, 9),
    max_bytes=st.integers(1, 30),
)
def test_lines_are_those_of_the_file_wherever_it_is_cut(data, size, max_bytes):
    wanted = data.split(b"\n")
    if not wanted[-1]:
        wanted.pop()
    lines = list(lines_of(pieces_of(data, size), max_bytes=max_bytes))
    assert [line.number for line in lines] == list(range(1, len(wanted) + 1))
    for line, whole in zip(lines, wanted, strict=True):
        assert line.length == len(whole)
        assert line.cut == (len(whole) > max_bytes)
        if line.cut:
            assert line.sha256 == hashlib.sha256(whole).hexdigest()
        else:
            assert line.start == whole


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_packed_files_are_told_by_their_first_bytes(packer, size):
    data = TEXT[:20_000] if size == 1 else TEXT
    assert b"".join(line.start + b"\n" for line in read(packer(data), size=size)).startswith(
        data[:19_000]
    )


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_several_packed_parts_in_one_file_are_one_text(packer):
    packed = packer(TEXT[:1000]) + packer(b"") + packer(TEXT[1000:])
    for size in (1 << 20, 100):
        assert len(read(packed, size=size)) == 5000


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_packed_file_that_is_cut_off_says_so_after_its_whole_lines(packer, share):
    noisy = b"".join(hashlib.sha256(line).hexdigest().encode() + b"\n" for line in TEXT.split())
    packed = packer(noisy)
    cut = packed[: int(len(packed) * share)]
    found = []
    with pytest.raises(BrokenOffError) as broken:
        found.extend(line.start for line in lines_of(unpacked(pieces_of(cut, 5000)), max_bytes=999))
    whole = noisy.split(b"\n")
    assert found == whole[: len(found)]
    assert whole[len(found)].startswith(broken.value.rest)


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_damage_in_the_middle_is_broken_off(packer):
    packed = bytearray(packer(os.urandom(50_000).hex().encode()))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(BrokenOffError):
        read(bytes(packed))


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_a_small_file_that_unpacks_to_a_giant_line_is_read_in_little_memory(packer):
    packed = packer(b"x" * (96 << 20))
    (line,) = read(packed, size=256 * 1024)
    assert (line.length, len(line.start), line.cut) == (96 << 20, KEPT_BYTES, True)
    assert max(map(len, unpacked(pieces_of(packed, 256 * 1024)))) < 24 << 20


@given(
    noise=st.binary(max_size=300), magic=st.sampled_from([b"\x1f\x8b\x08", b"(\xb5/\xfd", b"BZh"])
)
def test_noise_after_a_packers_mark_is_lines_or_broken_off(noise, magic):
    try:
        read(magic + noise)
    except BrokenOffError as error:
        assert len(error.rest) <= KEPT_BYTES  # noqa: PT017 - either way out is right


def test_empty_files_have_no_lines():
    assert read(b"") == []
    assert read(gzip.compress(b"")) == []


def test_a_slow_pipe_does_not_block():
    reading, writing = os.pipe()
    reader = ByteReader(reading, owned=True)
    lines = lines_of(unpacked(iter(reader)), max_bytes=100)
    assert next(lines) is None
    os.write(writing, b'{"a":1}\n{"b"')
    found = next(line for line in lines if line is not None)
    assert found.start == b'{"a":1}'
    assert next(lines) is None
    threading.Timer(0.2, os.close, (writing,)).start()
    assert [line.start for line in lines if line is not None] == [b'{"b"']
    reader.close()
    reader.close()
