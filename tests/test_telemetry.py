from __future__ import annotations

import http.client
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter

from streams.telemetry import Health, TelemetryServer


@pytest.fixture
def registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("hustings_probe", "For the test.", registry=registry).inc(3)
    return registry


def ask(server: TelemetryServer, path: str, *, method: str = "GET", **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.getheader("Content-Type") or "", response.read().decode()
    finally:
        connection.close()


def test_metrics_are_served_in_the_text_form_that_is_asked_for(registry):
    with TelemetryServer("127.0.0.1", 0, registry) as server:
        status, kind, body = ask(server, "/metrics")
        assert (status, "hustings_probe_total 3.0" in body) == (200, True)
        assert kind.startswith("text/plain")
        _, kind, body = ask(server, "/metrics", Accept="application/openmetrics-text;version=1.0.0")
        assert kind.startswith("application/openmetrics-text")
        assert body.endswith("# EOF\n")


def test_probes_answer_503_with_their_reasons(registry):
    health = {"live": Health(ok=True), "ready": Health(ok=False, reasons=("no posts", "lag"))}
    with TelemetryServer(
        "127.0.0.1", 0, registry, lambda: health["live"], lambda: health["ready"]
    ) as server:
        assert ask(server, "/livez")[::2] == (200, "ok\n")
        assert ask(server, "/readyz")[::2] == (503, "no posts\nlag\n")
        health["ready"] = Health(ok=True)
        assert ask(server, "/readyz?verbose")[0] == 200


def test_a_probe_that_raises_is_unhealthy_and_the_server_goes_on(registry):
    def broken() -> Health:
        raise RuntimeError("secret detail")

    with TelemetryServer("127.0.0.1", 0, registry, live=broken) as server:
        status, _, body = ask(server, "/livez")
        assert (status, "RuntimeError" in body, "secret" in body) == (503, True, False)
        assert ask(server, "/metrics")[0] == 200


def test_other_paths_and_head_are_answered(registry):
    with TelemetryServer("127.0.0.1", 0, registry) as server:
        assert ask(server, "/")[0] == 404
        assert ask(server, "/metrics", method="HEAD")[::2] == (200, "")
        assert ask(server, "/metrics", method="POST")[0] == 501


def test_a_taken_port_is_said_at_once_with_the_remedy(registry):
    with (
        TelemetryServer("127.0.0.1", 0, registry) as server,
        pytest.raises(OSError, match=f"127.0.0.1:{server.port}.*metrics port to 0"),
    ):
        TelemetryServer("127.0.0.1", server.port, registry)


def test_stop_frees_the_port_and_can_be_repeated(registry):
    server = TelemetryServer("127.0.0.1", 0, registry).start()
    server.stop()
    server.stop()
    TelemetryServer("127.0.0.1", server.port, registry).stop()


def test_silent_clients_cannot_take_all_threads(registry):
    with TelemetryServer("127.0.0.1", 0, registry) as server:
        before = threading.active_count()
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(40)]
        try:
            answers = [connection.recv(12) for connection in silent[-20:]]
            assert answers == [b"HTTP/1.0 503"] * 20
            assert threading.active_count() - before <= 16
        finally:
            for connection in silent:
                connection.close()


@settings(max_examples=25, deadline=None)
@given(noise=st.binary(max_size=300))
def test_noise_never_stops_the_server(noise):
    with TelemetryServer("127.0.0.1", 0, CollectorRegistry()) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(noise + b"\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            try:
                while connection.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        assert ask(server, "/livez")[0] == 200
