"""The yardstick: a plain Faust agent, one event a post, with the same detector.

Run as a process of its own by the benchmark, as the label worker is.
"""

import sys

import faust

from streams.detect.detector import build_detector
from streams.packs.folder import default_folder, read_packs
from streams.settings import Settings
from streams.topics import POSTS
from streams.worker.emit import Emitter
from streams.worker.pipeline import process


def main():
    settings = Settings()
    out = settings.kafka.model_copy(update={"topic_prefix": sys.argv[1]})
    app = faust.App(
        f"{settings.kafka.topic_prefix}plain",
        broker=f"kafka://{settings.kafka.bootstrap_servers}",
        value_serializer="raw",
        key_serializer="raw",
        store="memory://",
        datadir=str(settings.data_dir / "plain"),
        web_enabled=False,
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        broker_commit_interval=settings.worker.commit_interval_seconds,
        producer_linger=0.005,
        producer_compression_type="lz4",
        stream_buffer_maxsize=16_384,
        worker_redirect_stdouts=False,
    )
    app.conf.datadir.mkdir(parents=True, exist_ok=True)
    detector = build_detector(read_packs(default_folder()).catalogue())
    labels = {}

    async def send(record):
        return await app.producer.send(
            record.topic, record.key, record.value, record.partition, None, record.headers
        )

    emitter = Emitter(out, send, give_up_seconds=60)

    @app.agent(app.topic(settings.kafka.topic(POSTS), value_type=bytes))
    async def label_posts(stream):
        async for event in stream.events():
            *_, outcome = process([event.message], detector, labels)
            if outcome.events or outcome.states or outcome.dead_letters:
                await emitter.publish(outcome, event.message.partition)
                labels.update(outcome.states)

    faust.Worker(app, quiet=True, override_logging=False).execute_from_commandline()


if __name__ == "__main__":
    main()
