"""The gate: one scan over the raw bytes of a chunk drops what cannot be about an election.

It sees JSON as it came, undecoded. Whatever it cannot read as it stands
(escapes, letters in disguise) it lets through: the detector reads it properly.
"""

from streams.detect.gate.gate import MOST_SCANNED, Gate, build_gate

__all__ = ["MOST_SCANNED", "Gate", "build_gate"]
