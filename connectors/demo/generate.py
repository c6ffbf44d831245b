"""Make the demonstration posts: `python -m connectors.demo.generate`.

The same texts give the same bytes: no clock, and chance only from a seed.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.demo import demo_path
from connectors.demo.stories import Story, load_stories
from connectors.demo.texts import LANGUAGES, Dice, Texts, in_a_voice, load_texts, spoken, with_slip

if TYPE_CHECKING:
    from pathlib import Path

SEED = "hustings-demo-1"
BEGIN = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)
"""The evening of the midterms in the United States: one count is open, others are long over."""
LENGTH = timedelta(hours=12)
USES = 4
"""How often an everyday line comes back, each time in other words."""
FIRST_STORY_AT = 14
"""Posts before the first claim: few, so that a viewer sees a label at once."""
EDITED_SHARE = 0.02
DELETED_SHARE = 0.01

_AUTHORS = """
ana.bakes amara.hikes bea.reads bruno.bikes carla.runs chidi.codes dani.paints dora.knits
elif.sings emil.naps farah.reads felix.gardens gita.travels greta.drives hana.teaches hugo.runs
ines.sings ivo.bikes jaya.codes jonas.bakes kasia.knits kofi.paints lena.hikes luca.naps
maja.reads marek.runs nadia.bakes nico.drives olga.gardens omar.travels paula.teaches pavel.codes
quim.sings rosa.bikes rui.naps sana.paints stefan.knits tara.hikes tomek.gardens uma.reads
vera.runs vik.bakes wanda.teaches willa.travels xenia.drives yara.codes yusuf.paints zoe.sings
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file before it has its id."""

    second: int
    post: int
    version: int
    op: str
    text: str
    language: str
    author: str
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    language: str
    story: Story | None = None
    is_reply: bool = False


def post_id(number: int) -> str:
    """Return the global id of the post with that number."""
    return f"demo:{number:04d}"


def make_lines() -> list[Line]:
    """Return all lines of the file, by event time."""
    dice = Dice(SEED)
    drafts = _with_stories(_everyday(dice), load_stories())
    seconds = _moments(len(drafts), dice)
    lines: list[Line] = []
    spoken_to: dict[str, list[int]] = {language: [] for language in LANGUAGES}
    for number, (second, draft) in enumerate(zip(seconds, drafts, strict=True), 1):
        recent = spoken_to[draft.language][-8:]
        reply_to = dice.pick(recent) if draft.is_reply and recent else None
        lines += _life_of(number, second, draft, reply_to, dice)
        if not draft.is_reply:
            spoken_to[draft.language].append(number)
    # Python's sort is stable: the versions of one post keep their order.
    return sorted(lines, key=lambda line: line.second)


def _everyday(dice: Dice) -> list[_Draft]:
    """Return the posts of all languages that nobody placed, well mixed."""
    drafts: dict[str, _Draft] = {}
    rounds: list[list[_Draft]] = [[] for _ in range(USES)]
    for texts in map(load_texts, LANGUAGES):
        for use in range(USES):
            for draft in _round(texts, use, dice):
                if draft.text not in drafts:
                    drafts[draft.text] = draft
                    rounds[use].append(draft)
    # Round by round: a line comes back only after a quarter of the night.
    return [draft for one in rounds for draft in dice.shuffled(one)]


def _round(texts: Texts, use: int, dice: Dice) -> list[_Draft]:
    """Return what one quarter of the night holds in one language."""
    language = texts.language
    everyday = [in_a_voice(spoken(line, use, dice), dice) for line in texts.everyday]
    replies = [
        _Draft(in_a_voice(text, dice), language, is_reply=True)
        for number, text in enumerate(texts.replies)
        if number % 2 == use % 2
    ]
    near = texts.near[use::USES]
    return [_Draft(text, language) for text in (*everyday, *near)] + replies


def _with_stories(everyday: list[_Draft], stories: tuple[Story, ...]) -> list[_Draft]:
    """Return the posts with the stories between them: the first soon, the last near the end."""
    drafts = list(everyday)
    step = (len(everyday) - 2 * FIRST_STORY_AT) // len(stories)
    for number, story in enumerate(stories):
        place = FIRST_STORY_AT + number * (step + 1)
        drafts.insert(place, _Draft(story.versions[0].text, story.language, story))
    return drafts


def _moments(posts: int, dice: Dice) -> list[int]:
    """Return ascending seconds after the beginning."""
    total = int(LENGTH.total_seconds())
    # The last tenth is for late edits and deletes.
    return sorted(dice.below(total * 9 // 10) for _ in range(posts))


def _life_of(
    number: int, second: int, draft: _Draft, reply_to: int | None, dice: Dice
) -> list[Line]:
    """Return the versions of one post."""
    author = f"demo:{dice.pick(_AUTHORS.split())}{dice.below(20) or ''}"
    created = Line(second, number, 1, "create", draft.text, draft.language, author, reply_to)
    if draft.story is not None:
        texts = [version.text for version in draft.story.versions[1:]]
        deleted = draft.story.deleted
    else:
        slip = with_slip(draft.text) if dice.chance(EDITED_SHARE) else draft.text
        texts = [draft.text] if slip != draft.text else []
        created = replace(created, text=slip)
        deleted = dice.chance(DELETED_SHARE)
    lines = [created]
    for text in texts:
        lines.append(_next(lines[-1], "update", text, dice))
    if deleted:
        lines.append(_next(lines[-1], "delete", "", dice))
    return lines


def _next(before: Line, op: str, text: str, dice: Dice) -> Line:
    later = before.second + 120 + dice.below(2400)
    return replace(before, second=later, version=before.version + 1, op=op, text=text)


def to_json(line: Line) -> str:
    """Return a line in the short form that `ReplaySource` reads."""
    moment = BEGIN + timedelta(seconds=line.second)
    fields = {
        "id": post_id(line.post),
        "version": line.version,
        "op": line.op,
        "author": line.author,
        "created_at": moment.isoformat().replace("+00:00", "Z"),
    }
    if line.op != "delete":
        fields |= {"lang": line.language, "text": line.text}
    if line.reply_to is not None:
        fields["reply_to"] = post_id(line.reply_to)
    return json.dumps(fields, ensure_ascii=False)


def make_file() -> bytes:
    """Return the bytes of `posts.ndjson.gz`."""
    content = "".join(f"{to_json(line)}\n" for line in make_lines()).encode()
    packed = io.BytesIO()
    # Neither name nor time in the header: they would change with every run.
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def main(path: Path) -> None:
    """Write the file and say what it holds."""
    data = make_file()
    path.write_bytes(data)
    sys.stdout.write(f"{path}: {len(make_lines()):,} lines, {len(data):,} bytes\n")


if __name__ == "__main__":
    main(demo_path())
