"""Whether a process on this machine says that it is ready, and what it waits for."""

from __future__ import annotations

import http.client
from typing import NamedTuple

from streams.broker.serverfiles import HOST

_ASK_SECONDS = 0.5


class Readiness(NamedTuple):
    """The answer of `/readyz`."""

    ready: bool
    reasons: tuple[str, ...] = ()
    """What it waits for; nothing while it does not answer."""


def ask_ready(port: int, *, seconds: float = _ASK_SECONDS) -> Readiness:
    """Ask the process whose metrics port this is; one that does not answer is not ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace").splitlines()
    except (OSError, http.client.HTTPException):
        return Readiness(ready=False)
    finally:
        connection.close()
    ready = answer.status == http.HTTPStatus.OK
    return Readiness(ready, () if ready else tuple(said))
