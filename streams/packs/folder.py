"""Election packs and claims from a folder of YAML files: all of them, or every problem.

A file holds `pack:`, `claims:` or both. A claim without `jurisdiction` belongs
to the pack of its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import ValidationError

from streams.detect.catalogue import Catalogue
from streams.packs.checks import check_characters, check_claims, check_packs
from streams.packs.errors import PackErrors, Problem
from streams.packs.placed import Placed
from streams.packs.yaml_tree import read_tree
from streams.schema import Claim, ElectionPack, WireModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streams.packs.yaml_tree import Tree, Where

Model = TypeVar("Model", bound=WireModel)

_SUFFIXES: Final = frozenset({".yaml", ".yml"})
_PARTS: Final = ("pack", "claims")


@dataclass(frozen=True, slots=True)
class PackFolder:
    """Checked packs, by jurisdiction, and claims, by id."""

    packs: tuple[ElectionPack, ...]
    claims: tuple[Claim, ...]

    def catalogue(self) -> Catalogue:
        """Return packs and active claims as the detector takes them."""
        return Catalogue.of(self.packs, self.claims)


def default_folder() -> Path:
    """Return the folder of the packs that come with Hustings.

    Raises:
        PackErrors: neither an installed copy nor a checkout is there.
    """
    return shipped_folder(
        "elections", "elections", missing="no packs came with this installation; name a folder"
    )


def shipped_folder(installed: str, checkout: str, *, missing: str) -> Path:
    """Return a folder of data: beside this module when installed, else in `deploy/`.

    Raises:
        PackErrors: neither is there; it says what is `missing`.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / installed, here.parent.parent / "deploy" / checkout):
        if folder.is_dir():
            return folder
    raise PackErrors([Problem(here / installed, 0, missing)])


def read_packs(folder: Path) -> PackFolder:
    """Read and check all packs and claims of a folder, or of one file.

    Raises:
        PackErrors: something is wrong; it holds every problem, and nothing is loaded.
    """
    trees: list[Tree] = []
    packs: list[Placed[ElectionPack]] = []
    claims: list[Placed[Claim]] = []
    declared: set[str] = set()
    for file in _files(folder):
        tree = read_tree(file)
        trees.append(tree)
        if tree.value is None:
            if not tree.problems:
                tree.problem((), "empty")
            continue
        check_characters(tree)
        jurisdiction = _read_file(tree, packs, claims)
        if jurisdiction is not None:
            declared.add(jurisdiction)
    languages = {jurisdiction: frozenset[str]() for jurisdiction in declared}
    languages |= {pack.value.jurisdiction: frozenset(pack.value.languages) for pack in packs}
    check_packs(packs)
    check_claims(claims, languages)
    problems = [problem for tree in trees for problem in tree.problems]
    if problems:
        raise PackErrors(problems)
    return PackFolder(
        tuple(sorted((pack.value for pack in packs), key=lambda pack: pack.jurisdiction)),
        tuple(sorted((claim.value for claim in claims), key=lambda claim: claim.claim_id)),
    )


def read_claims(file: Path, languages: Mapping[str, frozenset[str]]) -> tuple[Claim, ...]:
    """Read and check the claims of a file that holds no pack.

    Args:
        file: with `claims:` at its top.
        languages: of the packs that are known, by jurisdiction.

    Raises:
        PackErrors: with every problem; nothing is loaded.
    """
    tree = read_tree(file)
    claims: list[Placed[Claim]] = []
    packs: list[Placed[ElectionPack]] = []
    if tree.value is not None:
        check_characters(tree)
        _read_file(tree, packs, claims)
        check_claims(claims, languages)
    elif not tree.problems:
        tree.problem((), "empty")
    if packs:
        tree.problem(("pack",), "a file of claims holds no pack")
    if tree.problems:
        raise PackErrors(tree.problems)
    return tuple(claim.value for claim in claims)


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    try:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.suffix in _SUFFIXES and not path.name.startswith(".")
        )
    except OSError as error:
        raise PackErrors([Problem(folder, 0, f"cannot be read: {error.strerror}")]) from error
    if not found:
        raise PackErrors([Problem(folder, 0, "no .yaml file in this folder")])
    return found


def _read_file(
    tree: Tree, packs: list[Placed[ElectionPack]], claims: list[Placed[Claim]]
) -> str | None:
    """Take the file's valid parts; return the jurisdiction of its pack, even of a bad one."""
    top = tree.value
    if not isinstance(top, dict) or not top.keys() & set(_PARTS):
        tree.problem((), "neither `pack:` nor `claims:` at the top")
        return None
    for key in top.keys() - set(_PARTS):
        tree.problem((key,), f"unknown key {key!r}; a file holds `pack:` and `claims:`")
    jurisdiction: str | None = None
    if "pack" in top:
        packs.extend(valid(tree, ("pack",), top["pack"], ElectionPack))
        named = top["pack"].get("jurisdiction") if isinstance(top["pack"], dict) else None
        jurisdiction = named if isinstance(named, str) else None
    written = top.get("claims", [])
    if not isinstance(written, list):
        tree.problem(("claims",), "not a list of claims")
        written = []
    for at, raw in enumerate(written):
        filled = raw
        if isinstance(raw, dict) and jurisdiction is not None:
            filled = {"jurisdiction": jurisdiction, **raw}
        claims.extend(valid(tree, ("claims", at), filled, Claim))
    return jurisdiction


def valid(tree: Tree, path: Where, raw: Any, model: type[Model]) -> Iterator[Placed[Model]]:
    """Yield a part of a file as its model, or nothing and remember the problems in the tree."""
    try:
        value = model.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            where: Where = (*path, *fault["loc"])
            named = ".".join(str(part) for part in fault["loc"] if part != "[key]")
            reason = fault["msg"].removeprefix("Value error, ")
            tree.problem(where, f"{named}: {reason}" if named else reason)
        return
    yield Placed(value, tree, path)
