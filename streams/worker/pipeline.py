"""From a chunk of raw records to what must be published: pure, resumable work.

Per-record faults end as dead letters here; nothing a record holds can raise
out of `process`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pydantic import ValidationError

from streams.detect.asking import Query
from streams.detect.detection import NOTHING
from streams.labels.findings import find
from streams.labels.life import advance_post
from streams.labels.observe import is_new_claim, observe
from streams.schema import DeadLetter, Fault, Op, Post, dataschema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streams.detect.catalogue import Catalogue
    from streams.detect.detection import Detection
    from streams.labels.latest import Latest
    from streams.labels.life import Basis, Step
    from streams.schema import LabelEvent, Observation, PostLabels

POST_SCHEMA = Post.dataschema().encode()
_DATASCHEMA_HEADER = ("ce_dataschema", POST_SCHEMA)
_DATASCHEMA_ALONE = (_DATASCHEMA_HEADER,)
_DATASCHEMA_PLACE = 5
"""Where our own connectors put it: one comparison instead of six for each record."""
_ORIGIN = "worker"
_AT_A_TIME = 4
"""Posts between two pauses: the encoder takes some 30 ms for each."""


class Record(Protocol):
    """What the pipeline reads of a Kafka record."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class PostDetector(Protocol):
    """What the pipeline needs of a detector."""

    version: str
    rule_set: str
    catalogue: Catalogue

    def gate(self, values: Sequence[bytes]) -> list[int]:
        """Return ascending indexes of the values that may be about an election."""
        ...

    def detect_all(
        self, queries: Sequence[Query], *, has_time: Callable[[], bool] = ...
    ) -> list[Detection]:
        """Return what each text says; stage one alone when `has_time` says no."""
        ...


@dataclass(slots=True)
class Outcome:
    """What one chunk gives, in the order of its records."""

    events: list[LabelEvent] = field(default_factory=list)
    states: dict[str, PostLabels] = field(default_factory=dict)
    """The newest state of each post that changed."""
    observations: list[Observation] = field(default_factory=list)
    """Claims that match nothing known, and posts that were changed or deleted."""
    dead_letters: list[DeadLetter] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Records by outcome: gated, nothing, labelled, unlabelled, stale, dead-letter."""
    stages: Counter[str] = field(default_factory=Counter)
    """Decoded posts by the last stage that judged them: gate, one, two, late."""
    candidates: Counter[str] = field(default_factory=Counter)
    """For the queue: observed, withdrawn, and unread (no time for the encoder)."""

    def add(self, post_id: str, step: Step) -> None:
        """Take what one input changed."""
        self.events.extend(step.events)
        if step.state is not None:
            self.states[post_id] = step.state

    def __bool__(self) -> bool:
        """Return whether there is something to publish."""
        return bool(self.events or self.states or self.observations or self.dead_letters)


@dataclass(frozen=True, slots=True)
class Bench:
    """What posts of one partition are decided with."""

    detector: PostDetector
    basis: Basis
    labels: Mapping[str, PostLabels]
    """Current state of the partition's posts; not changed here."""
    latest: Latest
    """Posts that were edited or deleted a while ago; learns more of them."""


def process(
    records: Sequence[Record],
    bench: Bench,
    has_time: Callable[[], bool] = lambda: True,
) -> Iterator[Outcome]:
    """Work through a chunk; yield the growing outcome after each step that takes time.

    The caller may pause at each yield, so that a chunk of long posts does not
    hold up the event loop. The last value yielded is complete, and there is at
    least one.

    Args:
        records: one partition's records in order.
        bench: what they are decided with.
        has_time: may the encoder still be asked? Else stage one judges alone.
    """
    outcome = Outcome()
    chosen = _choose(records, bench.detector, bench.labels)
    outcome.counts["gated"] = len(records) - len(chosen)
    posts: list[tuple[Record, Post]] = []
    for index in chosen:
        record = records[index]
        try:
            posts.append((record, decode(record)))
        except BadPostError as bad:
            outcome.counts["dead-letter"] += 1
            outcome.dead_letters.append(dead_letter(record, bad.fault, str(bad)))
        yield outcome
    for start in range(0, len(posts), _AT_A_TIME):
        part = posts[start : start + _AT_A_TIME]
        for (record, post), detection in zip(
            part, _detect([post for _, post in part], bench.detector, has_time), strict=True
        ):
            fault = detection if isinstance(detection, Exception) else None
            if not isinstance(detection, Exception):
                try:
                    _decide_post(record, post, detection, bench, outcome)
                except Exception as exc:  # noqa: BLE001 - one post must not stop all others
                    fault = exc
            if fault is not None:
                outcome.counts["dead-letter"] += 1
                outcome.dead_letters.append(
                    dead_letter(record, Fault.INTERNAL, f"{type(fault).__name__} while deciding")
                )
        yield outcome
    yield outcome


def _detect(
    posts: Sequence[Post], detector: PostDetector, has_time: Callable[[], bool]
) -> list[Detection | Exception]:
    """Return what each post says, or why that cannot be told: one must not spoil the others."""
    living = [post for post in posts if post.op is not Op.DELETE]
    queries = [Query(post.text, post.languages, post.created_at) for post in living]
    found: Sequence[Detection | Exception]
    try:
        found = detector.detect_all(queries, has_time=has_time)
    except Exception as exc:  # noqa: BLE001 - found again below, post by post
        if len(posts) == 1:
            return [exc]
        return [one for post in posts for one in _detect([post], detector, has_time)]
    by_post = iter(found)
    return [NOTHING if post.op is Op.DELETE else next(by_post) for post in posts]


def _choose(
    records: Sequence[Record], detector: PostDetector, labels: Mapping[str, PostLabels]
) -> list[int]:
    """Return the indexes of the records that must be decoded.

    These are: what the gate lets through, what is not shaped like our JSON or
    names another schema, and posts that have a state already.
    """
    # The gate lets through by itself what does not begin as an object.
    suspects = {
        index
        for index, record in enumerate(records)
        if record.value is None
        or record.value[-1:] != b"}"
        or (
            record.headers[_DATASCHEMA_PLACE : _DATASCHEMA_PLACE + 1] != _DATASCHEMA_ALONE
            and _DATASCHEMA_HEADER not in record.headers
        )
    }
    if labels:
        suspects.update(
            index
            for index, record in enumerate(records)
            if record.key is not None and record.key.decode("utf-8", "replace") in labels
        )
    passed = detector.gate([record.value or b"" for record in records])
    return sorted(suspects.union(passed))


class BadPostError(ValueError):
    """A record that is not a post; says why, without the post's text."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def decode(record: Record) -> Post:
    """Return the record's post.

    Raises:
        BadPostError: with the kind of fault and the place inside the record.
    """
    value = record.value
    if value is None:
        raise BadPostError(Fault.INVALID, "the record has no value; deletes carry op delete")
    schema = dataschema_of(record.headers)
    if schema is not None and schema != POST_SCHEMA:
        named = schema[:100].decode("ascii", "backslashreplace")
        raise BadPostError(
            Fault.UNKNOWN_SCHEMA, f"schema {named!r}; this worker reads {Post.dataschema()}"
        )
    try:
        post = Post.from_json(value)
    except ValidationError as exc:
        raise BadPostError(*_explain(exc)) from None
    if record.key is None or record.key.decode("utf-8", "replace") != post.post_id:
        # The label state is kept by partition: under another key it would be another worker's.
        raise BadPostError(Fault.NO_KEY, "the record's key is not the post's post_id")
    return post


def _explain(exc: ValidationError) -> tuple[Fault, str]:
    errors = exc.errors(include_input=False, include_url=False, include_context=False)
    if errors[0]["type"] == "json_invalid":
        message = errors[0]["msg"]
        if "unicode code point" in message or "surrogate" in message:
            return Fault.NOT_UTF8, message
        if "recursion" in message:
            return Fault.TOO_DEEP, message
        return Fault.NOT_JSON, message
    listed = "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'post'}: {error['msg']}" for error in errors[:5]
    )
    if "NUL character" in listed:
        return Fault.NUL_CHARACTER, listed
    if "a day after received_at" in listed:
        return Fault.FUTURE_DATE, listed
    return Fault.INVALID, listed


def _decide_post(
    record: Record, post: Post, detection: Detection, bench: Bench, outcome: Outcome
) -> None:
    outcome.stages[detection.stage] += 1
    catalogue = bench.detector.catalogue
    current = outcome.states.get(post.post_id) or bench.labels.get(post.post_id)
    if bench.latest.is_newer_than(post):
        outcome.counts["stale"] += 1
        return
    findings = find(post, detection, catalogue)
    step = advance_post(current, post, findings, detection.language, bench.basis)
    outcome.add(post.post_id, step)
    if step.stale:
        outcome.counts["stale"] += 1
        return
    bench.latest.note(post, record.timestamp)
    _observe(post, detection, catalogue, outcome)
    state = step.state or current
    if state is not None and state.labels:
        outcome.counts["labelled"] += 1
    elif detection.claim.is_:
        outcome.counts["unlabelled"] += 1
    else:
        outcome.counts["nothing"] += 1


def _observe(post: Post, detection: Detection, catalogue: Catalogue, outcome: Outcome) -> None:
    observation = observe(post, detection, catalogue)
    if observation is not None:
        outcome.observations.append(observation)
        outcome.candidates["withdrawn" if observation.withdrawn else "observed"] += 1
    if is_new_claim(detection, catalogue) and not detection.vector:
        outcome.candidates["unread"] += 1


def dead_letter(record: Record, fault: Fault, detail: str) -> DeadLetter:
    """Return the dead letter of a record that a worker could not read."""
    return DeadLetter.of(
        origin=_ORIGIN,
        place=f"{record.topic}[{record.partition}]@{record.offset}",
        fault=fault,
        detail=detail,
        original=record.value or b"",
        # The record's own time, not the clock: handled again, the letter is the same.
        happened_at=datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC),
    )
