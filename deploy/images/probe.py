"""Ask processes in this container whether they are well: `probe.py livez|readyz PORT…`.

Exit status 0 when every one answers 200, otherwise 1 with the reasons. The
image has no curl, and Docker shows what this prints.
"""

from __future__ import annotations

import http.client
import sys

_SECONDS = 3.0


def main(arguments: list[str]) -> int:
    """Probe each port; return the exit status."""
    probe, *ports = arguments
    bad = [reason for port in ports if (reason := ask(probe, int(port))) is not None]
    print("\n".join(bad) or "well")
    return 1 if bad or not ports else 0


def ask(probe: str, port: int) -> str | None:
    """Return why the process on a port is not well, or None."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", f"/{probe}")
        answer = connection.getresponse()
        body = answer.read(1000).decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        return f"{port}: {error}"
    finally:
        connection.close()
    return None if answer.status == http.client.OK else f"{port}: {answer.status} {body}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
