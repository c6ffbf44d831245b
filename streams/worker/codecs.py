"""A check at start that every compression codec of Kafka can be read.

Without `cramjam`, aiokafka reads nothing from a compressed topic and says nothing.
"""

from __future__ import annotations

from aiokafka import codec


def missing_codecs() -> list[str]:
    """Return the names of Kafka codecs that this installation cannot read."""
    present = {
        "gzip": codec.has_gzip(),
        "snappy": codec.has_snappy(),
        "lz4": codec.has_lz4(),
        "zstd": codec.has_zstd(),
    }
    return [name for name, there in present.items() if not there]


def check_codecs() -> None:
    """Refuse to start without a codec.

    Raises:
        RuntimeError: names what is missing and how to get it.
    """
    if missing := missing_codecs():
        raise RuntimeError(
            f"cannot read Kafka's {', '.join(missing)} compression; "
            "install cramjam (make setup installs it from the lock)"
        )
