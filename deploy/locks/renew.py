"""Renew the hash locks after a change of dependencies: `make lock`.

One lock for all: every supported Python and platform reads the same file, by
markers. What holds still stays as it is; `--upgrade` takes newest versions.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
RUNTIME: Final = "deploy/locks/runtime.txt"
DEV: Final = "deploy/locks/dev.txt"
TRAIN: Final = "deploy/locks/train.txt"
LOCKS: Final = {
    RUNTIME: ("--extra", "build"),
    # Constrained: the tools must not move what the product runs on.
    DEV: ("--extra", "build", "--extra", "dev", "--constraints", RUNTIME),
    TRAIN: ("--extra", "build", "--extra", "train", "--constraints", RUNTIME),
}
_OPTIONS: Final = (
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    # Nothing of the machine that wrote it: no index, no head with the command, no notes.
    *("--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"),
    # `make` installs wheels only; a version without them must not be chosen.
    *("--only-binary", ":all:"),
)
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def main(arguments: list[str]) -> int:
    """Write the locks and say what changed; return the exit status."""
    if unknown := set(arguments) - {"--upgrade"}:
        print(f"unknown: {' '.join(sorted(unknown))}; there is --upgrade only", file=sys.stderr)
        return 2
    for lock, extras in LOCKS.items():
        path = ROOT / lock
        before = pins(path.read_text("utf-8")) if path.exists() else {}
        done = subprocess.run(  # noqa: S603 - our own command
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
                *_OPTIONS,
                *extras,
                *arguments,
                *("--output-file", lock),
            ],
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            print(f"{lock}: not renewed (uv ended with {done.returncode})", file=sys.stderr)
            return 1
        after = pins(path.read_text("utf-8"))
        print(f"{lock}: {len(after)} packages")
        for line in changes(before, after):
            print(f"  {line}")
    return 0


def pins(text: str) -> dict[str, tuple[str, ...]]:
    """Return the pinned versions of each package; several where markers part them."""
    found: dict[str, tuple[str, ...]] = {}
    for name, version in _PIN.findall(text):
        found[name] = (*found.get(name, ()), version)
    return found


def changes(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> list[str]:
    """Return one line for each package that came, went or moved."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        was, now = " | ".join(old or ("-",)), " | ".join(new or ("-",))
        lines.append(f"{name}: {was} → {now}")
    return lines or ["nothing changed"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
