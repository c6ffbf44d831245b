"""`hustings schema`: the JSON Schemas of everything that travels through Kafka."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from streams.schema import WIRE_MODELS

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="JSON Schemas of the wire models."
)

DEFAULT_FOLDER = Path("deploy/schemas")
_SUFFIX = ".schema.json"


def schemas() -> dict[str, str]:
    """Return file name → JSON Schema (draft 2020-12) of every wire model."""
    files = {}
    for model in WIRE_MODELS:
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": model.dataschema(),
            **model.model_json_schema(mode="serialization"),
        }
        name = f"{model.schema_name}-{model.schema_version}{_SUFFIX}"
        files[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return files


def differences(folder: Path) -> list[str]:
    """Return what in the folder differs from the code, in words."""
    wanted = schemas()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob(f"*{_SUFFIX}")}
    return [
        *(f"{name} is missing" for name in wanted if name not in found),
        *(f"{name} is not in the code" for name in found if name not in wanted),
        *(f"{name} differs" for name in wanted if name in found and found[name] != wanted[name]),
    ]


@app.callback()
def schema() -> None:
    """Keep this a group: one command alone would lose its name."""


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")] = DEFAULT_FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the files differ.")
    ] = False,
) -> None:
    """Write one JSON Schema a wire model, for consumers in any language."""
    if check:
        found = differences(folder)
        for line in found:
            typer.echo(f"{folder}: {line}", err=True)
        if found:
            typer.echo("Renew them with: hustings schema export", err=True)
            raise typer.Exit(1)
        typer.echo(f"{folder}: {len(WIRE_MODELS)} schemas stand as in the code")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob(f"*{_SUFFIX}"):
        if stale.name not in schemas():
            stale.unlink()
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    typer.echo(f"Wrote {len(WIRE_MODELS)} schemas to {folder}")
