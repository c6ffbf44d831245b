"""Data beside the repository that tests read in place; never part of the project."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def shared_file(name):
    """Return a file of the shared data, or skip the test and say what is missing.

    The folder is HUSTINGS_SHARED, or `shared` beside the repository.
    """
    shared = Path(os.environ.get("HUSTINGS_SHARED", _ROOT.parent / "shared"))
    path = shared / "data" / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine (set HUSTINGS_SHARED to the shared folder)")
    return path
