"""`hustings ingest`: what it says when it cannot work."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest


def ingest(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "streams.cli", "ingest", *map(str, arguments)],
        env={**os.environ, "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no-such-file.ndjson",), "there is no no-such-file.ndjson: name a file"),
        (("demo", "--host", "example.org"), "--capture and --host are for bluesky"),
    ],
)
def test_wrong_arguments_are_told_without_any_kafka(arguments, words):
    done = ingest(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_two_paces_exclude_each_other():
    done = ingest("demo", "--rate", "1", "--speed", "2")
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_a_taken_metrics_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = ingest("demo", HUSTINGS_CONNECTOR__METRICS_PORT=port)
    assert done.returncode == 1
    assert f"cannot serve metrics on 127.0.0.1:{port}" in done.stderr
