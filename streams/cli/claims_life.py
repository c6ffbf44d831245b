"""`hustings claims revise` and `withdraw`: a new version of a published claim, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.cli.pack_files import AsJson, print_json, printable, read_or_exit
from streams.packs.errors import ClaimsTopicError
from streams.schema import ClaimStatus
from streams.settings import Settings

ClaimId = Annotated[str, typer.Argument(help="Id of a published claim.", show_default=False)]
Reason = Annotated[
    str,
    typer.Option("--reason", "-r", help="Why; stands in every label event that follows."),
]


def revise(
    claim_id: ClaimId,
    reason: Reason,
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="Folder or file with its new content; else it stays."),
    ] = None,
    status: Annotated[
        ClaimStatus, typer.Option(help="Labels stand by active claims only.")
    ] = ClaimStatus.ACTIVE,
    as_json: AsJson = False,
) -> None:
    """Publish the next version of a claim; labels that cite it are issued anew or retracted."""
    _publish(claim_id, reason, status, folder, as_json=as_json)


def withdraw(claim_id: ClaimId, reason: Reason, as_json: AsJson = False) -> None:
    """Withdraw a claim; every label that cites it is retracted, with the reason.

    A version above it in the files publishes the claim again.
    """
    _publish(claim_id, reason, ClaimStatus.WITHDRAWN, None, as_json=as_json)


def _publish(
    claim_id: str, reason: str, status: ClaimStatus, folder: Path | None, *, as_json: bool
) -> None:
    # Clients of Kafka take a second to import: other commands must not wait for them.
    from streams.packs import revise as revising  # noqa: PLC0415

    files = read_or_exit(folder, as_json=as_json) if folder is not None else None
    try:
        claim = revising.revise(Settings().kafka, claim_id, status, reason, files)
    except ClaimsTopicError as error:
        typer.echo(printable(str(error)), err=True)
        raise typer.Exit(1) from error
    if as_json:
        print_json(
            {"claim_id": claim.claim_id, "version": claim.version, "status": claim.status.value}
        )
    else:
        typer.echo(f"Published {revising.claim_said(claim)}; workers change its labels now.")
