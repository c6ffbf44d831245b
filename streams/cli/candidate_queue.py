"""The queue of new claims for commands: read whole, and what its examples say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Self

import typer

from streams.candidates.errors import CandidatesError, CandidatesUnavailable
from streams.cli.kafka_errors import kafka_or_exit
from streams.schema import Candidate, Example, Post
from streams.settings import Settings
from streams.up.printable import printable

WIDTH = 100


def read_queue() -> dict[str, Candidate]:
    """Return all candidates, merged and retired ones too, or end with why not.

    Raises:
        typer.Exit: Kafka does not answer (75), or the topic is missing.
    """
    from streams.candidates.topic import read_candidates  # noqa: PLC0415 - see Texts

    try:
        return read_candidates(Settings().kafka)
    except CandidatesError as error:
        typer.echo(printable(str(error), 400), err=True)
        raise typer.Exit(error.exit_code) from None


def find_or_exit(queue: dict[str, Candidate], candidate_id: str) -> Candidate:
    """Return a candidate; an id that was merged leads to where it went.

    Raises:
        typer.Exit: there is none; the exit status is 1.
    """
    one = queue.get(candidate_id)
    for _ in range(len(queue)):
        if one is None or one.merged_into is None:
            break
        typer.echo(f"{one.candidate_id} is now part of {one.merged_into}", err=True)
        one = queue.get(one.merged_into)
    if one is None or one.merged_into is not None:
        typer.echo(
            f"There is no candidate {printable(candidate_id, 80)!r}; `hustings candidates list` "
            "prints their ids.",
            err=True,
        )
        raise typer.Exit(1)
    return one


class Texts:
    """What examples say, as long as their posts are kept."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._wanted = wanted
        self._stack = ExitStack()
        self._finder: Any = None

    def __enter__(self) -> Self:
        if self._wanted:
            # Kafka's client only when it is needed: it takes a second to import.
            from streams.candidates.posts import PostFinder  # noqa: PLC0415

            settings = Settings().kafka
            with kafka_or_exit(settings, status=CandidatesUnavailable.exit_code):
                self._finder = self._stack.enter_context(PostFinder(settings))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def posts(self, one: Candidate, most: int) -> Iterator[tuple[Example, Post | None]]:
        """Yield examples with their posts, None where it is no longer kept."""
        for example in one.examples[:most]:
            yield example, self._finder.find(example) if self._finder is not None else None

    def of(self, one: Candidate, most: int) -> Iterable[str]:
        """Yield a line for each example, safe to print."""
        for example, post in self.posts(one, most):
            where = printable(example.url or example.post_id, 80)
            said = f" {printable(post.text, WIDTH)}" if post is not None else ""
            yield f"[{printable(example.language, 12)} {example.stance.value}]{said} {where}"
