"""Revising and withdrawing a published claim: a new version of it, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from streams.packs.claims_topic import read_claims_topic
from streams.packs.errors import ClaimsTopicError
from streams.packs.writer import Entry, sole_writer
from streams.schema import Claim, ClaimStatus, stable_id
from streams.topics import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streams.packs.folder import PackFolder
    from streams.settings import KafkaSettings


def _utc_now() -> datetime:
    return datetime.now(UTC)


def revise(
    settings: KafkaSettings,
    claim_id: str,
    status: ClaimStatus,
    reason: str,
    folder: PackFolder | None = None,
    *,
    now: Callable[[], datetime] = _utc_now,
) -> Claim:
    """Publish the next version of a claim; return it.

    Args:
        settings: where Kafka is.
        claim_id: of a published claim.
        status: of the new version; labels stand by `active` ones only.
        reason: why; stands in every label event that follows.
        folder: files with the claim's new content; none: it stays as it is.
        now: time of publication.

    Raises:
        ClaimsTopicError: Kafka failed, there is no such claim, or the new version
            would say what the published one says; nothing was written.
    """
    topic = settings.topic(CLAIMS)
    with sole_writer(settings, topic, name=CLAIMS.name, error=ClaimsTopicError) as writer:
        published = read_claims_topic(settings).records.get(claim_id)
        if not isinstance(published, Claim):
            raise ClaimsTopicError(
                f"no claim {claim_id!r} is published; `hustings claims list` names those that are"
            )
        claim = _next(published, _content(claim_id, published, folder), status, reason)
        event_id = stable_id(claim.claim_id, str(claim.version))
        writer.write([Entry(claim.claim_id, claim, event_id)], now())
    return claim


def _content(claim_id: str, published: Claim, folder: PackFolder | None) -> Claim:
    if folder is None:
        return published
    for claim in folder.claims:
        if claim.claim_id == claim_id:
            return claim
    raise ClaimsTopicError(f"the files hold no claim {claim_id!r}; nothing was written")


def _next(published: Claim, content: Claim, status: ClaimStatus, reason: str) -> Claim:
    changes = {"status": status, "reason": reason}
    try:
        claim = Claim.model_validate(
            {**content.model_dump(), **changes, "version": published.version + 1}
        )
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"]
        raise ClaimsTopicError(f"reason: {said}; nothing was written") from error
    ignored = {"version", "reason"}
    if claim.model_dump(exclude=ignored) == published.model_dump(exclude=ignored):
        raise ClaimsTopicError(f"{claim_said(published)} says that already; nothing was written")
    return claim


def claim_said(claim: Claim) -> str:
    """Return how messages name a version of a claim."""
    return f"{claim.claim_id} version {claim.version} ({claim.status.value})"
