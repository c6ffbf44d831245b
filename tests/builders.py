"""Builders of frozen values for tests: name what matters, the rest is ordinary."""

from datetime import UTC, datetime

from streams.detect.catalogue import Catalogue
from streams.detect.detection import Detection, Judged, Match
from streams.labels.findings import find
from streams.labels.life import Basis, advance_post
from streams.labels.rulebook import Rulebook
from streams.schema import (
    Authority,
    Claim,
    ClaimSource,
    ClaimType,
    Decision,
    Election,
    ElectionPack,
    MirroredNames,
    Op,
    Post,
    Review,
    SourceStance,
    Span,
    Stance,
)

RECEIVED = datetime(2026, 11, 4, 12, 0, 1, tzinfo=UTC)
CREATED = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)
AT = datetime(2026, 11, 4, 13, 0, 0, tzinfo=UTC)


def post(post_id="p1", text="dead people voted", *, op=Op.CREATE, version="1", **fields):
    fields = {"created_at": CREATED, "received_at": RECEIVED, "source": "test", **fields}
    return Post(post_id=post_id, text=text, op=op, version=version, **fields)


def source(publisher="Election Office", *, stance=SourceStance.DISPUTES, **fields):
    fields = {"title": "No such votes were found", "language": "en", **fields}
    url = f"https://{publisher.lower().replace(' ', '-')}.example"
    return ClaimSource(publisher=publisher, stance=stance, url=url, **fields)


def claim(claim_id="zz-dead-voters", *, jurisdiction="ZZ", **fields):
    defaults = {
        "types": (ClaimType.FRAUD,),
        "topic": {"en": "dead people on the voter rolls"},
        "statements": {"en": ("dead people voted in this election",)},
        "sources": (source(), source("Daily Checker")),
    }
    return Claim(claim_id=claim_id, jurisdiction=jurisdiction, **{**defaults, **fields})


def pack(jurisdiction="ZZ", **fields):
    defaults = {
        "name": {"en": "Zedland"},
        "languages": ("en",),
        "authority": Authority(name={"en": "Zed Election Board"}, url="https://zeb.example"),
        "elections": (
            Election(
                election_id="zz-2026",
                name={"en": "Zedland general election"},
                polls_open=datetime(2026, 11, 3, 6, tzinfo=UTC),
                polls_close=datetime(2026, 11, 3, 20, tzinfo=UTC),
                certified_by=datetime(2026, 11, 25, tzinfo=UTC),
            ),
        ),
        "words": {"en": ("Zedland election",)},
        "mirrored_names": (MirroredNames(kind="party", sides=(("Reds",), ("Blues",))),),
    }
    return ElectionPack(jurisdiction=jurisdiction, **{**defaults, **fields})


def catalogue(*, packs=None, claims=None):
    return Catalogue.of(
        (pack(),) if packs is None else packs, (claim(),) if claims is None else claims
    )


def detection(**fields):
    defaults = {
        "language": "en",
        "election": Judged(is_=True, score=0.9),
        "claim": Judged(is_=True, score=0.9),
        "types": (ClaimType.FRAUD,),
        "stance": Stance.ASSERTS,
        "spans": (Span(start=0, end=4),),
        "matches": (),
        "jurisdictions": (),
    }
    return Detection(**{**defaults, **fields})


def match(claim_id="zz-dead-voters", score=0.9):
    return Match(claim_id=claim_id, score=score, spans=(Span(start=0, end=11),))


def book(*, packs=None, claims=None, policy=None):
    return Rulebook.of(
        (pack(),) if packs is None else packs, (claim(),) if claims is None else claims, policy
    )


def basis(detector="test-1", rule_set="r1", *, at=AT, **rules):
    return Basis(detector, rule_set, rules.pop("book", None) or book(**rules), at)


def step(current, post, found=None, on=None):
    """What follows from a version of a post that asserts a known claim, or says what is found."""
    found = detection(matches=(match(),)) if found is None else found
    on = on or basis()
    return advance_post(current, post, find(post, found, catalogue()), found.language, on)


def review(label, decision=Decision.REJECT, *, post_id="p1", at=AT, **fields):
    defaults = {"reviewer": "r", "reason": "it says something else"}
    return Review.of(
        post_id=post_id,
        post_version=fields.pop("post_version", label.post_version),
        label_id=label.label_id,
        decision=decision,
        made_at=at,
        **{**defaults, **fields},
    )
