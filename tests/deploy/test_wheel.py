"""What `pip install` of a wheel gives: the command with all the data that it reads."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # The same backend and no network, as in deploy/images/Dockerfile.
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("hustings-*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def inside(folder, pattern, place):
    return {f"{place}/{path.name}" for path in (ROOT / folder).glob(pattern)}


@pytest.mark.parametrize(
    ("folder", "pattern", "place"),
    [
        ("deploy/elections", "*.yaml", "streams/packs/elections"),
        ("deploy/wording", "*.yaml", "streams/packs/wordings"),
        ("deploy", "policy.yaml", "streams/packs"),
        ("streams/broker", "kafka-jars.lock", "streams/broker"),
        ("streams/detect", "*.toml", "streams/detect"),
        ("streams/detect/lexicon", "*.toml", "streams/detect/lexicon"),
        ("connectors/demo", "posts.ndjson.gz", "connectors/demo"),
        ("streams", "py.typed", "streams"),
        ("connectors", "py.typed", "connectors"),
    ],
)
def test_a_wheel_carries_the_data_that_the_code_reads(names, folder, pattern, place):
    wanted = inside(folder, pattern, place)
    assert wanted, f"nothing matches {folder}/{pattern}"
    assert wanted <= names


def test_a_wheel_carries_every_module_and_no_tests(names):
    modules = {
        str(path.relative_to(ROOT))
        for package in ("streams", "connectors")
        for path in (ROOT / package).rglob("*.py")
    }
    assert modules <= names
    assert not [name for name in names if name.startswith(("tests/", "deploy/"))]


def test_a_wheel_gives_the_command(names):
    assert "hustings-0.1.0.dist-info/entry_points.txt" in names
