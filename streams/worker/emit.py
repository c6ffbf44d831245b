"""Publishing what a chunk gave: events, then states, then the offset may go.

A crash between the steps repeats the same ids; it never leaves an offset
committed before what it stands for was published.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import structlog

from streams.schema import (
    DeadLetter,
    LabelEvent,
    Observation,
    PostLabels,
    cloudevent_headers,
    stable_id,
)
from streams.topics import DEAD_LETTERS, LABEL_EVENTS, LABELS, OBSERVATIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from streams.schema import Headers
    from streams.settings import KafkaSettings
    from streams.topics import TopicSpec
    from streams.worker.pipeline import Outcome

log = structlog.get_logger(__name__)

_SOURCE = "/hustings/label"
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers
    partition: int | None = None
    """None: by the key."""


class Send(Protocol):
    """Enqueue one record; the inner awaitable is done when the broker has it."""

    async def __call__(self, record: Outgoing) -> Awaitable[object]:
        """Return the pending acknowledgement."""
        ...


class GiveUpError(Exception):
    """The broker did not take the records within the time allowed."""


class Emitter:
    """Publishes outcomes in order and waits for every acknowledgement."""

    def __init__(
        self,
        settings: KafkaSettings,
        send: Send,
        *,
        give_up_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make an emitter.

        Args:
            settings: topic names.
            send: how one record is enqueued.
            give_up_seconds: how long sends are tried again.
            clock: monotonic seconds.
            now: time of publication, for the headers.
        """
        self._settings = settings
        self._send = send
        self._give_up_seconds = give_up_seconds
        self._clock = clock
        self._now = now

    async def publish(self, outcome: Outcome, partition: int) -> None:
        """Publish events, observations and dead letters, then states; wait for every receipt.

        Raises:
            GiveUpError: the broker did not take them in time; nothing may be committed.
        """
        now = self._now()
        await self._deliver(
            [
                *(self._event(event, partition, now) for event in outcome.events),
                *(self._observation(one, partition, now) for one in outcome.observations),
                *(self._dead_letter(letter, now) for letter in outcome.dead_letters),
            ]
        )
        await self._deliver(
            [self._state(state, partition, now) for state in outcome.states.values()]
        )

    async def _deliver(self, records: Sequence[Outgoing]) -> None:
        """Send all; after a failure send again from the first failed one on.

        Sending only the failed ones again would put an older event of a post
        behind a newer one.
        """
        deadline = self._clock() + self._give_up_seconds
        pause = _FIRST_PAUSE_SECONDS
        rest = records
        while rest:
            results = await self._attempt(rest)
            failed = next(
                (at for at, result in enumerate(results) if isinstance(result, Exception)), None
            )
            if failed is None:
                return
            log.warning(
                "send_failed", left=len(rest) - failed, error=repr(results[failed]), pause=pause
            )
            if self._clock() + pause > deadline:
                raise GiveUpError(
                    f"{len(rest) - failed} records not taken within {self._give_up_seconds:.0f} s: "
                    f"{results[failed]!r}"
                )
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            rest = rest[failed:]

    async def _attempt(self, records: Sequence[Outgoing]) -> list[object]:
        pending: list[Awaitable[object]] = []
        refused: list[object] = []
        for record in records:
            try:
                pending.append(await self._send(record))
            except Exception as exc:  # noqa: BLE001 - any failure to send is answered alike
                refused.append(exc)
                break
        return [*await asyncio.gather(*pending, return_exceptions=True), *refused]

    def _event(self, event: LabelEvent, partition: int, now: datetime) -> Outgoing:
        return self._record(LABEL_EVENTS, event, event.post_id, event.event_id, now, partition)

    def _observation(self, one: Observation, partition: int, now: datetime) -> Outgoing:
        event_id = stable_id(one.post_id, one.post_version)
        return self._record(OBSERVATIONS, one, one.post_id, event_id, now, partition)

    def _state(self, state: PostLabels, partition: int, now: datetime) -> Outgoing:
        # Of the content: claims and reviews change the labels of one and the same version.
        event_id = stable_id(state.to_json().decode("utf-8", "surrogatepass"))
        return self._record(LABELS, state, state.post_id, event_id, now, partition)

    def _dead_letter(self, letter: DeadLetter, now: datetime) -> Outgoing:
        name = letter.dead_letter_id
        return self._record(DEAD_LETTERS, letter, name, name, now)

    def _record(  # noqa: PLR0917 - what a record is made of
        self,
        topic: TopicSpec,
        said: DeadLetter | LabelEvent | Observation | PostLabels,
        key: str,
        event_id: str,
        now: datetime,
        partition: int | None = None,
    ) -> Outgoing:
        return Outgoing(
            topic=self._settings.topic(topic),
            key=key.encode(),
            value=said.to_json(),
            headers=cloudevent_headers(type(said), event_id=event_id, source=_SOURCE, time=now),
            partition=partition,
        )
