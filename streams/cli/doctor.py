"""`hustings doctor`: the settings in force, and whether this machine and cluster are fit."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from streams.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

app = typer.Typer(add_completion=False)

_MIN_FREE_BYTES = 1024**3
_KAFKA_SECONDS = 5


class Finding(NamedTuple):
    """What one check found."""

    check: str
    ok: bool
    detail: str


@app.command()
def doctor(
    kafka: Annotated[
        bool, typer.Option("--kafka/--no-kafka", help="Ask the Kafka cluster of the settings too.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the settings, secrets hidden, and check what Hustings needs."""
    try:
        settings = Settings()
    except ValidationError as exc:
        for error in exc.errors(include_input=False, include_url=False):
            name = "HUSTINGS_" + "__".join(str(part).upper() for part in error["loc"])
            typer.echo(f"{name}: {error['msg']}", err=True)
        raise typer.Exit(1) from None
    found = list(_findings(settings, ask_kafka=kafka))
    rows = list(settings_rows(settings))
    if as_json:
        body = {
            "settings": {name: value for name, value, _ in rows},
            "checks": [finding._asdict() for finding in found],
        }
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        _print(rows, found)
    if not all(finding.ok for finding in found):
        raise typer.Exit(1)


def settings_rows(settings: BaseModel, prefix: str = "HUSTINGS_") -> Iterator[tuple[str, str, str]]:
    """Yield (environment variable, value, description) of every setting, secrets hidden."""
    for name, field in type(settings).model_fields.items():
        value: Any = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from settings_rows(value, f"{prefix}{name.upper()}__")
        else:
            yield (
                f"{prefix}{name.upper()}",
                "" if value is None else str(value),
                (field.description or ""),
            )


def _findings(settings: Settings, *, ask_kafka: bool) -> Iterator[Finding]:
    yield Finding("python", (3, 11) <= sys.version_info[:2] < (3, 14), sys.version.split()[0])
    yield _check("java", _java)
    yield _check("compression codecs", _codecs)
    crc = importlib.util.find_spec("crc32c") is not None
    yield Finding("crc32c", crc, "present" if crc else "missing: posts go in four times slower")
    yield _check("language model", _language_model)
    yield _disk(settings.data_dir)
    if ask_kafka:
        yield _check(f"kafka at {settings.kafka.bootstrap_servers}", lambda: _kafka(settings))


def _check(name: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, probe())  # noqa: FBT003 - a tuple's field
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is what the user must see
        return Finding(name, False, str(exc) or repr(exc))  # noqa: FBT003


def _java() -> str:
    from streams.broker.java import find_java  # noqa: PLC0415 - doctor stays quick to load

    java = find_java()
    return f"{java.major} at {java.program}"


def _codecs() -> str:
    from streams.worker.codecs import check_codecs  # noqa: PLC0415

    check_codecs()
    return "gzip, snappy, lz4, zstd"


def _language_model() -> str:
    from streams.detect.language import tell_language  # noqa: PLC0415

    return f"reads English as {tell_language('The polls close at eight this evening', ()).code}"


def _disk(folder: Path) -> Finding:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    return Finding("disk", free > _MIN_FREE_BYTES, f"{free / 1024**3:.1f} GiB free at {there}")


def _kafka(settings: Settings) -> str:
    from kafka import KafkaConsumer  # noqa: PLC0415
    from kafka.errors import KafkaError  # noqa: PLC0415

    from streams.kafka_client import client_config  # noqa: PLC0415
    from streams.packs.claims_topic import describe  # noqa: PLC0415
    from streams.topics import ALL_TOPICS  # noqa: PLC0415

    try:
        consumer = KafkaConsumer(
            **client_config(settings.kafka), bootstrap_timeout_ms=_KAFKA_SECONDS * 1000
        )
    except KafkaError as error:
        raise RuntimeError(describe(error, settings.kafka)) from error
    try:
        there = consumer.topics()
    finally:
        consumer.close(autocommit=False)
    missing = [t.name for t in ALL_TOPICS if settings.kafka.topic(t) not in there]
    if missing:
        raise RuntimeError(f"topics missing: {', '.join(missing)}; run hustings topics apply")
    return f"answers; all {len(ALL_TOPICS)} topics are there"


def _print(rows: list[tuple[str, str, str]], found: list[Finding]) -> None:
    console = Console()
    # A line for the name and one for its meaning: side by side 80 columns leave words one a line.
    for name, value, description in rows:
        console.print(Text.assemble((name, "bold"), f" = {value}"), soft_wrap=True)
        console.print(Padding(Text(description, style="dim"), (0, 0, 0, 4)))
    console.print()
    checks = Table(box=None, pad_edge=False, show_header=False)
    for name in ("check", "holds", "finding"):
        checks.add_column(name, overflow="fold", no_wrap=name == "holds")
    for finding in found:
        held = Text("ok") if finding.ok else Text("NO", style="bold red")
        checks.add_row(Text(finding.check), held, Text(finding.detail))
    console.print(checks)
