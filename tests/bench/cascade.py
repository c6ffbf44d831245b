"""How long a withdrawn claim takes to fall on many labels, with posts going on: a measurement.

`python -m tests.bench.cascade --labels 100000 --workers 2` on the embedded Kafka.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from kafka import KafkaProducer

from streams.broker.embedded import EmbeddedKafka
from streams.kafka_client import client_config
from streams.labels.findings import find
from streams.labels.life import Basis, advance_post
from streams.labels.rulebook import Rulebook
from streams.packs.revise import revise
from streams.schema import ClaimStatus, LabelEvent, Reason
from streams.settings import KafkaSettings
from streams.topics import LABEL_EVENTS, LABELS
from tests import builders as build
from tests.rig import Rig


def labelled(rig, claim, count):
    """Yield states as a worker writes them, of posts that assert one published claim."""
    catalogue = rig.packs.catalogue()
    now = datetime.now(UTC)
    basis = Basis("bench", "bench", Rulebook.of(rig.packs.packs, rig.packs.claims), now)
    detection = build.detection(matches=(build.match(claim.claim_id),))
    for number in range(count):
        post = build.post(f"bench-{number}", version="0", received_at=now, created_at=now)
        found = find(post, detection, catalogue)
        step = advance_post(None, post, found, "en", basis)
        assert step.state.labels, "the claim labels nothing"
        yield step.state


def fill(rig, claim, count):
    producer = KafkaProducer(**client_config(rig.settings), compression_type="lz4", linger_ms=50)
    size = 0
    for state in labelled(rig, claim, count):
        value = state.to_json()
        size += len(value)
        producer.send(rig.settings.topic(LABELS), key=state.post_id.encode(), value=value)
    producer.flush()
    producer.close()
    return size / count


def events(rig):
    """How many events there are, without reading them."""
    return sum(rig._consumer.end_offsets(rig.partitions(LABEL_EVENTS)).values())


def resident(rig):
    pids = [seat.child.pid for seat in rig.supervisor.seats if seat.child is not None]
    return [psutil.Process(pid).memory_info().rss / 2**20 for pid in pids]


def cpu(rig):
    pids = [seat.child.pid for seat in rig.supervisor.seats if seat.child is not None]
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def measure(rig, labels, workers, rate):
    claim, other = rig.packs.claims[:2]
    size = fill(rig, claim, labels)
    rig.start_workers(workers)
    rig.wait_until(lambda: len(rig.standing()) > 0, what="topics")
    # Live posts all the while; the other claim's labels must not wait for the sweep.
    text = next(iter(other.statements.values()))[0]
    source = rig.folder / "live.ndjson"
    lines = [json.dumps({"id": f"live-{number}", "text": text}) for number in range(rate * 120)]
    source.write_text("\n".join(lines) + "\n")
    rig.start_connector(source, "--rate", str(rate), "--connector-id", "live")
    rig.wait_until(lambda: events(rig) > rate, seconds=300, what="live labels")
    time.sleep(20)  # the first sweep after the assignment sees everything once
    memory, spent = resident(rig), cpu(rig)
    revise(rig.settings, claim.claim_id, ClaimStatus.WITHDRAWN, "measured")
    started = time.time()
    fallen, first, last, waits = 0, None, None, []
    seen = {}

    def follow():
        nonlocal fallen, first, last
        rig._consumer.assign(rig.partitions(LABEL_EVENTS))
        for tp in rig.partitions(LABEL_EVENTS):
            rig._consumer.seek(tp, seen.get(tp, 0))
        for tp, records in rig._consumer.poll(timeout_ms=500, max_records=20_000).items():
            for record in records:
                seen[tp] = record.offset + 1
                event = LabelEvent.from_json(record.value)
                at = record.timestamp / 1000
                if event.reason is Reason.CLAIM_WITHDRAWN and event.post_id.startswith("bench"):
                    fallen += 1
                    first, last = first or at, max(last or at, at)
                elif event.post_id.startswith("live"):
                    waits.append((at, at - event.post_received_at.timestamp()))
        return fallen >= labels

    rig.wait_until(follow, seconds=900, what="the end of the cascade")
    spent = cpu(rig) - spent
    before = sorted(wait for at, wait in waits if started - 15 < at < started)
    during = sorted(wait for at, wait in waits if started <= at <= last) or [0.0]
    return {
        "labels": labels,
        "workers": workers,
        "bytes_a_state": round(size),
        "resident_mib": [round(one) for one in memory],
        "first_seconds": round(first - started, 2),
        "all_seconds": round(last - started, 2),
        "worker_cpu_seconds": round(spent, 1),
        "load": round(psutil.getloadavg()[0], 1),
        "live_labels_meanwhile": len(during),
        "live_p50_seconds": [round(one[len(one) // 2], 3) for one in (before, during)],
        "live_p99_seconds": [round(one[int(len(one) * 0.99)], 3) for one in (before, during)],
    }


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--labels", type=int, default=100_000)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--rate", type=int, default=20, help="live posts a second, all labelled")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedKafka(Path(folder) / "kafka") as kafka:
        settings = KafkaSettings(
            bootstrap_servers=kafka.bootstrap_servers, topic_prefix="cascade.", partitions=4
        )
        with Rig(settings, Path(folder)) as rig:
            found = measure(rig, options.labels, options.workers, options.rate)
    print(json.dumps(found))  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
