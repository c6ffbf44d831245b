"""The root command: loads a command's module only when that command is called."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Sequence


COMMANDS: dict[str, str] = {
    # name: module that holds `app`, a typer.Typer with one command or a group
    "audit": "streams.cli.audit",
    "candidates": "streams.cli.candidates",
    "claims": "streams.cli.claims",
    "detect": "streams.cli.detect",
    "doctor": "streams.cli.doctor",
    "evaluate": "streams.cli.evaluate",
    "ingest": "streams.cli.ingest",
    "kafka": "streams.cli.kafka",
    "label": "streams.cli.label",
    "labels": "streams.cli.labels",
    "match": "streams.cli.match",
    "packs": "streams.cli.packs",
    "policy": "streams.cli.policy",
    "review": "streams.cli.review",
    "schema": "streams.cli.schema",
    "topics": "streams.cli.topics",
    "up": "streams.cli.up",
}


class LazyGroup(TyperGroup):
    """Import what is asked for: `hustings detect` must not wait for Faust."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the command names in the order of the help page."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return one command."""
        del ctx
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = typer.main.get_command(importlib.import_module(module).app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Find election claims in live posts and publish label events about them.",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer's callback signature
    if value:
        typer.echo(f"hustings {version('hustings')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Find election claims in live posts and publish label events about them."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line."""
    app(args=args, prog_name="hustings")
