"""What commands say when no Kafka answers: one line with the address and a remedy."""

import os
import subprocess
import sys

import pytest

NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("labels", "tail"), 1),
        (("labels", "export"), 1),
        (("claims", "list"), 1),
        (("topics", "list"), 1),
        (("candidates", "list"), 75),
        (("candidates", "promote", "some", "--claim-id", "zz-some"), 75),
        (("doctor",), 1),
    ],
    ids=lambda one: " ".join(one[:2]) if isinstance(one, tuple) else "",
)
def test_it_is_said_in_words(command, status):
    done = subprocess.run(
        [sys.executable, "-m", "streams.cli", *command],
        env={**os.environ, "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": NOWHERE, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == status, said
    assert NOWHERE in said
    assert "hustings kafka start" in " ".join(said.split())
    assert "Traceback" not in said
