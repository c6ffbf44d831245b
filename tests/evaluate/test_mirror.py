import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluate.mirror import Mirror, is_one_sided, mirrored_catalogue
from streams.schema import MirroredNames
from tests.builders import catalogue, claim, pack

TWO = Mirror(
    pack(
        mirrored_names=(
            MirroredNames(kind="party", sides=(("Reds", "Red Party"), ("Blues", "Blue Party"))),
            MirroredNames(kind="candidate", sides=(("Ann Lee", "Lee"), ("Bo Roe", "Roe"))),
            MirroredNames(kind="party", sides=(("PT",), ("PL",), ("PSD",))),
            MirroredNames(kind="party", sides=(("Green", "Green List"), ("Brown", "The Browns"))),
        )
    )
)
UNSPACED = Mirror(
    pack(
        mirrored_names=(
            MirroredNames(kind="party", sides=(("自民党", "मोदी"), ("民主党", "राहुल"))),
            MirroredNames(kind="candidate", sides=(("이재명",), ("김문수",))),
            MirroredNames(kind="party", sides=(("LDP",), ("CDP",))),
        )
    )
)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Reds stole it from Lee", "Blues stole it from Roe"),
        ("the Red Party and the Blues", "the Blue Party and the Reds"),
        ("REDS AND ANN LEE LOST", "BLUES AND BO ROE LOST"),
        ("ann lee's ballots", "bo roe's ballots"),
        ("I Reds' #Lee @Lee!", "I Blues' #Roe @Roe!"),
        ("reds are a colour, Redskins and Leeds too", "reds are a colour, Redskins and Leeds too"),
        ("the Green List is Green", "the The Browns is Brown"),
        ("PT ganhou", "PL ganhou"),
        ("PSD ganhou", "PT ganhou"),
    ],
)
def test_sides_are_swapped_and_letters_keep_their_case(text, other):
    assert TWO.turned(text, 1) == other


def test_three_sides_have_two_mirrors_and_a_text_without_sides_has_none():
    assert TWO.mirrors("PT won") == {1: "PL won", 2: "PSD won"}
    assert TWO.mirrors("Lee won") == {1: "Roe won"}
    assert TWO.mirrors("they won") == {}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("昨日自民党は勝った", "昨日民主党は勝った"),
        ("이재명은 이겼다", "김문수은 이겼다"),
        ("昨日LDPが勝った", "昨日CDPが勝った"),
        ("LDP가 LDPs", "CDP가 LDPs"),
        ("मोदी जीते", "राहुल जीते"),
        ("मोदीा जीते", "मोदीा जीते"),
    ],
)
def test_names_are_found_in_scripts_without_spaces_and_not_inside_words(text, other):
    assert UNSPACED.turned(text, 1) == other


def test_sides_are_named_by_their_first_name():
    assert {(side.kind, side.name) for side in TWO.sides("the RED PARTY of Roe")} == {
        ("party", "Reds"),
        ("candidate", "Bo Roe"),
    }


@given(st.lists(st.sampled_from(["Reds", "LEE", "bo roe", "PT", "PSD", "won", "'s", " ", "é"])))
def test_turning_once_more_each_way_round_gives_the_text_back(words):
    text = " ".join(words)
    assert TWO.turned(TWO.turned(text, 1), 5) == text
    assert TWO.turned(text, 6) == text


def test_a_claim_is_one_sided_unless_it_says_the_same_of_another_side():
    def says(*statements):
        return claim(statements={"en": statements})

    assert is_one_sided(says("Reds vote on Monday"), TWO)
    assert not is_one_sided(says("Reds vote on Monday", "Blues vote on  monday"), TWO)
    assert not is_one_sided(says("One party votes on Monday"), TWO)
    assert not is_one_sided(says("PT cheated", "PL cheated"), TWO)


def test_a_mirrored_catalogue_speaks_of_the_other_side():
    one = claim(statements={"en": ("Reds vote on Monday",)})
    found = mirrored_catalogue(catalogue(packs=(TWO.pack,), claims=(one,)), TWO, 1)
    assert found.claims[one.claim_id].statements == {"en": ("Blues vote on Monday",)}
    assert found.claims[one.claim_id].sources == one.sources
