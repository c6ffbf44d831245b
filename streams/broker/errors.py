"""Errors of the broker: each says what is wrong, what to do and where the log is.

* BrokerError
  + JarsUnavailable: Kafka's jars are not here and cannot be fetched
  + ChecksumWrong: a jar is not the one that the lock names
  + JavaUnavailable: no Java 17 or newer runs here
  + StartFailed: the server did not start, or died
    - PortTaken
    - DiskFull
    - NotEnoughMemory
    - FolderBusy: another broker runs on this data folder
  + FolderMismatch: the data folder holds something else
    - OtherCluster
    - OtherVersion
  + Unreachable: no Kafka answers at the address of the settings
  + TopicsFailed: Kafka turned a request about topics down
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class BrokerError(Exception):
    """Base of all broker errors."""

    def __init__(self, what: str, *, remedy: str, log: Path | None = None) -> None:
        """Put the parts together.

        Args:
            what: what is wrong, a sentence without its full stop.
            remedy: what the reader can do about it, one or more sentences.
            log: file with the details.
        """
        self.what = what
        self.remedy = remedy
        self.log = log
        super().__init__(f"{what}. {remedy}" + (f" Log: {log}" if log else ""))


class JarsUnavailable(BrokerError):  # noqa: N818 - named by what is wrong
    """Kafka's jars are not in the cache and cannot be fetched."""


class ChecksumWrong(BrokerError):  # noqa: N818 - named by what is wrong
    """A fetched jar differs from the lock."""


class JavaUnavailable(BrokerError):  # noqa: N818 - named by what is wrong
    """No Java that is new enough runs on this machine."""


class StartFailed(BrokerError):  # noqa: N818 - named by what is wrong
    """The server did not become ready, or died."""


class PortTaken(StartFailed):
    """Another program listens on the port."""


class DiskFull(StartFailed):
    """There is too little space for the data folder."""


class NotEnoughMemory(StartFailed):
    """The machine does not give the server its memory."""


class FolderBusy(StartFailed):
    """Another broker runs on this data folder."""


class FolderMismatch(BrokerError):  # noqa: N818 - named by what is wrong
    """The data folder belongs to something else."""


class OtherCluster(FolderMismatch):
    """The data folder holds another cluster, or one of another size."""


class OtherVersion(FolderMismatch):
    """The data folder was written by another Kafka version."""


class Unreachable(BrokerError):  # noqa: N818 - named by what is wrong
    """No Kafka answers at the configured address."""


class TopicsFailed(BrokerError):  # noqa: N818 - named by what is wrong
    """Kafka turned a request about topics down."""
