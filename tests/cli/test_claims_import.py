"""`hustings claims import`: what is written, refused and said."""

import json
import shutil

import orjson
import pytest
from typer.testing import CliRunner

from streams.broker.admin import apply_topics
from streams.cli.claims import app
from streams.packs.claim_review.written import drafts_beside
from streams.packs.claims_topic import read_claims_topic
from streams.packs.folder import default_folder, read_packs
from streams.packs.yaml_tree import read_tree
from tests.packs.claim_review.reviews import feed, review

RUNNER = CliRunner()
SAID = "Thousands of mail ballots were thrown into a lake in Maricopa County before the election"


def by(publisher, claim=SAID, **fields):
    url = f"https://{publisher.split()[0].lower()}.org/1"
    return review(claim, **{"url": url, "author": {"name": publisher}, **fields})


def run(*args, data=b""):
    return RUNNER.invoke(app, ["import", *map(str, args)], input=data)


PAIR = orjson.dumps([by("Alpha"), by("Beta"), by("Gamma", "Water boils at forty degrees")])


def test_a_claim_that_holds_is_a_file_that_stands_beside_the_packs(tmp_path):
    for file in default_folder().glob("*.yaml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "feed.json").write_bytes(PAIR)
    ended = run(tmp_path / "feed.json", "--out", tmp_path / "imported.yaml", "--json")
    assert ended.exit_code == 0, ended.output
    summary = json.loads(ended.stdout)
    assert (summary["hold"], summary["drafts"], summary["not_election"]) == (1, 0, 1)
    before = len(read_packs(default_folder()).claims)
    folder = read_packs(tmp_path)
    assert len(folder.claims) == before + 1
    (made,) = [claim for claim in folder.claims if "-review-" in claim.claim_id]
    assert made.jurisdiction == "US"
    assert made.statements == {"en": (SAID,)}
    assert [one.publisher for one in made.sources] == ["Alpha", "Beta"]


def test_one_source_is_a_draft_in_a_file_of_its_own(tmp_path):
    out = tmp_path / "imported.yaml"
    hostile = by("Alpha\n- claim_id: x", SAID)
    ended = run("-", "--out", out, data=orjson.dumps(hostile))
    assert ended.exit_code == 0, ended.output
    assert "fewer than two publishers" in ended.output
    assert read_tree(out).value == {"claims": []}
    text = drafts_beside(out).read_text()
    assert "# lacks: fewer than two publishers" in text
    tree = read_tree(drafts_beside(out))
    assert tree.problems == []
    assert len(tree.value["claims"]) == 1


def test_nothing_is_written_over(tmp_path):
    out = tmp_path / "imported.yaml"
    out.write_text("reviewed by somebody")
    ended = run("-", "--out", out, data=PAIR)
    assert ended.exit_code == 2
    assert "is there already" in ended.stderr
    assert out.read_text() == "reviewed by somebody"


def test_one_bad_review_refuses_all_unless_it_is_to_be_skipped(tmp_path):
    bad = orjson.dumps(feed(by("Alpha"), by("Beta"), by("Gamma", url="ftp://a.org")))
    out = tmp_path / "imported.yaml"
    ended = run("-", "--out", out, data=bad)
    assert ended.exit_code == 1
    assert "stdin: $.dataFeedElement[0].item[2]: url: not an http(s) address" in ended.stderr
    assert "nothing was imported" in ended.stderr
    assert not out.exists()
    ended = run("-", "--out", out, "--skip-bad", "--json", data=bad)
    assert ended.exit_code == 0
    *problems, summary = map(json.loads, ended.stdout.splitlines())
    assert [one["place"] for one in problems] == ["$.dataFeedElement[0].item[2]"]
    assert (summary["bad"], summary["hold"]) == (1, 1)
    assert out.exists()


def test_a_bad_file_of_a_folder_refuses_all(tmp_path):
    (tmp_path / "a.json").write_bytes(PAIR)
    (tmp_path / "b.ndjson").write_bytes(orjson.dumps(by("Alpha")) + b'\n{"@type":')
    (tmp_path / "notes.txt").write_text("not a feed")
    ended = run(tmp_path)
    assert ended.exit_code == 1
    assert f"{tmp_path / 'b.ndjson'}: line 2: not JSON" in ended.stderr


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["--jurisdiction", "ZZ"], "no pack for jurisdiction ZZ"),
        (["missing.json"], "missing.json"),
    ],
)
def test_what_was_asked_for_wrongly_is_said(args, reason):
    ended = run(*(args if args[0] != "--jurisdiction" else ["-", *args]), data=PAIR)
    assert ended.exit_code in {1, 2}
    assert reason in ended.stderr


def test_without_anywhere_to_write_it_says_so():
    ended = run("-", data=PAIR)
    assert ended.exit_code == 0
    assert "Nothing was written" in ended.output
    assert "1 claims hold" in ended.output


@pytest.mark.kafka
def test_claims_that_hold_are_published_in_one_transaction(kafka_settings, monkeypatch):
    apply_topics(kafka_settings)
    monkeypatch.setenv("HUSTINGS_KAFKA__BOOTSTRAP_SERVERS", kafka_settings.bootstrap_servers)
    monkeypatch.setenv("HUSTINGS_KAFKA__TOPIC_PREFIX", kafka_settings.topic_prefix)
    data = orjson.dumps([*orjson.loads(PAIR), by("Delta", "Ballots of this election were burnt")])
    ended = run("-", "--publish", "--jurisdiction", "us", "--json", data=data)
    assert ended.exit_code == 0, ended.output
    summary = json.loads(ended.stdout)
    assert (summary["hold"], summary["drafts"], summary["published"]) == (1, 1, 1)
    (claim,) = read_claims_topic(kafka_settings).claims
    assert claim.statements == {"en": (SAID,)}
    again = run("-", "--publish", "--jurisdiction", "us", "--json", data=data)
    assert json.loads(again.stdout)["published"] == 0
