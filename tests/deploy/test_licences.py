"""Everything that the product is installed with may be part of it."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LICENCES = runpy.run_path(str(ROOT / "deploy/licences.py"))
TABLE = (ROOT / "deploy/licences.md").read_text("utf-8")


@pytest.fixture(scope="module")
def found():
    return LICENCES["packages"]()


def test_every_licence_is_one_that_we_take(found):
    assert [package for package in found if not package.is_taken] == []


def test_the_table_names_every_package(found):
    rows = re.findall(r"^\| ([a-z0-9-]+) \|", TABLE, re.MULTILINE)
    rows.remove("package")
    assert rows == [package.name for package in found], "run deploy/licences.py"


def test_every_reason_is_still_needed(found):
    named = {package.name: package for package in found}
    for name in LICENCES["REASONS"]:
        assert not LICENCES["parts"](named[name].licence) <= LICENCES["TAKEN"]


@pytest.mark.parametrize(
    ("licence", "taken"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("UNKNOWN", False),
    ],
)
def test_a_copyleft_or_unknown_licence_is_refused(licence, taken):
    assert LICENCES["Package"]("some", licence).is_taken is taken


def test_expressions_go_before_classifiers_and_free_text():
    said = {"License-Expression": "MIT", "License-Classifier": "BSD License"}
    assert LICENCES["licence_of"](said) == "MIT"
    said = {"License-Classifier": "Apache Software License; MIT License"}
    assert LICENCES["licence_of"](said) == "Apache-2.0 AND MIT"
