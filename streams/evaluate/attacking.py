"""The attacks that an evaluation tries: ways to disguise a text's election words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.attacks import ATTACKS, election_words

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from streams.evaluate.run import Attack


def load_attacks() -> Mapping[str, Attack]:
    """Return the attacks by name, each on the words that name an election."""
    return {name: _on_election_words(name) for name in sorted(ATTACKS)}


def _on_election_words(name: str) -> Attack:
    def attack(text: str, chance: random.Random) -> str:
        return ATTACKS[name](text, election_words(text), chance)

    return attack
