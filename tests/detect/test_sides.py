"""Names of sides are hidden the same way, whichever side they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detect.sides import Sides
from streams.packs.folder import default_folder, read_packs
from tests import builders as build

PACKS = read_packs(default_folder()).catalogue().packs
SIDES = Sides(PACKS)
PAIRS = [
    (first, second)
    for pack in PACKS.values()
    for group in pack.mirrored_names
    for first, second in zip(group.sides[0], group.sides[1], strict=False)
]


@pytest.mark.parametrize(
    "form",
    ["{} votes were not counted", "they say {}: stole it!", "{}", "{}が", "昨日{}は", "{}가"],
)
def test_both_names_of_a_pair_leave_the_same_text(form):
    for first, second in PAIRS:
        ours, theirs = form.format(first), form.format(second)
        assert SIDES.mask(ours) == SIDES.mask(theirs)
        # A name may be a slip away from an election word of some language.
        assert SIDES.bare(ours) == SIDES.bare(theirs)


@given(st.text(max_size=60), st.sampled_from(PAIRS))
def test_covering_keeps_every_place(text, pair):
    said = f"{text} {pair[0]} {text}"
    covered = SIDES.cover(said)
    assert len(covered) == len(said)
    assert covered.endswith(" " + SIDES.cover(text)) or SIDES.names(text)


def test_a_name_inside_a_word_is_left():
    first = next(one for one, _ in PAIRS if one.isascii() and one.isalpha())
    assert SIDES.mask(f"un{first.lower()}ish words") == f"un{first.lower()}ish words"


def test_without_packs_nothing_is_hidden():
    assert Sides({}).mask("any words, 選挙") == "any words, 選挙"


def test_a_statement_about_one_side_alone_is_not_matched():
    first, second = PAIRS[0]
    one = build.claim(statements={"en": (f"{first} voters vote twice",)})
    both = build.claim(
        statements={"en": (f"{first} voters vote twice", f"{second} voters vote twice")}
    )
    none = build.claim(statements={"en": ("Some voters vote twice",)})
    assert SIDES.fair({one.claim_id: one}) == {}
    assert SIDES.fair({both.claim_id: both})[both.claim_id].statements == {
        "en": ("X voters vote twice",)
    }
    assert SIDES.fair({none.claim_id: none}) == {none.claim_id: none}
