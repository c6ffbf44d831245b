"""`hustings packs check`: what a person and a program see."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from streams.cli.packs import app
from streams.packs.folder import default_folder

RUNNER = CliRunner()


def check(*args):
    return RUNNER.invoke(app, ["check", *map(str, args)])


@pytest.fixture
def one_pack(tmp_path):
    """A folder with a copy of one pack, and a function that changes its text."""
    file = tmp_path / "se.yaml"
    shutil.copy(default_folder() / "se.yaml", file)

    def change(old, new):
        text = file.read_text(encoding="utf-8")
        assert old in text
        at = text.index(old)
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text.count("\n", 0, at) + 1

    return file, change


def test_each_pack_that_comes_along_is_a_row():
    ended = check()
    assert ended.exit_code == 0
    shown = {line.split()[0] for line in ended.stdout.splitlines() if line.strip()}
    assert {file.stem.upper() for file in default_folder().glob("*.yaml")} <= shown
    assert ended.stdout.splitlines()[-1].endswith("claims hold.")


def test_as_json_each_pack_is_a_line_and_the_last_counts_them():
    lines = [json.loads(line) for line in check("--json").stdout.splitlines()]
    *packs, total = lines
    assert total == {"packs": len(packs), "claims": sum(pack["claims"] for pack in packs)}
    for pack in packs:
        assert pack["least_sources"] >= 2
        assert set(pack["statements"]) == set(pack["languages"])
        assert all(len({len(side) for side in group}) == 1 for group in pack["mirrored_names"])


BAD = [
    ("jurisdiction: SE", "jurisdiction: SX-1234", "jurisdiction"),
    ("jurisdiction: SE", "jurisdiction: QQ", "unknown jurisdiction 'QQ'"),
    ("languages: [sv, en]", "languages: [sv, xq]", "unknown language 'xq'"),
    ("polls_close: 2026-09-13", "polls_close: 2026-09-12", "not in this order"),
    ("certified_by: 2026-09-25", "certified_by: 2028-09-25", "more than 366 days"),
    ("valid_until: 2026-09-14", "valid_until: 2024-09-14", "valid_until is not after valid_from"),
    ('url: "https://www.val.se/"', 'url: "www.val.se"', "not an http(s) address"),
    ("publisher: SVT Nyheter", "publisher: Valmyndigheten", "fewer than two publishers"),
    ("        - [Jimmie Åkesson, Åkesson]", "        - [Jimmie Åkesson]", "same number of names"),
    ("Jimmie Åkesson,", "Ulf Kristersson,", "name 'Ulf Kristersson' stands in line"),
    ("se-doda-rostlangd", "se-bankid-rosta", "claim se-bankid-rosta stands in"),
    (
        "Avlidna får röstkort och någon annan röstar åt dem i Sverige",
        "Döda personer röstade i Riksdagsvalet!",
        "the same statement as one of se-doda-rostlangd",
    ),
    ("      - valet 2026", "      - Centerpartiet i Umeå", "names the side 'centerpartiet'"),
]


@pytest.mark.parametrize(("old", "new", "reason"), BAD, ids=[bad[1].strip() for bad in BAD])
def test_what_is_wrong_is_told_with_file_line_and_reason(one_pack, old, new, reason):
    file, change = one_pack
    change(old, new)
    ended = check(file.parent)
    assert ended.exit_code == 1
    assert "nothing was loaded" in ended.stderr
    told = [line for line in ended.stderr.splitlines() if reason in line]
    assert told, ended.stderr
    assert told[0].startswith(f"{file}:")
    assert told[0].removeprefix(f"{file}:").split(":")[0].isdigit()
    as_json = [json.loads(line) for line in check(file.parent, "--json").stdout.splitlines()]
    assert any(reason in one["reason"] and one["line"] for one in as_json)


def test_the_line_is_the_one_that_was_broken(one_pack):
    file, change = one_pack
    line = change("url: https://www.val.se/", "url: https://localhost/")
    assert f"{file}:{line}: no public host" in check(file).stderr


def test_a_claim_with_one_source_is_refused(one_pack):
    file, change = one_pack
    text = file.read_text(encoding="utf-8")
    second = next(one for one in text.splitlines() if "publisher: SVT Nyheter" in one)
    change(second + "\n", "")
    ended = check(file)
    assert ended.exit_code == 1
    assert "fewer than two publishers" in ended.stderr or "at least 2" in ended.stderr
