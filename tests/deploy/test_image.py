"""The image: pinned, hash-locked, small in rights, with a probe that tells the truth."""

import re
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from streams.telemetry import Health, TelemetryServer

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "deploy" / "images"
TEXT = (IMAGES / "Dockerfile").read_text("utf-8")


def instructions():
    """Return (stage, instruction, arguments), continuation lines joined, comments left out."""
    lines = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#"))
    stage, found = -1, []
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        if not line.strip():
            continue
        word, _, rest = line.strip().partition(" ")
        stage += word == "FROM"
        found.append((stage, word, rest))
    return found


STEPS = instructions()
LAST = max(stage for stage, _, _ in STEPS)


def arguments(word, stage=None):
    return [rest for at, name, rest in STEPS if name == word and stage in {None, at}]


def test_every_stage_is_of_one_pinned_base():
    bases = {rest.split()[0] for rest in arguments("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1[123]\.\d+-slim-[a-z]+", bases.pop())


def test_packages_come_by_hash_or_from_this_checkout():
    installs = [
        part
        for run in arguments("RUN")
        for part in run.split(" && ")
        if re.search(r"\bpip\b.*\binstall\b(?! --yes)", part) and "uninstall" not in part
    ]
    assert len(installs) == 2
    for install in installs:
        locked = "--require-hashes" in install and "-r deploy/locks/runtime.txt" in install
        ours = "--no-index" in install and "--no-deps" in install
        assert locked or ours, install


def test_nothing_is_fetched_by_address_and_no_system_package_is_added():
    assert not arguments("ADD")
    assert not re.search(r"\b(curl|wget|apt-get|apk|git)\b|https?://", TEXT)


def test_the_last_stage_builds_nothing_and_runs_without_rights():
    assert LAST > 0
    assert not arguments("RUN", LAST)
    users = arguments("USER", LAST)
    assert users
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])
    assert arguments("HEALTHCHECK", LAST)
    assert arguments("ENTRYPOINT", LAST) == ['["hustings"]']


def test_everything_copied_is_in_the_repository_and_let_through():
    allowed = {
        line[1:]
        for line in (IMAGES / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for copy in arguments("COPY"):
        if copy.startswith("--from"):
            continue
        for source in copy.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in allowed, f"{source} is kept out by Dockerfile.dockerignore"


def probe(*arguments):
    done = subprocess.run(
        [sys.executable, str(IMAGES / "probe.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_probe_passes_only_when_every_process_is_well():
    registry = CollectorRegistry()
    waiting = Health(ok=False, reasons=("waiting for election packs",))
    with (
        TelemetryServer("127.0.0.1", 0, registry) as well,
        TelemetryServer("127.0.0.1", 0, registry, ready=lambda: waiting) as unready,
    ):
        assert probe("readyz", well.port) == (0, "well\n")
        assert probe("livez", well.port, unready.port) == (0, "well\n")
        status, said = probe("readyz", well.port, unready.port)
        assert status == 1
        assert said.startswith(f"{unready.port}: 503")
        assert "waiting for election packs" in said


def test_the_probe_fails_when_nobody_listens_or_no_port_is_named():
    with TelemetryServer("127.0.0.1", 0, CollectorRegistry()) as gone:
        port = gone.port
    status, said = probe("livez", port)
    assert status == 1
    assert str(port) in said
    assert probe("livez")[0] == 1
