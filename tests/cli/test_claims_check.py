"""`hustings claims check`: what a person sees."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from streams.cli.claims import app
from streams.packs.folder import default_folder

RUNNER = CliRunner()


def test_the_packs_that_come_along_hold():
    ended = RUNNER.invoke(app, ["check", "--json"])
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["packs"] == len(list(default_folder().glob("*.yaml")))


def test_problems_are_lines_on_standard_error_and_the_status_is_1(tmp_path):
    (tmp_path / "x.yaml").write_text("claims:\n- claim_id: A\n- 3\n", encoding="utf-8")
    ended = RUNNER.invoke(app, ["check", str(tmp_path)])
    assert ended.exit_code == 1
    assert f"{tmp_path / 'x.yaml'}:2: " in ended.stderr
    assert f"{tmp_path / 'x.yaml'}:3: " in ended.stderr
    assert "nothing was loaded" in ended.stderr


def test_problems_as_json_hold_file_line_and_reason(tmp_path):
    (tmp_path / "x.yaml").write_text("a: 1\na: 2\n", encoding="utf-8")
    ended = RUNNER.invoke(app, ["check", str(tmp_path), "--json"])
    problems = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.exit_code == 1
    assert any(p["line"] == 2 and "stands twice" in p["reason"] for p in problems)


def test_what_a_terminal_would_obey_is_not_printed(tmp_path):
    (tmp_path / "x.yaml").write_text('"\\e[31mred": 1\n', encoding="utf-8")
    ended = RUNNER.invoke(app, ["check", str(tmp_path)])
    assert ended.exit_code == 1
    assert "\x1b" not in ended.stderr


def test_a_folder_that_is_not_there_is_said(tmp_path):
    ended = RUNNER.invoke(app, ["check", str(tmp_path / "nowhere")])
    assert ended.exit_code == 1
    assert "cannot be read" in ended.stderr
