"""What can be wrong with a review.

ReviewError    it cannot be made, or Kafka failed; the message says what to do
"""

from __future__ import annotations


class ReviewError(Exception):
    """A review was not written; the message says why and what to do."""
