"""The policy from its YAML file: checked whole, or every problem with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from streams.packs.checks import check_characters
from streams.packs.errors import PackErrors, Problem
from streams.packs.folder import valid
from streams.packs.jurisdictions import is_known
from streams.packs.languages import KNOWN, base
from streams.packs.yaml_tree import read_tree
from streams.schema import Policy

if TYPE_CHECKING:
    from streams.packs.placed import Placed

FILE_NAME = "policy.yaml"


def default_policy_file() -> Path:
    """Return the policy that comes with Hustings.

    Raises:
        PackErrors: neither an installed copy nor a checkout is there.
    """
    here = Path(__file__).resolve().parent
    for file in (here / FILE_NAME, here.parent.parent / "deploy" / FILE_NAME):
        if file.is_file():
            return file
    raise PackErrors([Problem(here / FILE_NAME, 0, "no policy came along; name a file")])


def read_policy(file: Path) -> Policy:
    """Read and check a policy.

    Raises:
        PackErrors: something is wrong; it holds every problem.
    """
    tree = read_tree(file)
    policies: list[Placed[Policy]] = []
    if not tree.problems:
        check_characters(tree)
        policies.extend(valid(tree, (), {} if tree.value is None else tree.value, Policy))
        for policy in policies:
            _check(policy)
    if tree.problems:
        raise PackErrors(tree.problems)
    return policies[0].value


def _check(policy: Placed[Policy]) -> None:
    said = policy.value
    for language in said.thresholds.languages:
        if base(language) not in KNOWN:
            policy.problem(("thresholds", "languages", language), f"unknown language {language!r}")
    for at, window in enumerate(said.windows):
        if not is_known(window.jurisdiction):
            policy.problem(("windows", at), f"unknown jurisdiction {window.jurisdiction!r}")
    for at, jurisdiction in enumerate(said.review_first.jurisdictions):
        if not is_known(jurisdiction):
            where = ("review_first", "jurisdictions", at)
            policy.problem(where, f"unknown jurisdiction {jurisdiction!r}")
