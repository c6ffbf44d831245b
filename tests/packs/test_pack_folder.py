"""Reading a folder of packs: all of it, or every problem with its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.packs.errors import PackErrors
from streams.packs.folder import read_packs
from streams.packs.yaml_tree import MAX_DEPTH, read_tree
from streams.schema import ClaimType

PACK = {
    "jurisdiction": "XA",
    "name": {"en": "Arland", "cy": "Arlandia"},
    "languages": ["en", "cy"],
    "authority": {
        "name": {"en": "Arland Election Office", "cy": "Swyddfa"},
        "url": "https://elections.example.org/",
    },
    "elections": [
        {
            "election_id": "xa-2026",
            "name": {"en": "Arland election"},
            "polls_open": "2026-05-01T06:00:00Z",
            "polls_close": "2026-05-01T18:00:00Z",
            "certified_by": "2026-05-09T12:00:00Z",
        }
    ],
    "words": {"en": ["Arland election"]},
    "mirrored_names": [{"kind": "party", "sides": [["Reds", "Red"], ["Blues", "Blue"]]}],
}
CLAIM: dict[str, Any] = {
    "claim_id": "xa-vote-by-drum",
    "types": ["procedure"],
    "topic": {"en": "voting by drum"},
    "statements": {"en": ["You can vote by drum in Arland"]},
    "sources": [
        {
            "publisher": "Arland Election Office",
            "title": "Ballots are marked on paper",
            "url": "https://elections.example.org/how",
            "stance": "official",
            "language": "en",
        },
        {
            "publisher": "Arland Checkers",
            "title": "Drums are not counted",
            "url": "https://checkers.example.org/",
            "stance": "disputes",
            "language": "en",
        },
    ],
}


def other_pack():
    pack = copy.deepcopy(PACK)
    pack["jurisdiction"] = "XB"
    pack["elections"][0]["election_id"] = "xb-2026"
    pack["words"] = {"en": ["Barland election"]}
    return pack


def write(folder, name="xa.yaml", pack=PACK, claims=(CLAIM,)):
    document = {"claims": list(claims)}
    if pack is not None:
        document["pack"] = pack
    (folder / name).write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return folder


def changed(base, path, value):
    result = copy.deepcopy(base)
    at = result
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return result


def problems_of(folder):
    with pytest.raises(PackErrors) as caught:
        read_packs(folder)
    return caught.value.problems


def test_a_good_folder_is_read_and_claims_take_the_jurisdiction_of_their_file(tmp_path):
    found = read_packs(write(tmp_path))
    assert [pack.jurisdiction for pack in found.packs] == ["XA"]
    assert [(c.claim_id, c.jurisdiction, c.types) for c in found.claims] == [
        ("xa-vote-by-drum", "XA", (ClaimType.PROCEDURE,))
    ]
    assert set(found.catalogue().claims) == {"xa-vote-by-drum"}


def test_one_file_can_be_read_alone(tmp_path):
    assert read_packs(write(tmp_path) / "xa.yaml") == read_packs(tmp_path)


BAD_CLAIMS = [
    ("one source", ["sources"], CLAIM["sources"][:1], "at least 2"),
    ("same publisher", ["sources", 1, "publisher"], "ARLAND election office!", "two publishers"),
    ("no address", ["sources", 0, "url"], "elections.example.org", "not an http(s) address"),
    ("same address", ["sources", 1, "url"], CLAIM["sources"][0]["url"], "two addresses"),
    ("no host", ["sources", 0, "url"], "https:///how", "no public host"),
    ("local host", ["sources", 0, "url"], "http://localhost/", "no public host"),
    ("number as host", ["sources", 0, "url"], "http://127.0.0.1/", "no public host"),
    ("bad port", ["sources", 0, "url"], "https://a.example.org:x/", "cannot be read"),
    ("user name", ["sources", 0, "url"], "https://a:b@c.example.org/", "user name"),
    ("unknown language", ["statements", "xq"], ["a b c d"], "unknown language 'xq'"),
    ("no topic for it", ["statements", "cy"], ["pleidleisio drwy ddrwm"], "no topic in cy"),
    ("too short", ["statements", "en"], ["vote, drum!"], "shorter than 3 words"),
    ("foreign only", ["statements"], {"de": ["Wählen mit der Trommel"]}, "language of the pack"),
    ("verdict in topic", ["topic", "en"], "the false claim on drums", "'false' is a judgement"),
    ("verdict in title", ["sources", 1, "title"], "Debunked: drums", "'Debunked' is a judgement"),
    ("other jurisdiction", ["jurisdiction"], "XZ", "no pack for jurisdiction XZ"),
    ("unknown type", ["types"], ["rumour"], "types.0"),
    ("type twice", ["types"], ["procedure", "procedure"], "type stands twice"),
    ("typo in a key", ["titel"], "x", "titel"),
    ("escape sequence", ["topic", "en"], "drums \x1b[31m red", "U+001B"),
    ("right-to-left override", ["topic", "en"], "drums \u202egnihton", "U+202E"),
    ("id with capitals", ["claim_id"], "XA-Drum", "claim_id"),
]


@pytest.mark.parametrize(
    ("path", "value", "reason"), [bad[1:] for bad in BAD_CLAIMS], ids=[bad[0] for bad in BAD_CLAIMS]
)
def test_a_claim_that_breaks_a_rule_is_named_with_its_line(tmp_path, path, value, reason):
    write(tmp_path, claims=[changed(CLAIM, path, value)])
    problems = problems_of(tmp_path)
    lines = (tmp_path / "xa.yaml").read_text(encoding="utf-8").splitlines()
    assert any(reason in problem.reason for problem in problems), problems
    assert all(1 <= problem.line <= len(lines) for problem in problems)


def test_sources_that_only_support_or_give_context_do_not_carry_a_label(tmp_path):
    claim = changed(CLAIM, ["sources", 0, "stance"], "context")
    claim = changed(claim, ["sources", 1, "stance"], "supports")
    write(tmp_path, claims=[claim])
    assert "no source disputes" in problems_of(tmp_path)[0].reason


def test_a_window_that_ends_before_it_begins_is_refused(tmp_path):
    claim = CLAIM | {"valid_from": "2026-05-02T00:00:00Z", "valid_until": "2026-05-01T00:00:00Z"}
    write(tmp_path, claims=[claim])
    assert "valid_until is not after valid_from" in problems_of(tmp_path)[0].reason


def test_ids_and_statements_are_unique_over_all_files(tmp_path):
    write(tmp_path)
    twin = changed(CLAIM, ["statements", "en"], ["you can VOTE by drum, in Arland!"])
    write(tmp_path, "xb.yaml", pack=other_pack(), claims=[twin])
    reasons = " ".join(problem.reason for problem in problems_of(tmp_path))
    assert "claim xa-vote-by-drum stands in xa.yaml:" in reasons
    assert "the same statement as one of xa-vote-by-drum (xa.yaml:" in reasons


def test_a_word_belongs_to_one_pack(tmp_path):
    write(tmp_path)
    pack = changed(other_pack(), ["words", "en"], ["ARLAND Election"])
    write(tmp_path, "xb.yaml", pack=pack, claims=[])
    (problem,) = problems_of(tmp_path)
    assert "belongs to XA too (xa.yaml:" in problem.reason


def test_a_jurisdiction_has_one_pack(tmp_path):
    write(tmp_path)
    pack = changed(changed(PACK, ["words", "en"], ["x"]), ["elections", 0, "election_id"], "y")
    write(tmp_path, "xb.yaml", pack=pack, claims=[])
    assert any("pack XA stands in" in problem.reason for problem in problems_of(tmp_path))


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ([{"kind": "party", "sides": [["Reds"], ["reds"]]}], "'reds' stands in line"),
        ([{"kind": "party", "sides": [["Reds"], ["Blues", "Blue"]]}], "same number"),
        ([{"kind": "team", "sides": [["Reds"], ["Blues"]]}], "kind 'team'"),
        ([{"kind": "candidate", "sides": [["Ann"], ["Bob"]]}], "no group of kind party"),
        ([{"kind": "party", "sides": [["Reds"], ["..."]]}], "without letters"),
        ([{"kind": "party", "sides": [["Reds"], ["Синие"]]}], "not in the script of"),
    ],
)
def test_mirrored_names_lead_to_one_counterpart(tmp_path, names, reason):
    write(tmp_path, pack=changed(PACK, ["mirrored_names"], names))
    assert any(reason in problem.reason for problem in problems_of(tmp_path))


@pytest.mark.parametrize(
    "sides",
    [
        [["維新"], ["れいわ"], ["みんなの党"], ["NHK党"]],
        [["D66"], ["PVV"]],
        [["50PLUS"], ["민주당 Democrats"]],
    ],
)
def test_scripts_that_are_written_together_mirror_each_other(tmp_path, sides):
    write(tmp_path, pack=changed(PACK, ["mirrored_names"], [{"kind": "party", "sides": sides}]))
    assert read_packs(tmp_path).packs


BAD_PACKS = [
    ("unknown jurisdiction", ["jurisdiction"], "QQ", "unknown jurisdiction 'QQ'"),
    ("part of an unknown one", ["jurisdiction"], "QQ-A", "unknown jurisdiction 'QQ-A'"),
    ("unknown language", ["languages"], ["en", "cy", "xq"], "unknown language 'xq'"),
    ("words in another language", ["words", "de"], ["Arlandwahl"], "no language of the pack"),
    ("word of a side", ["words", "en"], ["the Reds of Arland"], "names the side 'reds'"),
    ("far certification", ["elections", 0, "certified_by"], "2027-05-09T12:00:00Z", "366 days"),
    ("polls end first", ["elections", 0, "polls_close"], "2026-04-30T00:00:00Z", "this order"),
    ("authority of no host", ["authority", "url"], "https://localhost/", "no public host"),
]


@pytest.mark.parametrize(
    ("path", "value", "reason"), [bad[1:] for bad in BAD_PACKS], ids=[bad[0] for bad in BAD_PACKS]
)
def test_a_pack_that_breaks_a_rule_is_named_with_its_line(tmp_path, path, value, reason):
    write(tmp_path, pack=changed(PACK, path, value), claims=[])
    problems = problems_of(tmp_path)
    assert any(reason in problem.reason and problem.line for problem in problems), problems


@pytest.mark.parametrize("code", ["XA", "XZ-9", "EU", "US-CA"])
def test_jurisdictions_that_exist_or_are_for_own_use_are_taken(tmp_path, code):
    write(tmp_path, pack=changed(PACK, ["jurisdiction"], code), claims=[])
    assert read_packs(tmp_path).packs[0].jurisdiction == code


def test_every_problem_of_every_file_is_told_at_once_and_nothing_is_loaded(tmp_path):
    write(tmp_path, claims=[changed(CLAIM, ["topic", "en"], "fake drums")])
    write(tmp_path, "xb.yaml", pack=other_pack(), claims=[changed(CLAIM, ["types"], [])])
    (tmp_path / "xc.yaml").write_text("claims: [\n", encoding="utf-8")
    (tmp_path / "xd.yaml").write_bytes(b"pack:\n  name: \xff\n")
    problems = problems_of(tmp_path)
    assert {problem.file.name for problem in problems} == {
        "xa.yaml",
        "xb.yaml",
        "xc.yaml",
        "xd.yaml",
    }
    assert problems == tuple(sorted(problems))


def test_a_bad_pack_does_not_make_its_claims_homeless(tmp_path):
    write(tmp_path, pack=changed(PACK, ["authority"], None))
    assert [problem.reason for problem in problems_of(tmp_path)] == ["authority: Field required"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' stands twice (first in line 1)"),
        ("a: &x [1]\n", 1, "anchor or alias"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "a YAML tag"),
        ("no: 1\n", 1, "a key that is not text"),
        ("a: 1\n---\nb: 2\n", 2, "not YAML"),
        ("a: [1\nb: 2\n", 2, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: b\x07c\n", 1, "not YAML"),
        ("a: 2026-13-45\n", 1, "not a value of its kind"),
        ("a: 1\nb: " + "9" * 20_000 + "\n", 2, "longer than"),
        ("[" * (MAX_DEPTH + 1), 1, "nested more than"),
        ("[" * 200_000, 1, "nested more than"),
    ],
)
def test_yaml_that_a_reader_would_misread_is_refused(tmp_path, text, line, reason):
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    (problem,) = read_tree(file).problems
    assert problem.line == line
    assert reason in problem.reason


def test_a_bomb_of_aliases_costs_nothing(tmp_path):
    lines = ["a0: &a0 [lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    file = tmp_path / "bomb.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert [problem.line for problem in read_tree(file).problems] == [1]


@pytest.mark.parametrize(
    "content", [b"", b"# nothing\n", b"just text", b"- 1\n", b"other: 1\n", b"claims: 3\n"]
)
def test_files_that_are_no_packs_are_refused(tmp_path, content):
    (tmp_path / "x.yaml").write_bytes(content)
    assert problems_of(tmp_path)


def test_a_folder_without_packs_is_refused(tmp_path):
    assert "no .yaml file" in problems_of(tmp_path)[0].reason
    assert "cannot be read" in problems_of(tmp_path / "missing")[0].reason


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="ab:-[]{}&*!|>'\"\n #\t", max_size=80))
def test_any_bytes_end_in_packs_or_problems(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PackErrors) as caught:
        read_packs(file)
    assert caught.value.problems


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["pack", "claims", "en", "topic"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*CLAIM, "version"]), JSON)
def test_any_value_in_any_field_of_a_claim_is_read_or_told(tmp_path_factory, name, value):
    folder = tmp_path_factory.getbasetemp() / "values"
    folder.mkdir(exist_ok=True)
    write(folder, claims=[CLAIM | {name: value}])
    try:
        read_packs(folder)
    except PackErrors as errors:
        assert all(problem.line for problem in errors.problems)  # noqa: PT017 - either way is right
