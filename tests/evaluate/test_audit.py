from dataclasses import replace

from streams.detect.detection import Judged
from streams.evaluate.audit import audit, make_pairs
from streams.evaluate.pairs import Origin, load_templates
from streams.evaluate.samples import Sample
from streams.schema import ClaimType, Stance
from tests.builders import catalogue, claim, detection, match
from tests.evaluate.sides import Says

ONE_SIDED = claim("zz-reds-monday", statements={"en": ("Reds vote on Monday",)})


def pairs_of(of, *texts):
    return make_pairs(of, [Sample(f"s{at}", text, "en") for at, text in enumerate(texts)])


def run(say, *texts, of=None, **options):
    def build(content):
        return Says(lambda text: say(text, content), of=content)

    content = catalogue() if of is None else of
    return audit(build(content), build, pairs_of(content, *texts), **options)


def even(text, _catalogue):
    return detection() if "ballot" in text else None


def test_pairs_come_from_templates_statements_and_posts():
    of = catalogue(claims=(ONE_SIDED,))
    pairs = pairs_of(of, "Reds won", "nobody won")
    texts = {origin: [] for origin in Origin}
    for pair in pairs:
        texts[pair.origin].append((pair.first.text, pair.second.text))
    assert len(texts[Origin.TEMPLATE]) == len(load_templates()["en"])
    assert all("Reds" in one and "Blues" in other for one, other in texts[Origin.TEMPLATE])
    assert texts[Origin.STATEMENT] == [("Reds vote on Monday", "Blues vote on Monday")]
    assert texts[Origin.POST] == [("Reds won", "Blues won")]


def test_template_posts_date_from_the_night_of_the_election():
    of = catalogue()
    moments = {p.first.created_at for p in make_pairs(of, [])}
    assert moments == {of.packs["ZZ"].elections[0].polls_close}


def test_a_detector_that_does_not_look_at_sides_is_neutral():
    found = run(even, "Reds threw ballots away")
    assert found.is_neutral
    assert found.flips == ()
    assert found.flips_by_field() == {"claim": 0, "label": 0, "types": 0, "stance": 0}
    rates = {rate.side: (rate.posts, rate.claims) for rate in found.rates}
    assert rates["Reds"] == rates["Blues"]


def test_a_detector_that_prefers_a_side_is_found_out_in_every_field():
    def biased(text, _catalogue):
        one = detection(stance=Stance.ASSERTS, types=(ClaimType.FRAUD,))
        if "monday" in text:
            return one if "Reds" in text else None
        if "tuesday" in text:
            return one if "Reds" in text else replace(one, stance=Stance.DENIES)
        if "friday" in text:
            return one if "Reds" in text else replace(one, types=(ClaimType.MAIL,))
        return None

    found = run(biased, "Reds monday", "Blues tuesday", "Reds friday", show_text=True)
    assert not found.is_neutral
    assert found.flips_by_field() == {"claim": 1, "label": 0, "types": 2, "stance": 2}
    assert [flip.pair_id for flip in found.flips] == ["s0", "s1", "s2"]
    assert found.flips[0].texts == ("Reds monday", "Blues monday")
    assert found.flips[0].sides == (("Reds",), ("Blues",))
    assert found.flips[1].differences["stance"] == ("denies", "asserts")
    assert found.flips[0].claim_ids == ()


def test_a_difference_of_scores_is_reported_and_is_no_flip():
    def leaning(text, _catalogue):
        return detection(claim=Judged(is_=True, score=0.9 if "Reds" in text else 0.7))

    found = run(leaning, "Reds won")
    assert found.is_neutral
    assert round(found.packs["ZZ"].largest_difference, 6) == 0.2


def test_texts_are_kept_only_when_asked_for():
    found = run(lambda text, _: detection() if "Reds" in text else None, "Reds won")
    assert found.flips
    assert all(flip.texts is None for flip in found.flips)


def knows(text, content):
    """Match a claim when the text is one of its statements, and nothing else."""
    for one in content.claims.values():
        if text in one.statements["en"]:
            return detection(matches=(match(one.claim_id),))
    return None


def test_a_flip_that_a_claim_about_one_side_makes_is_blamed_on_it():
    found = run(knows, "Blues vote on Monday", of=catalogue(claims=(ONE_SIDED,)))
    assert [one.claim_id for one in found.one_sided] == ["zz-reds-monday"]
    assert {flip.pair_id for flip in found.flips} == {"zz-reds-monday:en-1", "s0"}
    assert all(flip.claim_ids == ("zz-reds-monday",) for flip in found.flips)
    assert not found.is_neutral


def test_a_claim_that_says_the_same_of_all_sides_is_sound():
    both = claim(statements={"en": ("Reds vote on Monday", "Blues vote on Monday")})
    found = run(knows, "Blues vote on Monday", of=catalogue(claims=(both,)))
    assert found.one_sided == ()
    assert found.is_neutral


def loosely(text, content):
    """Match a claim whatever side its statement names: what masked sides would do."""
    for one in content.claims.values():
        for said in one.statements["en"]:
            if said.split()[1:] == text.split()[1:] or said == text.split(" ", 1)[-1]:
                return detection(matches=(match(one.claim_id),))
    return None


def test_a_claim_about_one_side_fails_the_audit_though_nothing_flips():
    found = run(lambda _text, _content: None, of=catalogue(claims=(ONE_SIDED,)))
    assert (found.flips, found.misplaced) == ((), ())
    assert [one.claim_id for one in found.one_sided] == ["zz-reds-monday"]
    assert not found.is_neutral


def test_a_claim_about_one_side_put_beside_a_post_about_another_is_misplaced():
    found = run(loosely, "Blues vote on Monday", of=catalogue(claims=(ONE_SIDED,)))
    assert found.flips == ()
    assert {one.pair_id for one in found.misplaced} == {"zz-reds-monday:en-1", "s0"}
    assert not found.is_neutral


def test_a_claim_that_also_says_it_without_sides_is_not_misplaced():
    mixed = claim(statements={"en": ("Reds vote on Monday", "vote on Monday")})
    found = run(loosely, "Blues vote on Monday", of=catalogue(claims=(mixed,)))
    assert [one.claim_id for one in found.one_sided] == [mixed.claim_id]
    assert found.misplaced == ()


def test_every_template_has_one_slot():
    for language, templates in load_templates().items():
        assert templates, language
        assert len(set(templates)) == len(templates)
        assert all(template.count("{side}") == 1 for template in templates), language
