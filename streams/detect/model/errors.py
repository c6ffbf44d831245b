"""What can be wrong with a model's files.

* ModelError
  + MissingModelError   a file or package is not there
  + WrongModelError     it is there and is another one
"""

from __future__ import annotations


class ModelError(Exception):
    """The second stage cannot be built; the message names the remedy."""


class MissingModelError(ModelError):
    """A file or a package is not there."""


class WrongModelError(ModelError):
    """A file is damaged, or does not belong to the others."""
