"""The real pipeline for tests: topics, packs, workers and connectors on a real broker."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.broker.admin import apply_topics
from streams.kafka_client import client_config
from streams.lifeline import Child
from streams.packs.folder import default_folder, read_packs
from streams.packs.publish import publish
from streams.schema import Cursor, DeadLetter, LabelEvent, PostLabels
from streams.topics import CURSORS, DEAD_LETTERS, LABEL_EVENTS, LABELS, POSTS
from streams.worker.supervisor import Supervisor

SHARED = Path(os.environ.get("HUSTINGS_SHARED", Path(__file__).parents[2] / "shared"))


class Rig:
    """One pipeline with topics of its own; use as a context manager."""

    def __init__(self, settings, folder, *, packs=None, commit_seconds=0.5):
        self.settings = settings
        self.folder = folder
        apply_topics(settings)
        self.packs = read_packs(packs or default_folder())
        publish(self.packs, settings)
        self.env = {
            "HUSTINGS_KAFKA__BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            # What the encoder has no time for differs from run to run; the oracle has none either.
            "HUSTINGS_WORKER__ENCODER_SECONDS": "0",
            "HUSTINGS_KAFKA__TOPIC_PREFIX": settings.topic_prefix,
            "HUSTINGS_KAFKA__PARTITIONS": str(settings.partitions),
            "HUSTINGS_WORKER__SESSION_TIMEOUT_SECONDS": "6",
            "HUSTINGS_WORKER__COMMIT_INTERVAL_SECONDS": str(commit_seconds),
            "HUSTINGS_DATA_DIR": str(folder),
        }
        self.supervisor = None
        # Open to the end: workers that are started again write there too.
        self.log = (folder / "workers.log").open("ab")
        self._children = []
        self._consumer = KafkaConsumer(
            **client_config(settings),
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        self._admin = KafkaAdminClient(**client_config(settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self._children:
            child.stop(grace_seconds=2)
        if self.supervisor is not None:
            self.supervisor.stop(grace_seconds=5)
        self.log.close()
        self._consumer.close(autocommit=False)
        self._admin.close()

    def start_workers(self, workers, **options):
        self.supervisor = Supervisor(workers, env=self.env, stderr=self.log, **options)
        self.supervisor.start()

    def start_connector(self, source, *args):
        log = (self.folder / "connector.log").open("ab")
        child = Child(
            [sys.executable, "-m", "streams.cli", "ingest", str(source), *args],
            env={**os.environ, **self.env},
            stdout=log,
            stderr=log,
        )
        log.close()
        self._children.append(child)
        return child

    def ingest(self, source, *args):
        """Run a connector to its end; return its exit status and summary."""
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", "ingest", str(source), "--json", *args],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def partitions(self, spec):
        topic = self.settings.topic(spec)
        return [
            TopicPartition(topic, number)
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]

    def read(self, spec):
        """Return every committed record of a topic, each partition in order."""
        partitions = self.partitions(spec)
        self._consumer.assign(partitions)
        self._consumer.seek_to_beginning(*partitions)
        ends = self._consumer.end_offsets(partitions)
        records = []
        while any(self._consumer.position(tp) < ends[tp] for tp in partitions):
            for batch in self._consumer.poll(timeout_ms=500).values():
                records.extend(batch)
        return records

    def standing(self):
        """Return (committed, end) of every partition of posts."""
        committed = self.committed(f"{self.settings.topic_prefix}hustings-label")
        ends = self._consumer.end_offsets(self.partitions(POSTS))
        return {tp.partition: (committed.get(tp.partition, 0), end) for tp, end in ends.items()}

    def committed(self, group):
        """Return the committed offset of each partition of posts that has one."""
        try:
            offsets = self._admin.list_group_offsets(group)[group]
        except KafkaError:  # the group's coordinator is not known yet
            return {}
        topic = self.settings.topic(POSTS)
        return {tp.partition: known.offset for tp, known in offsets.items() if tp.topic == topic}

    def wait_until(self, condition, *, seconds=120, what="it"):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.supervisor is not None:
                self.supervisor.tend()
            assert time.monotonic() < deadline, f"{what} did not happen; {self.last_words()}"
            time.sleep(0.1)

    def wait_until_decided(self, *, seconds=120):
        """Wait until the committed offsets stand at the end of every partition."""
        self.wait_until(
            lambda: all(committed == end for committed, end in self.standing().values()),
            seconds=seconds,
            what="committing up to the end",
        )

    def last_words(self):
        logs = [self.folder / name for name in ("workers.log", "connector.log")]
        tails = [path.read_text()[-1500:] for path in logs if path.exists()]
        return f"{self.standing()}\n" + "\n---\n".join(tails)

    def events(self):
        """Return all label events; assert that no id stands for two contents."""
        contents = {}
        events = []
        for record in self.read(LABEL_EVENTS):
            event = LabelEvent.from_json(record.value)
            assert contents.setdefault(event.event_id, record.value) == record.value
            events.append(event)
        return events

    def labels(self):
        """Return the folded `labels` topic: post_id → labels by id, none that are empty."""
        folded = {}
        for record in self.read(LABELS):
            folded[record.key] = record.value
        states = [PostLabels.from_json(value) for value in folded.values() if value]
        return {
            state.post_id: {label.label_id: label for label in state.labels}
            for state in states
            if state.labels
        }

    def dead_letters(self):
        """Return dead letters by id."""
        letters = [DeadLetter.from_json(record.value) for record in self.read(DEAD_LETTERS)]
        return {letter.dead_letter_id: letter for letter in letters}

    def cursors(self):
        """Return the newest cursor of each connector."""
        return {
            record.key.decode(): Cursor.from_json(record.value) for record in self.read(CURSORS)
        }

    def posts(self):
        """Return the committed posts as (key, value), by partition in order."""
        posts = defaultdict(list)
        for record in self.read(POSTS):
            posts[record.partition].append(record)
        return [record for partition in sorted(posts) for record in posts[partition]]
