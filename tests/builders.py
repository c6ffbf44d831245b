"""Builders of frozen values for tests: name what matters, the rest is ordinary."""

from datetime import UTC, datetime

from streams.detect.catalogue import Catalogue
from streams.detect.detection import Detection, Judged, Match
from streams.schema import (
    Authority,
    Claim,
    ClaimSource,
    ClaimType,
    Election,
    ElectionPack,
    MirroredNames,
    Op,
    Post,
    SourceStance,
    Span,
    Stance,
)

RECEIVED = datetime(2026, 11, 4, 12, 0, 1, tzinfo=UTC)
CREATED = datetime(2026, 11, 4, 12, 0, 0, tzinfo=UTC)


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
