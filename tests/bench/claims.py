"""`python -m tests.bench.claims`: a hundred thousand claims in a worker's detector.

The parts of a worker without its Kafka: records folded as they come, claims read in
another process, one claim changed while posts go through the detector. Times are of this
machine and of what else runs on it; CPU seconds are the swapping thread's own, and what
a free core would take.
"""

import argparse
import csv
import gc
import gzip
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import orjson
import psutil
from rich.console import Console
from rich.table import Table

from streams.detect.asking import Query
from streams.packs.folder import default_folder, read_packs
from streams.schema import Claim, ClaimSource, ClaimType, SourceStance
from streams.worker.claims import CatalogueBuilder
from streams.worker.making import DetectorMaker
from tests.bench.posts import write_posts

TITLES = Path("../shared/data/claims/factcheck_kb.tsv.gz")
CHUNK = 500
SHORTEST = 12
SOURCES = tuple(
    ClaimSource(
        publisher=name,
        title="What the records say",
        url=f"https://{name}.org/a",
        stance=SourceStance.DISPUTES,
        language="en",
    )
    for name in ("alpha", "beta")
)


def claim(number, language, text):
    return Claim(
        claim_id=f"bench-{number}",
        jurisdiction="US",
        types=(ClaimType.FRAUD,),
        topic={language: "a matter"},
        statements={language: (text,)},
        sources=SOURCES,
    )


def titles(path):
    """Yield (language, title) of a table of fact-checks."""
    csv.field_size_limit(10**7)
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            language, text = (row["lang"] or "en").split("-")[0], row["title"].strip()[:400]
            if len(text) >= SHORTEST and language.isalpha():
                yield language, text


def made_up(folder):
    """Yield (language, text) without end: words of shipped statements in another order."""
    chance = random.Random(1)  # noqa: S311 - the same words each time
    by_language = {}
    for one in folder.claims:
        for language, said in one.statements.items():
            by_language.setdefault(language, []).extend(text.split() for text in said)
    languages = sorted(by_language)
    while True:
        language = chance.choice(languages)
        words = [word for said in chance.sample(by_language[language], 2) for word in said]
        chance.shuffle(words)
        yield language, " ".join(words)[:400]


def records(folder, count, path):
    """Return claims, and of how many the words are real."""
    real = list(titles(path))[:count] if path.is_file() else []
    source = made_up(folder)
    rest = [next(source) for _ in range(count - len(real))]
    return [claim(at, *one) for at, one in enumerate((*real, *rest))], len(real)


def rss():
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


class Flow:
    """Posts through the newest detector, chunk by chunk, for as long as it is told to."""

    def __init__(self, detector, values, queries):
        self.detector = detector
        self.values, self.queries = values, queries
        self.going = True
        self.chunks = []

    def run(self):
        at = 0
        while self.going:
            started = time.perf_counter()
            chosen = self.detector.gate(self.values[at : at + CHUNK])
            self.detector.detect_all(
                [self.queries[at + one] for one in chosen], has_time=lambda: False
            )
            self.chunks.append((started, time.perf_counter()))
            at = (at + CHUNK) % (len(self.values) - CHUNK)

    def longest(self, start, end):
        return max((b - a for a, b in self.chunks if b > start and a < end), default=0.0)

    def posts_a_second(self, start, end):
        return sum(CHUNK for _, b in self.chunks if start < b <= end) / (end - start)


def swap(builder, maker, flow):
    """Put another detector in the place of the one that serves; return wall and CPU seconds."""
    started, cpu = time.perf_counter(), time.thread_time()
    flow.detector = maker(builder.catalogue())
    built = time.perf_counter() - started
    spent = time.thread_time() - cpu
    cpu = time.thread_time()
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return started, built, spent, time.thread_time() - cpu


def measure(options, console):
    folder = read_packs(default_folder())
    gc.set_threshold(1_000_000, 10, 10)  # as a worker does
    builder, maker = CatalogueBuilder(), DetectorMaker()
    for one in (*folder.packs, *folder.claims):
        builder.keep(getattr(one, "key", getattr(one, "claim_id", "")).encode(), one.to_json())
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "posts.ndjson"
        write_posts(path, 20_000, folder, talk_every=20, claim_every=1_000)
        texts = [orjson.loads(line)["text"] for line in path.read_bytes().splitlines()]
    values = [orjson.dumps({"text": text, "op": "create"}) for text in texts]
    queries = [Query(text, (), None) for text in texts]
    flow = Flow(maker(builder.catalogue()), values, queries)
    for at in range(0, len(texts), CHUNK):
        flow.detector.gate(values[at : at + CHUNK])
        flow.detector.detect_all(queries[at : at + 20], has_time=lambda: False)
    claims, real = records(folder, options.claims, options.titles)
    lines = [(one.claim_id.encode(), one.to_json()) for one in claims]
    del claims
    console.print(f"{len(lines):,} claims, {real:,} of them real titles; reading …")
    before = rss()
    for key, value in lines:
        builder.keep(key, value)
    thread = threading.Thread(target=flow.run)
    thread.start()
    time.sleep(options.seconds)
    started = time.perf_counter()
    alone = flow.posts_a_second(started - options.seconds, started)
    _, read, _, _ = swap(builder, maker, flow)
    while_reading = flow.posts_a_second(started, started + read)
    swaps = []
    for at in range(options.swaps):
        changed = claim(at, "en", f"purple robots number {at} swallowed the ballots of the town")
        builder.keep(changed.claim_id.encode(), changed.to_json())
        began, built, cpu, collecting = swap(builder, maker, flow)
        stall = flow.longest(began, began + built + collecting)
        swaps.append((built, cpu, collecting, stall))
        time.sleep(options.seconds)
    ended = time.perf_counter()
    after = flow.posts_a_second(ended - options.seconds, ended)
    flow.going = False
    thread.join()
    grown = rss() - before
    found = flow.detector.detect(f"purple robots number {options.swaps - 1} swallowed the ballots")
    built, cpu, collecting, stall = (statistics.median(one) for one in zip(*swaps, strict=True))
    return {
        "claims": len(flow.detector.catalogue.claims),
        "real_titles": real,
        "read_seconds": round(read, 1),
        "swap_seconds": round(built, 2),
        "swap_seconds_worst": round(max(one[0] for one in swaps), 2),
        "swap_cpu_seconds": round(cpu, 2),
        "collect_cpu_seconds": round(collecting, 2),
        "longest_chunk_seconds": round(stall, 2),
        "memory_mb": round(grown),
        "posts_per_second_before": round(alone),
        "posts_per_second_while_reading": round(while_reading),
        "posts_per_second_with_all_claims": round(after),
        "changed_claim_found": bool(found.matches),
        "tracked_objects": len(gc.get_objects()) + gc.get_freeze_count(),
        "load": round(psutil.getloadavg()[0], 1),
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.claims", description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--titles", type=Path, default=TITLES)
    parser.add_argument("--swaps", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="posts before the claims come")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    console = Console(stderr=True)
    result = measure(options, console)
    if options.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    table = Table("", "", title="claims in a worker's detector", show_header=False)
    for name, value in result.items():
        table.add_row(name.replace("_", " "), f"{value:,}" if name != "load" else str(value))
    console.print(table)


if __name__ == "__main__":
    main()
