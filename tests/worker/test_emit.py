"""Events before states, every acknowledgement awaited, order kept over failures."""

import asyncio

import pytest

from streams.labels.observe import observe
from streams.settings import KafkaSettings
from streams.worker.emit import Emitter, GiveUpError
from streams.worker.pipeline import Outcome
from tests import builders as build


class Broker:
    """Takes records; fails where told; notes what was acknowledged when the next was sent."""

    def __init__(self, failures=()):
        self.log, self.acked = [], []
        self.failures = list(failures)
        self.acked_before = {}

    async def __call__(self, record):
        self.acked_before[record.topic] = len(self.acked)
        self.log.append(record)
        fails = bool(self.failures and self.failures.pop(0))
        future = asyncio.get_running_loop().create_future()

        def settle():
            if fails:
                future.set_exception(ConnectionError("gone"))
            else:
                self.acked.append(record)
                future.set_result(None)

        asyncio.get_running_loop().call_soon(settle)
        return future


def outcome(posts=2):
    made = Outcome()
    for number in range(posts):
        post = build.post(f"p{number}")
        made.add(post.post_id, build.step(None, post))
    return made


def emitter(broker, **options):
    options = {"give_up_seconds": 5, **options}
    return Emitter(KafkaSettings(topic_prefix="t."), broker, **options)


async def test_states_go_out_only_when_all_events_are_acknowledged():
    broker = Broker()
    await emitter(broker).publish(outcome(3), partition=4)
    assert [r.topic for r in broker.log] == ["t.label-events"] * 3 + ["t.labels"] * 3
    assert broker.acked_before["t.labels"] >= 3
    assert {r.partition for r in broker.log} == {4}


async def test_observations_go_beside_their_post_before_any_state():
    broker = Broker()
    made = outcome(1)
    post = build.post("p9")
    made.observations.append(observe(post, build.detection(vector=b"\1"), build.catalogue()))
    await emitter(broker).publish(made, partition=4)
    (sent,) = (record for record in broker.log if record.topic == "t.observations")
    assert (sent.key, sent.partition) == (b"p9", 4)
    assert dict(sent.headers)["ce_dataschema"] == b"urn:hustings:schema:observation:1"
    assert [record.topic for record in broker.log][-1] == "t.labels"


async def test_after_a_failure_everything_from_there_on_is_sent_again_in_order():
    broker = Broker(failures=[False, True, False])
    await emitter(broker).publish(outcome(3), partition=0)
    events = [r.key for r in broker.log if r.topic == "t.label-events"]
    assert events == [b"p0", b"p1", b"p2", b"p1", b"p2"]


async def test_a_broker_that_takes_nothing_ends_in_giving_up():
    clock = iter(range(0, 1000, 3)).__next__
    with pytest.raises(GiveUpError, match="not taken within 5 s"):
        await emitter(Broker(failures=[True] * 100), clock=clock).publish(outcome(1), partition=0)


async def test_a_send_that_is_refused_at_once_is_tried_again():
    class Refusing(Broker):
        refusals = 2

        async def __call__(self, record):
            if self.refusals:
                self.refusals -= 1
                raise TimeoutError("buffer full")
            return await super().__call__(record)

    broker = Refusing()
    await emitter(broker).publish(outcome(1), partition=0)
    assert len(broker.acked) == 2
