"""One review: who says what of which claim."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from streams.detect.language import UNDETERMINED, base_tag, tell_language
from streams.packs.claim_review.ratings import stance_of_number, stance_of_text
from streams.packs.languages import KNOWN
from streams.schema import SourceStance

if TYPE_CHECKING:
    from streams.packs.claim_review.feed import Element

MOST_CHARACTERS: Final = 500
"""Of a claim, as the schema has it."""
_MOST_ADDRESS: Final = 2048
_SPACE = re.compile(r"\s+")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = "\u200c\u200d"
"""Indic scripts spell with them."""


class BadReviewError(ValueError):
    """A review that cannot be taken; says which part of it and why."""


@dataclass(frozen=True, slots=True)
class Review:
    """What is taken of a ClaimReview."""

    place: str
    claim: str
    language: str
    publisher: str
    url: str
    stance: SourceStance
    published: date | None
    since: datetime | None
    """When the claim was first made, as far as the review says: from that day on it matches."""
    until: datetime | None
    """When the review says that it expires."""


def read_review(element: Element) -> Review:
    """Return what a review says.

    Raises:
        BadReviewError: a part that is needed is missing or is not what it must be.
    """
    value = element.value
    claim = _text(value.get("claimReviewed"))
    if not claim:
        raise BadReviewError("claimReviewed: no text")
    if len(claim) > MOST_CHARACTERS:
        raise BadReviewError(f"claimReviewed: longer than {MOST_CHARACTERS} characters")
    url = _address(value)
    since = _first_day(value.get("itemReviewed"))
    until = _moment(value, "expires", "expires")
    if since is not None and until is not None and since >= until:
        raise BadReviewError("expires: not after the day on which the claim was made")
    published = _moment(value, "datePublished", "datePublished")
    return Review(
        place=element.place,
        claim=claim,
        language=_language(value.get("inLanguage"), claim),
        publisher=_publisher(value, url),
        url=url,
        stance=_stance(value.get("reviewRating")),
        published=published.date() if published is not None else None,
        since=since,
        until=until,
    )


def _text(value: Any) -> str:
    """Return a text in single spaces without hidden characters; of a list its first."""
    if isinstance(value, list):
        value = next((one for one in value if isinstance(one, str)), None)
    if not isinstance(value, str):
        return ""
    shown = "".join(
        char if char in _JOINERS or unicodedata.category(char) not in _HIDDEN else " "
        for char in value[: 20 * MOST_CHARACTERS]
    )
    return _SPACE.sub(" ", shown).strip()


def _objects(value: Any) -> list[dict[str, Any]]:
    given = value if isinstance(value, list) else [value]
    return [one for one in given if isinstance(one, dict)]


def _address(value: dict[str, Any]) -> str:
    given = value.get("url")
    url = given.strip() if isinstance(given, str) else ""
    if not url:
        raise BadReviewError("url: no address of the review")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise BadReviewError("url: an address that cannot be read") from None
    if (
        parts.scheme not in {"http", "https"}
        or not url.startswith(("http://", "https://"))
        or not host
        or len(url) > _MOST_ADDRESS
        or not url.isprintable()
        or " " in url
    ):
        raise BadReviewError("url: not an http(s) address")
    return url


def _publisher(value: dict[str, Any], url: str) -> str:
    """Return who published the review; where no name is given, the host of its address."""
    for name in ("author", "publisher"):
        for one in _objects(value.get(name)):
            if found := _text(one.get("name")):
                return found[:MOST_CHARACTERS]
        if found := _text(value.get(name)):
            return found[:MOST_CHARACTERS]
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _language(given: Any, claim: str) -> str:
    if isinstance(given, dict):
        given = given.get("alternateName") or given.get("name")
    if isinstance(given, list):
        given = next(iter(given), None)
    told = base_tag(given.strip()) if isinstance(given, str) else ""
    if told in KNOWN:
        return told
    found = tell_language(claim).code
    if found == UNDETERMINED or found not in KNOWN:
        raise BadReviewError("inLanguage: no known language, and none can be told from the claim")
    return found


def _stance(given: Any) -> SourceStance:
    for rating in _objects(given):
        words = _text(rating.get("alternateName")) or _text(rating.get("name"))
        if words and (stance := stance_of_text(words)) is not SourceStance.CONTEXT:
            return stance
        value = _number(rating.get("ratingValue"))
        # Words that are known to be in between are not overruled by a number.
        if not words and value is not None:
            return stance_of_number(
                value, _number(rating.get("worstRating")), _number(rating.get("bestRating"))
            )
        if not words and (said := _text(rating.get("ratingValue"))):
            return stance_of_text(said)
    words = _text(given)
    return stance_of_text(words) if words else SourceStance.CONTEXT


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _first_day(item: Any) -> datetime | None:
    """Return the beginning of the first day on which the claim was made, of all that are named."""
    named = []
    for one in _objects(item):
        named.append(_moment(one, "datePublished", "itemReviewed.datePublished"))
        for name in ("firstAppearance", "appearance"):
            named += [
                _moment(place, "datePublished", f"itemReviewed.{name}.datePublished")
                for place in _objects(one.get(name))
            ]
    days = [moment for moment in named if moment is not None]
    if not days:
        return None
    # A day is over in the east before it begins in the west.
    first = datetime.combine(min(days).date(), time(), UTC)
    return first - timedelta(days=1) if first.year > 1 else first


def _moment(value: dict[str, Any], name: str, said: str) -> datetime | None:
    given = value.get(name)
    if given is None or given == "":
        return None
    text = given.strip() if isinstance(given, str) else ""
    try:
        moment = datetime.fromisoformat(text)
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        # Feeds carry times in many forms; the day is what counts.
        return datetime.combine(date.fromisoformat(text[:10]), time(), UTC)
    except ValueError:
        raise BadReviewError(f"{said}: not a date") from None
