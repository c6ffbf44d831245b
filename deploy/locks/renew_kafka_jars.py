"""Renew the lock of Kafka's jars. Needs Maven (`mvn`); run it after changing WANTED.

Maven resolves versions as Kafka's own build does; simpler resolvers take wrong
ones. The jars' SHA-256 are those of the files that Maven fetched and checked.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

WANTED: Final = (
    ("org.apache.kafka", "kafka_2.13", "4.4.0"),
    # Without a binding Kafka logs nothing at all.
    ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5"),
)
LOCK: Final = Path(__file__).parents[2] / "streams" / "broker" / "kafka-jars.lock"
HEAD: Final = """\
# Kafka's jars: group:artifact:version SHA-256. Written by deploy/locks/renew_kafka_jars.py.
"""
_PLUGIN: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"


def main() -> int:
    """Write the lock; return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        pom = Path(folder) / "pom.xml"
        pom.write_text(_pom(), "utf-8")
        listing = Path(folder) / "list.txt"
        # An empty repository: what lies in the user's own may not be what Maven Central has.
        repository = Path(folder) / "repository"
        subprocess.run(  # noqa: S603 - our own command
            [
                *("mvn", "-q", "-B", "-f", str(pom), f"-Dmaven.repo.local={repository}"),
                *(f"{_PLUGIN}:list", "-DincludeScope=runtime", f"-DoutputFile={listing}"),
            ],
            check=True,
        )
        lines = sorted(_lines(listing.read_text("utf-8"), repository))
    LOCK.write_text(HEAD + "".join(f"{line}\n" for line in lines), "utf-8")
    print(f"{LOCK.name}: {len(lines)} jars")
    return 0


def _pom() -> str:
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>"
        for group, artifact, version in WANTED
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>hustings</groupId>"
        "<artifactId>jars</artifactId><version>0</version>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


def _lines(listing: str, repository: Path) -> list[str]:
    lines = []
    for line in listing.splitlines():
        parts = line.split(" -- ")[0].strip().split(":")
        if len(parts) < 5:  # noqa: PLR2004 - group:artifact:jar:version:scope
            continue
        if len(parts) != 5 or parts[2] != "jar":  # noqa: PLR2004
            raise SystemExit(f"not a plain jar: {line.strip()}")
        group, artifact, _, version, _ = parts
        jar = repository.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.jar")
        digest = hashlib.sha256(jar.read_bytes()).hexdigest()
        lines.append(f"{group}:{artifact}:{version} {digest}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
