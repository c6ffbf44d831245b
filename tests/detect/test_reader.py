"""A reader that remembers gives what a fresh one gives, whatever came before."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.detect import reader as reading
from streams.detect.catalogue import Catalogue
from streams.detect.lexicon import load_lexicon
from streams.detect.normalise import normalise
from streams.detect.reader import ClaimReader
from streams.detect.sides import Sides
from streams.detect.statements import read_statements
from streams.detect.words import split
from tests import builders as build

LEXICON = load_lexicon()
SAID = {
    "en": (
        "dead people voted in this election",
        "thousands of ballots were burnt behind the town hall",
        "the machines do not count green ink",
        "the Reds bring their own ballots",
        "it is not so that ballots were burnt",
        "Zed",
    ),
    "de": ("tote haben in dieser wahl gewählt", "stimmzettel brannten hinter dem rathaus"),
    "ja": ("投票用紙が川に捨てられた",),
}
ALL = [(language, text) for language, texts in SAID.items() for text in texts]
POSTS = [
    *(text for _, text in ALL),
    "they say thousands of ballots were burnt, and green ink does not count",
    "nothing of that kind happened",
    "",
    "\N{GRINNING FACE} https://example.org/a",
    "dead people voted in this election and the machines do not count green ink",
]

statements = st.lists(st.sampled_from(ALL), min_size=1, max_size=4, unique=True)


@st.composite
def claims(draw):
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6))
    return [_claim(draw, name) for name in names]


def _claim(draw, name):
    said = {}
    for language, text in draw(statements):
        said.setdefault(language, []).append(text)
    until = draw(st.sampled_from([None, build.CREATED, build.CREATED + timedelta(days=1)]))
    return build.claim(
        name,
        jurisdiction=draw(st.sampled_from(["ZZ", "YY"])),
        statements=said,
        topic=dict.fromkeys(said, "a matter"),
        valid_until=until,
    )


packs = st.sampled_from([(), (build.pack(),), (build.pack(words={"en": ("Zedland vote",)}),)])


class Ear:
    """Hears some texts and not others, as stage one would."""

    def __init__(self):
        self.asked = []

    def hears(self, texts):
        self.asked.extend(texts)
        return [len(text) % 2 == 0 for text in texts]

    def opens(self, texts):
        return [len(text) % 3 == 0 for text in texts]


EAR = Ear()


def fresh(**fields):
    return ClaimReader(LEXICON, EAR, **fields)


def index_of(reader, catalogue):
    return reader.index(catalogue, Sides(catalogue.packs))


def answers(index):
    """All that others see of an index."""
    found = []
    for text in POSTS:
        words = split(normalise(text))
        hits = LEXICON.find(words)
        found += [
            index.may_hold(words),
            index.search(words, hits),
            index.search(words, hits, languages=("en",), jurisdictions=("YY",)),
            index.search(words, hits, created_at=build.CREATED),
        ]
    return [*found, index.gate_phrases(), len(index), index.terms]


@settings(max_examples=60)
@given(st.lists(st.tuples(packs, claims()), min_size=1, max_size=5))
def test_what_was_read_before_changes_no_answer(catalogues):
    reader = fresh()
    for given_packs, given_claims in catalogues:
        catalogue = Catalogue.of(given_packs, given_claims)
        assert answers(index_of(reader, catalogue)) == answers(index_of(fresh(), catalogue))


@given(claims(), claims())
def test_an_index_that_serves_on_answers_as_before(before, after):
    reader = fresh()
    index = index_of(reader, Catalogue.of((), before))
    first = answers(index)
    index_of(reader, Catalogue.of((build.pack(),), after))
    assert answers(index) == first


@given(claims(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(given_claims, random):
    one = fresh()
    for part in random.sample(given_claims, len(given_claims)):
        index_of(one, Catalogue.of((), [part]))
    shuffled = random.sample(given_claims, len(given_claims))
    late = index_of(one, Catalogue.of((), shuffled))
    assert answers(late) == answers(index_of(fresh(), Catalogue.of((), given_claims)))


def test_only_what_changed_is_read():
    ear = Ear()
    asked = ear.asked
    reader = ClaimReader(LEXICON, ear)
    old = [build.claim(name, statements={"en": (f"ballots of {name} burnt",)}) for name in "abc"]
    index_of(reader, Catalogue.of((), old))
    asked.clear()
    new = build.claim("b", statements={"en": ("ballots of the town burnt",)})
    index_of(reader, Catalogue.of((), [old[0], new]))
    assert asked == ["ballots of the town burnt"]
    asked.clear()
    # Names are hidden in statements: with others, all is read again.
    index_of(reader, Catalogue.of((build.pack(),), [old[0], new]))
    assert sorted(asked) == ["ballots of a burnt", "ballots of the town burnt"]


def test_many_claims_are_read_elsewhere_and_few_are_not(monkeypatch):
    monkeypatch.setattr(reading, "MANY", 2)
    calls = []

    def elsewhere(changed, catalogue):
        calls.append(list(changed))
        sides = Sides(catalogue.packs)
        for claim_id in changed:
            yield read_statements(catalogue.claims[claim_id], sides, LEXICON, EAR)

    reader = fresh(elsewhere=elsewhere)
    many = Catalogue.of((), [build.claim(name) for name in "abc"])
    assert answers(index_of(reader, many)) == answers(index_of(fresh(), many))
    assert calls == [["a", "b", "c"]]
    few = Catalogue.of((), [build.claim(name) for name in "abcd"])
    assert answers(index_of(reader, few)) == answers(index_of(fresh(), few))
    assert calls == [["a", "b", "c"]]


def test_what_could_not_be_read_elsewhere_is_read_the_next_time(monkeypatch):
    monkeypatch.setattr(reading, "MANY", 1)
    failing = True

    def elsewhere(changed, catalogue):
        sides = Sides(catalogue.packs)
        for at, claim_id in enumerate(changed):
            if failing and at == 1:
                raise OSError("the other process is gone")
            yield read_statements(catalogue.claims[claim_id], sides, LEXICON, EAR)

    reader = fresh(elsewhere=elsewhere)
    catalogue = Catalogue.of((), [build.claim(name) for name in "abc"])
    with pytest.raises(OSError, match="gone"):
        index_of(reader, catalogue)
    failing = False
    assert answers(index_of(reader, catalogue)) == answers(index_of(fresh(), catalogue))


def test_words_of_claims_that_are_gone_are_forgotten(monkeypatch):
    monkeypatch.setattr(reading, "MANY", 10)
    reader = fresh()
    sizes = []
    for at in range(40):
        said = " ".join(f"word{at}x{place}" for place in range(20))
        index = index_of(reader, Catalogue.of((), [build.claim("a", statements={"en": (said,)})]))
        assert index.search(split(normalise(said)), ())[0].match.claim_id == "a"
        sizes.append(len(reader._terms))
    assert max(sizes) < 400
