"""`hustings evaluate` and `hustings audit neutrality` with the detector and packs that ship."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from streams.cli import audit, evaluate
from streams.packs.folder import default_folder

RUNNER = CliRunner()
CLAIM = "Mail-in ballots were dumped behind the post office, voter fraud in Ohio"


def row(post_id, text, **fields):
    return json.dumps({"id": post_id, "text": text, "lang": "en", **fields}) + "\n"


@pytest.fixture
def labelled(tmp_path):
    file = tmp_path / "labelled.jsonl"
    file.write_text(
        row("a", CLAIM, claim=1, topic=1, stance="asserts", types=["mail", "fraud"])
        + row("b", f"Is it true? {CLAIM}?", claim=1, topic=1, stance="asks", types=["mail"])
        + row("c", "What a lovely morning", claim=0, topic=0),
        encoding="utf-8",
    )
    return file


def run(*args):
    return RUNNER.invoke(evaluate.app, [str(arg) for arg in args])


def test_a_report_as_json_holds_every_part_that_has_data(labelled, tmp_path):
    background = tmp_path / "background.jsonl"
    background.write_text(row("x", "lunch") + row("y", CLAIM), encoding="utf-8")
    ended = run(
        labelled, "--background", background, "--json",
        "--only", "claims", "--only", "background", "--only", "evasion",
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["format"] == 1
    assert report["claims"]["overall"]["posts"] == 3
    assert report["claims"]["overall"]["recall"]["value"] == 1
    assert report["background"]["false_alerts"] == 1
    assert [alert["post_id"] for alert in report["background"]["alerts"]] == ["y"]
    assert report["background"]["alerts"][0]["text"] is None
    assert report["evasion"]
    assert report["mirrored"] is None
    assert CLAIM not in ended.stdout


def test_the_same_run_gives_the_same_report(labelled):
    args = (labelled, "--json", "--only", "claims", "--only", "evasion")
    first, again, other = run(*args), run(*args), run(*args, "--seed", 9)
    assert first.stdout == again.stdout
    assert first.stdout != other.stdout


def test_texts_are_shown_only_when_asked_for_and_without_what_a_terminal_obeys(tmp_path):
    file = tmp_path / "background.jsonl"
    file.write_text(row("\u001b[31mx", f"\u001b[2J {CLAIM}"), encoding="utf-8")
    hidden = run("--background", file, "--only", "background")
    shown = run("--background", file, "--only", "background", "--show-text")
    assert hidden.exit_code == shown.exit_code == 0
    assert "Ohio" not in hidden.stdout
    assert "Ohio" in shown.stdout
    assert "\x1b" not in hidden.stdout + shown.stdout


def test_a_page_is_written_where_asked(labelled, tmp_path):
    page = tmp_path / "new" / "report.html"
    ended = run(labelled, "--html", page, "--only", "claims")
    assert ended.exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert str(page) in ended.stderr
    assert CLAIM not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), "nothing to measure on"),
        (("gone.jsonl",), "gone.jsonl: cannot be read"),
        (("--held-out", "gone"), "no such file"),
        (("--queries", "gone"), "need each other"),
        (("x", "--only", "everything"), "no such part: everything"),
    ],
)
def test_what_cannot_be_measured_is_said_and_the_status_is_2(args, reason):
    ended = run(*args)
    assert ended.exit_code == 2
    assert reason in ended.stderr
    assert ended.stdout == ""


def test_a_bad_line_or_a_file_without_labels_ends_the_run(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text(row("a", "t", claim=1) + row("b", "t", claim="maybe"), encoding="utf-8")
    ended = run(file)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f'{file}:2: "claim"' in ended.stderr
    file.write_text(row("a", "t"), encoding="utf-8")
    assert "no post has a label" in run(file).stderr


@pytest.fixture
def one_pack(tmp_path):
    folder = tmp_path / "packs"
    folder.mkdir()
    shutil.copy(default_folder() / "us.yaml", folder)
    return folder


def neutrality(*args):
    return RUNNER.invoke(audit.app, ["neutrality", *(str(arg) for arg in args)])


def test_the_audit_names_claims_of_one_side_with_file_and_line(one_pack):
    file = one_pack / "us.yaml"
    text = file.read_text(encoding="utf-8")
    text += """
  - claim_id: us-test-one-side
    types: [procedure]
    topic: {en: a test, es: una prueba}
    statements:
      en: [Republicans must vote with a purple passport from Zembla]
      es: [Los republicanos tienen que votar con un pasaporte morado de Zembla]
    sources:
      - {publisher: One, stance: official, language: en, url: "https://www.usa.gov/", title: Any}
      - {publisher: Two, stance: disputes, language: en, url: "https://www.fvap.gov/", title: Any}
"""
    file.write_text(text, encoding="utf-8")
    line = text.splitlines().index("  - claim_id: us-test-one-side") + 1
    ended = neutrality("--packs", one_pack, "--json")
    assert ended.stdout, ended.stderr
    report = json.loads(ended.stdout)
    found = {one["claim_id"]: one["place"] for one in report["one_sided_claims"]}
    assert found["us-test-one-side"] == f"{file}:{line}"
    # The detector leaves it to people: beside no side's post, so that nothing flips.
    assert not report["flips"]
    assert not report["misplaced"]
    assert ended.exit_code == 1
    assert not report["neutral"]


def test_posts_of_a_file_are_swapped_and_the_status_follows_the_flips(one_pack, tmp_path):
    posts = tmp_path / "posts.jsonl"
    posts.write_text(row("p1", "Republicans stole the election"), encoding="utf-8")
    ended = neutrality(posts, "--packs", one_pack, "--json")
    report = json.loads(ended.stdout)
    assert report["pairs"]["post"] == 1
    assert not report["one_sided_claims"]
    assert report["neutral"] == (not report["flips"] and not report["misplaced"])
    assert ended.exit_code == (0 if report["neutral"] else 1)
    assert all(rate["posts"] > 0 for rate in report["rates"])


def test_the_audit_in_words_ends_with_the_counts(one_pack):
    ended = neutrality("--packs", one_pack, "--limit", 20)
    assert ended.exit_code in {0, 1}
    assert "20 pairs" in ended.stdout
    assert ended.stdout.splitlines()[-1].endswith("claims about one side.")
