"""Why the clustering process cannot go on.

* CandidatesError
  + CandidatesUnavailable   Kafka does not answer: start again later
  + CandidatesFenced        another process clusters: leave it to that one
"""

from __future__ import annotations


class CandidatesError(Exception):
    """It cannot go on; the message says what to do."""

    exit_code = 1


class CandidatesUnavailable(CandidatesError):  # noqa: N818 - a state of Kafka, not a fault
    """Kafka does not answer, or not in time; a restart goes on where the last commit was."""

    exit_code = 75


class CandidatesFenced(CandidatesError):  # noqa: N818 - a state of this process, not a fault
    """Another process has taken over; this one must not come back by itself."""

    exit_code = 76
