"""`hustings up` as its user starts it: runs, sums up, and leaves nothing behind."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.kafka

CLAIM = "You can vote by text message instead of going to the polls"
UP = [sys.executable, "-m", "streams.cli", "up"]


def family(process):
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def posts(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "HUSTINGS_DATA_DIR": str(tmp_path / "data")}


def test_without_a_terminal_it_ends_by_itself_with_a_summary(tmp_path, env):
    source = posts(
        tmp_path / "posts.ndjson",
        [
            json.dumps({"id": "1", "text": "lovely weather"}),
            json.dumps({"id": "2", "text": CLAIM}),
            "not json",
            json.dumps({"id": "3"}),
        ],
    )
    done = subprocess.run(
        [*UP, str(source), "--json"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    summary = json.loads(done.stdout.splitlines()[-1])
    assert set(summary) == {
        "posts",
        "decided",
        "labels",
        "dead_letters",
        "posts_per_second",
        "time_to_label_p50_seconds",
        "time_to_label_p99_seconds",
    }
    assert (summary["posts"], summary["decided"], summary["dead_letters"]) == (4, 2, 2)
    assert summary["labels"]["disputed-claim"] == 1
    assert list((tmp_path / "data").glob("run-*")) == []


def test_a_source_that_is_not_there_is_an_error_with_its_name(tmp_path, env):
    done = subprocess.run(
        [*UP, str(tmp_path / "nothing.ndjson")],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "nothing.ndjson" in done.stdout + done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_on_a_terminal_it_shows_labels_and_stops_whole(tmp_path, env, number):
    lines = [json.dumps({"id": str(n), "text": CLAIM}) for n in range(100_000)]
    source = posts(tmp_path / "posts.ndjson", lines)
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        [*UP, str(source), "--rate", "50"],
        env={**env, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, members = b"", []
    deadline = time.monotonic() + 120
    try:
        while b"label: disputed-claim" not in shown:
            assert time.monotonic() < deadline, shown[-3000:]
            shown += os.read(ours, 65536)
        members = family(psutil.Process(started.pid))
        assert len(members) >= 5  # the command, broker and its guard, worker, connector
        started.send_signal(number)
        while started.poll() is None:
            assert time.monotonic() < deadline
            drain(ours)
    finally:
        os.close(ours)
        started.kill()
        started.wait()
    _gone, alive = psutil.wait_procs(members[1:], timeout=40)
    assert alive == []
    if number is signal.SIGINT:
        assert started.returncode == 0


def drain(fd):
    os.set_blocking(fd, False)
    try:
        os.read(fd, 65536)
    except (BlockingIOError, OSError):
        time.sleep(0.05)
