"""The command `hustings`: one module a command group, imported when it is called."""

from __future__ import annotations

from streams.cli.root import main

__all__ = ["main"]
