"""Kafka's jars come whole and checked from a real (local) Maven repository, or not at all."""

from __future__ import annotations

import gc
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from streams.broker.errors import ChecksumWrong, JarsUnavailable
from streams.broker.jars import Jar, JarLock, ensure_jars, load_lock, parse_lock
from streams.broker.probe import free_ports

BYTES = {"kafka_9": b"server" * 1000, "helper": b"helper" * 1000}
LOCK = JarLock(
    tuple(
        Jar("org.example", name, "1.2", hashlib.sha256(content).hexdigest())
        for name, content in BYTES.items()
    )
)


def jar_path(root, name):
    return root / "org" / "example" / name / "1.2" / f"{name}-1.2.jar"


def fill(root):
    for name, content in BYTES.items():
        path = jar_path(root, name)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return root


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def repository(tmp_path):
    root = fill(tmp_path / "repository")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield root, {"central": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetch(tmp_path):
    return partial(
        ensure_jars, tmp_path / "data", lock=LOCK, cache=tmp_path / "cache", local_repositories=[]
    )


def nowhere():
    return {"central": f"http://127.0.0.1:{free_ports(1)[0]}"}


def test_the_lock_pins_every_jar_of_one_kafka():
    lock = load_lock()

    assert lock.kafka_version == "4.4.0"
    assert len({jar.file_name for jar in lock.jars}) == len(lock.jars) == 45
    assert any(jar.artifact == "log4j-slf4j-impl" for jar in lock.jars)


@pytest.mark.parametrize("line", ["a:b 00", "a:b:c", "a:b:c " + "0" * 63, "a:b:../c " + "0" * 64])
def test_a_lock_line_of_another_form_is_refused_with_its_number(line):
    with pytest.raises(ValueError, match="line 2"):
        parse_lock(f"# head\n{line}\n")


def test_jars_are_fetched_once_in_class_path_order(repository, fetch):
    _, remotes = repository
    steps = []

    jars = fetch(remotes=remotes, on_progress=lambda done, total: steps.append((done, total)))

    assert [jar.read_bytes() for jar in jars] == list(BYTES.values())
    assert steps == [(1, 2), (2, 2)]
    assert fetch(remotes=nowhere()) == jars


def test_a_changed_jar_is_refused_and_not_kept(repository, fetch, tmp_path):
    root, remotes = repository
    jar_path(root, "helper").write_bytes(b"something else")

    with pytest.raises(ChecksumWrong, match=r"org\.example:helper:1\.2.*Nothing of it was kept"):
        fetch(remotes=remotes)

    assert not (tmp_path / "cache" / "kafka-1.2" / "helper-1.2.jar").exists()


def test_without_network_and_cache_the_error_says_what_to_do(fetch):
    with pytest.raises(JarsUnavailable, match="hustings kafka fetch"):
        fetch(remotes=nowhere())


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_repository_that_lacks_a_jar_is_an_error_that_names_it(repository, fetch):
    root, remotes = repository
    jar_path(root, "helper").unlink()

    with pytest.raises(JarsUnavailable, match=r"org\.example:helper:1\.2"):
        fetch(remotes=remotes)

    # jgo does not close an answer that says no; it must not be found in another test.
    gc.collect()


def test_a_damaged_jar_in_the_cache_is_fetched_again(repository, fetch):
    _, remotes = repository
    jars = fetch(remotes=remotes)
    jars[1].write_bytes(BYTES["helper"][:-1])

    assert fetch(remotes=remotes)[1].read_bytes() == BYTES["helper"]


def test_a_maven_folder_is_used_before_the_network_unless_damaged(repository, fetch, tmp_path):
    _, remotes = repository
    maven = fill(tmp_path / "m2")
    assert len(fetch(remotes=nowhere(), local_repositories=[maven])) == 2

    jar_path(maven, "kafka_9").write_bytes(b"half")
    jars = fetch(remotes=remotes, local_repositories=[maven], cache=tmp_path / "other")

    assert jars[0].read_bytes() == BYTES["kafka_9"]


def test_a_cache_that_cannot_be_written_gives_way_to_the_data_folder(repository, fetch, tmp_path):
    _, remotes = repository
    (tmp_path / "cache").write_text("a file stands where the folder should")

    assert fetch(remotes=remotes)[0].is_relative_to(tmp_path / "data")


def test_nowhere_to_keep_them_is_an_error_with_a_remedy(fetch, tmp_path):
    for name in ("cache", "data"):
        (tmp_path / name).write_text("a file stands where the folder should")

    with pytest.raises(JarsUnavailable, match="XDG_CACHE_HOME"):
        fetch(remotes=nowhere())
