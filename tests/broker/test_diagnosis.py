"""What a broker's last words mean; the words are Kafka's and Java's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.broker.diagnosis import diagnose, tail
from streams.broker.errors import (
    DiskFull,
    FolderBusy,
    NotEnoughMemory,
    OtherCluster,
    PortTaken,
    StartFailed,
)

LOG = Path("/somewhere/server.log")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Socket server failed to bind to 127.0.0.1:9: Address already in use.", PortTaken),
        ("java.io.IOException: No space left on device", DiskFull),
        ("Error occurred during initialization of VM\nCould not reserve", StartFailed),
        ("Could not reserve enough space for 1048576000KB object heap", NotEnoughMemory),
        ("There is insufficient memory for the Java Runtime Environment", NotEnoughMemory),
        ("java.lang.OutOfMemoryError: Java heap space", NotEnoughMemory),
        ("Failed to acquire lock on file .lock in /x", FolderBusy),
        ("Invalid cluster.id in: /x/meta.properties. Expected a, but read b", OtherCluster),
        ("", StartFailed),
    ],
)
def test_known_words_name_the_cause_the_remedy_and_the_log(words, kind):
    error = diagnose(words, 1, LOG, free_bytes=10**9)

    assert type(error) is kind
    assert str(LOG) in str(error)
    assert error.remedy


def test_a_kill_from_outside_is_told_as_such():
    assert isinstance(diagnose("INFO all is well", 137, LOG, free_bytes=10**9), NotEnoughMemory)


def test_a_full_disk_is_told_even_when_the_log_could_not_say_it():
    assert type(diagnose("INFO all is well", 1, LOG, free_bytes=4096)) is DiskFull


def test_an_unknown_death_quotes_the_error_rather_than_its_stack():
    words = "10:00 ERROR it broke (kafka.X)\njava.lang.Foo: why\n\tat a.b\n\tat c.d\n\tat e.f\n"

    assert "it broke" in str(diagnose(words, 1, LOG, free_bytes=10**9))


def test_the_end_of_a_log_is_read_whatever_its_bytes(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"\xff" * 100_000 + b"the end")

    assert tail(path).endswith("the end")
    assert len(tail(path)) < 70_000
    assert tail(tmp_path / "none") == ""
