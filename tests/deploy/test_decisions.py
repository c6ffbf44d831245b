"""Decisions are short, of one form, in the index, and name files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
ROOMS = r"(?:streams|connectors|deploy|tests)"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_its_four_parts_and_fits_a_page(record):
    text = record.read_text("utf-8")
    assert text.startswith(f"# {record.name[:4]}: ")
    assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE) == [
        "Context",
        "Choice",
        "Consequences",
        "To reverse",
    ]
    assert len(text.split()) <= 500


@pytest.mark.parametrize(
    "document", [*RECORDS, ROOT / "deploy" / "README.md"], ids=lambda file: file.name
)
def test_every_file_that_is_named_exists(document):
    for name in re.findall(rf"`({ROOMS}/[\w./-]+)`", document.read_text("utf-8")):
        assert (ROOT / name).exists(), name


def test_the_index_names_every_record_by_its_title():
    index = (FOLDER / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \|$", index, re.MULTILINE)
    titles = [
        (record.name[:4], record.name, record.read_text("utf-8").splitlines()[0][8:])
        for record in RECORDS
    ]
    assert rows == titles
    assert [number for number, _, _ in rows] == [f"{at:04}" for at in range(1, len(rows) + 1)]


def test_the_readme_names_everything_in_the_folder():
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    for entry in (ROOT / "deploy").iterdir():
        if entry.name not in {"README.md", "__pycache__"}:
            assert f"`{entry.name}{'/' if entry.is_dir() else ''}" in text, entry.name
