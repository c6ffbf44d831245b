"""`hustings ingest bluesky` from a real Jetstream into a real Kafka, killed on the way."""

import json
import time

import pytest

from tests.peers.jetstream_server import RealJetstream
from tests.rig import Rig

pytestmark = [pytest.mark.kafka, pytest.mark.peer]


def identity(frame):
    event = json.loads(frame)
    commit = event["commit"]
    return (
        f"at://{event['did']}/{commit['collection']}/{commit['rkey']}",
        commit["rev"],
        commit["operation"],
    )


@pytest.mark.slow
def test_killed_three_times_it_writes_every_post_once(kafka_settings, tmp_path):
    server = RealJetstream(tmp_path)
    arguments = ("bluesky", "--host", server.address, "--connector-id", "sky")
    try:
        with Rig(kafka_settings, tmp_path) as rig:
            connector = rig.start_connector(*arguments)
            for posts in (20, 60, 100):
                rig.wait_until(lambda posts=posts: len(rig.posts()) >= posts, what=f"{posts} posts")
                connector.kill()
                connector.close()
                connector = rig.start_connector(*arguments)
            rig.wait_until(lambda: len(rig.posts()) >= 140, what="posts after the last kill")
            server.settle()
            log = [identity(frame) for frame in server.log()]
            rig.wait_until(
                lambda: log[-1] in {key(record) for record in rig.posts()}, what="the newest post"
            )
            time.sleep(1)  # what would come twice would come now
            written = [key(record) for record in rig.posts()]
            assert connector.returncode is None
    finally:
        server.stop()
    assert len(written) == len(set(written))
    # It began live: what the server had before that was not for it.
    began = min(log.index(one) for one in written)
    assert set(written) == set(log[began:])


def key(record):
    post = json.loads(record.value)
    return (post["post_id"], post["version"], post["op"])
