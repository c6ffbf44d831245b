"""The locks hold all that pyproject.toml asks for, by hash, and nothing of any machine."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUNTIME = (ROOT / "deploy/locks/runtime.txt").read_text("utf-8")
DEV = (ROOT / "deploy/locks/dev.txt").read_text("utf-8")
RENEW = runpy.run_path(str(ROOT / "deploy/locks/renew.py"))

WANTED = {
    "runtime.txt": (RUNTIME, [*PROJECT["dependencies"], *EXTRAS["build"]]),
    "dev.txt": (DEV, [*PROJECT["dependencies"], *EXTRAS["build"], *EXTRAS["dev"]]),
}


def entries(text):
    """Return (requirement, hashes) of each locked package."""
    joined = text.replace("\\\n", " ")
    for line in filter(None, map(str.strip, joined.splitlines())):
        requirement, *hashes = line.split("--hash=")
        yield Requirement(requirement), [one.strip() for one in hashes]


@pytest.mark.parametrize("name", WANTED)
def test_every_dependency_is_locked_at_a_version_that_it_allows(name):
    text, dependencies = WANTED[name]
    locked = {}
    for requirement, _ in entries(text):
        locked.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    for dependency in map(Requirement, dependencies):
        pins = locked.get(canonicalize_name(dependency.name), [])
        assert pins, f"{dependency.name} is not locked: run make lock"
        for pin in pins:
            (version,) = pin.specifier
            assert version.operator == "=="
            assert dependency.specifier.contains(version.version), f"{pin}: run make lock"


@pytest.mark.parametrize("name", WANTED)
def test_every_package_has_hashes(name):
    for requirement, hashes in entries(WANTED[name][0]):
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes)


@pytest.mark.parametrize("name", WANTED)
def test_no_lock_names_a_host_or_a_path(name):
    text = WANTED[name][0]
    assert not re.search(r"://|--index|--find-links|--extra-index|#|@ ", text)


def test_the_tools_do_not_move_what_the_product_runs_on():
    runtime, dev = RENEW["pins"](RUNTIME), RENEW["pins"](DEV)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_renewing_says_what_came_went_and_moved():
    before = {"a": ("1",), "b": ("1",), "c": ("1",), "n": ("1", "2")}
    after = {"a": ("1",), "b": ("2",), "d": ("3",), "n": ("1", "3")}
    assert RENEW["changes"](before, after) == [
        "b: 1 → 2",
        "c: 1 → -",
        "d: - → 3",
        "n: 1 | 2 → 1 | 3",
    ]
    assert RENEW["changes"](before, before) == ["nothing changed"]
