"""The Faust app of a label worker: its settings, each with the fault that it prevents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faust

from streams.kafka_client import bootstrap_servers, client_config
from streams.worker.chunks import LabelApp

if TYPE_CHECKING:
    from streams.settings import Settings

_POLL_RECORDS = 4_000
_BUFFERED_CHUNKS = 32


def build_app(settings: Settings) -> LabelApp:
    """Return the Faust app of a label worker, with no agent yet."""
    kafka, worker = settings.kafka, settings.worker
    app = LabelApp(
        f"{kafka.topic_prefix}hustings-label",
        broker=[f"kafka://{server}" for server in bootstrap_servers(kafka)],
        broker_credentials=_credentials(settings),
        autodiscover=False,
        store="memory://",
        datadir=str(settings.data_dir / "faust" / worker.instance),
        web_enabled=False,
        # The assignment metadata is keyed by this address: unique for each worker.
        canonical_url=f"http://{worker.instance}.invalid:6066",
        consumer_group_instance_id=worker.instance,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024 * 1024,
        broker_session_timeout=worker.session_timeout_seconds,
        broker_heartbeat_interval=max(1.0, worker.session_timeout_seconds / 6),
        broker_commit_interval=worker.commit_interval_seconds,
        broker_max_poll_records=_POLL_RECORDS,
        stream_buffer_maxsize=_BUFFERED_CHUNKS,
        stream_wait_empty=True,
        cython_optimizations=True,
        producer_acks=-1,
        producer_linger=0,
        producer_max_batch_size=256 * 1024,
        producer_max_request_size=2 * 1024 * 1024,
        producer_compression_type="lz4",
        producer_request_timeout=60.0,
        topic_partitions=kafka.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        worker_redirect_stdouts=False,
    )
    app.chunk_records = worker.chunk_records
    return app


def _credentials(settings: Settings) -> Any:
    config = client_config(settings.kafka)
    protocol = config["security_protocol"]
    if protocol.startswith("SASL_"):
        return faust.SASLCredentials(
            username=config["sasl_plain_username"],
            password=config["sasl_plain_password"],
            mechanism=config["sasl_mechanism"],
            # Without a context Faust would silently speak SASL in plain text.
            ssl_context=config.get("ssl_context"),
        )
    return faust.SSLCredentials(context=config["ssl_context"]) if protocol == "SSL" else None
