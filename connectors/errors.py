"""Errors of connectors, by what the runner does about them.

* ConnectorError
  + Unavailable: not now; open the source again with backoff.
  + Fatal: never; say why and exit with status 1.
  + Fenced: another process runs this connector; exit with status 76.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of all connector errors; the message names the remedy."""


class Unavailable(ConnectorError):  # noqa: N818 - named by what to do, not by what it is
    """The source cannot be read now; trying again may help."""


class Fatal(ConnectorError):  # noqa: N818 - named by what to do, not by what it is
    """The source can never be read like this."""


class Fenced(ConnectorError):  # noqa: N818 - named by what to do, not by what it is
    """A newer process with the same connector id has taken over."""
