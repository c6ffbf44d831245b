"""`make bench`: posts a second of the label worker beside a plain Faust agent.

A replay flat out into a real broker, the real detector, claims at a natural rate.
Both read the same posts in the same run, one process each, by
turns; start-up is left out: measured is from the first commit to the last.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import track
from rich.table import Table

from streams.broker.admin import apply_topics
from streams.broker.embedded import EmbeddedKafka
from streams.lifeline import Child
from streams.packs.folder import default_folder, read_packs
from streams.settings import KafkaSettings
from tests.bench.posts import CLAIM_EVERY, TALK_EVERY, write_posts
from tests.rig import Rig

POLL_SECONDS = 0.05
PLAIN_SECONDS = 15.0


def measure(rig, group, pid, *, most_seconds):
    """Return (posts/s of wall time, posts/s of CPU time) between first and last commit."""
    process = psutil.Process(pid)
    total = sum(end for _committed, end in rig.standing().values())
    start = None
    while True:
        done = sum(rig.committed(group).values())
        now, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
        if start is None and done:
            start = (now, cpu, done)
        if start is not None and (done >= total or now - start[0] > most_seconds):
            wall, used, posts = now - start[0], cpu - start[1], done - start[2]
            return posts / wall, posts / used
        time.sleep(POLL_SECONDS)


def run_worker(rig):
    rig.start_workers(1)
    try:
        group = f"{rig.settings.topic_prefix}hustings-label"
        return measure(rig, group, rig.supervisor.seats[0].child.pid, most_seconds=120)
    finally:
        rig.supervisor.stop()


def run_plain(rig):
    out = f"plain-{rig.settings.topic_prefix}"
    apply_topics(rig.settings.model_copy(update={"topic_prefix": out}))
    child = Child(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.plain_agent", out],
        env={**os.environ, **rig.env},
        stdout=rig.log,
        stderr=rig.log,
    )
    try:
        group = f"{rig.settings.topic_prefix}plain"
        return measure(rig, group, child.pid, most_seconds=PLAIN_SECONDS)
    finally:
        child.kill()
        child.stop()


def main():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--talk-every", type=int, default=TALK_EVERY)
    parser.add_argument("--claim-every", type=int, default=CLAIM_EVERY)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    console = Console(stderr=True)
    found = {"worker": [], "plain": [], "ingest": []}
    with tempfile.TemporaryDirectory() as name, EmbeddedKafka(Path(name) / "kafka") as kafka:
        folder = Path(name)
        claims = write_posts(
            folder / "posts.ndjson",
            options.posts,
            read_packs(default_folder()),
            talk_every=options.talk_every,
            claim_every=options.claim_every,
        )
        console.print(f"{options.posts:,} posts, {claims:,} of them with a known claim")
        for number in track(range(options.rounds), description="rounds", console=console):
            settings = KafkaSettings(
                bootstrap_servers=kafka.bootstrap_servers,
                topic_prefix=f"bench-{number}.",
                partitions=4,
            )
            with Rig(settings, folder, commit_seconds=0.2) as rig:
                summary = rig.ingest(folder / "posts.ndjson", "--connector-id", "bench")
                found["ingest"].append((summary["posts"] / summary["seconds"],) * 2)
                turns = [("worker", run_worker), ("plain", run_plain)]
                for who, run in turns if number % 2 == 0 else reversed(turns):
                    found[who].append(run(rig))
    report(found, options, console)


def report(found, options, console):
    wall = {who: statistics.median(w for w, _ in runs) for who, runs in found.items()}
    core = {who: statistics.median(c for _, c in runs) for who, runs in found.items()}
    ratios = [w[1] / p[1] for w, p in zip(found["worker"], found["plain"], strict=True)]
    result = {
        "posts": options.posts,
        "rounds": options.rounds,
        "worker_posts_per_second": round(wall["worker"]),
        "worker_posts_per_cpu_second": round(core["worker"]),
        "plain_posts_per_second": round(wall["plain"]),
        "plain_posts_per_cpu_second": round(core["plain"]),
        "ratio_per_core": round(statistics.median(ratios), 1),
        "ingest_posts_per_second": round(wall["ingest"]),
    }
    if options.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    table = Table("", "posts/s", "posts/s a core", title=f"medians of {options.rounds} rounds")
    for name, who in (("label worker, chunks", "worker"), ("plain Faust agent", "plain")):
        table.add_row(name, f"{wall[who]:,.0f}", f"{core[who]:,.0f}")
    table.add_row("connector, replay flat out", f"{wall['ingest']:,.0f}", "")
    console.print(table)
    listed = ", ".join(f"{ratio:.1f}" for ratio in ratios)
    console.print(f"Worker : plain agent, per core: {result['ratio_per_core']}x (rounds: {listed})")


if __name__ == "__main__":
    main()
