"""The rulebook in force: packs, claims and policy as they were read last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from streams.detect.shelf import ClaimShelf
from streams.labels.rulebook import Rulebook, newest
from streams.schema import POLICY_KEY, Policy
from streams.topics import POLICIES
from streams.worker.follow import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiokafka import AIOKafkaConsumer

    from streams.schema import ElectionPack
    from streams.settings import KafkaSettings

log = structlog.get_logger(__name__)


class Rules:
    """Holds the newest rulebook; complete when packs, claims and policy were read."""

    def __init__(self, on_policy: Callable[[Policy], None] = lambda _policy: None) -> None:
        """Make rules that know nothing yet.

        Args:
            on_policy: told of every policy that is taken into use.
        """
        self._on_policy = on_policy
        self._packs: tuple[ElectionPack, ...] | None = None
        self._claims = ClaimShelf({})
        self._policy: Policy | None = None
        self._book: Rulebook | None = None
        self._complete = asyncio.Event()

    @property
    def has_policy(self) -> bool:
        """Whether the policy was read, or that there is none."""
        return self._policy is not None

    async def book(self) -> Rulebook:
        """Return the newest rulebook; wait for the first.

        Deciding without the policy would show labels that an operator keeps back.
        """
        while self._book is None:
            await self._complete.wait()
        return self._book

    def on_claims(self, packs: Iterable[ElectionPack], claims: ClaimShelf) -> None:
        """Take packs and claims of every status into use."""
        self._packs, self._claims = tuple(packs), claims
        self._swap()

    def on_policy(self, policy: Policy) -> None:
        """Take a policy into use."""
        if policy == self._policy:
            return
        self._policy = policy
        log.info("policy_swapped", version=policy.version, policy=policy.digest)
        self._on_policy(policy)
        self._swap()

    def _swap(self) -> None:
        if self._packs is None or self._policy is None:
            return
        book = Rulebook.of(self._packs, self._claims, self._policy)
        if self._book is None or book.change_since(self._book):
            self._book = book
            self._complete.set()


class PolicyReading:
    """One reading of the `policies` topic: the highest version counts, none means the default."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._policy: Policy | None = None
        self._unreadable = False

    def keep(self, key: bytes | None, value: bytes | None) -> None:
        """Fold one record; one that cannot be read leaves the last good policy in force."""
        if key != POLICY_KEY.encode():
            return
        self._unreadable = False
        if value is None:
            self._policy = None
            return
        try:
            self._policy = newest(self._policy, Policy.from_json(value))
        except ValidationError as exc:
            self._unreadable = True
            log.error("policy_unreadable", errors=exc.error_count())  # noqa: TRY400 - the count says it

    async def complete(self) -> None:
        """Take what was read into use; nothing when all that there is cannot be read.

        The default would show labels that the operator wanted to keep back.
        """
        if self._policy is not None or not self._unreadable:
            self._rules.on_policy(self._policy or Policy())


async def follow_policy(
    settings: KafkaSettings, reader: Callable[[KafkaSettings], AIOKafkaConsumer], rules: Rules
) -> None:
    """Follow the `policies` topic until cancelled."""
    await follow(settings, reader, POLICIES, lambda: PolicyReading(rules))
