"""Training of stage one: logistic regression on the places that `model.linear` hashes to."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.linear_model import SGDClassifier

from streams.detect.model.linear import BITS, ORDERS, places
from streams.detect.train.rows import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.detect.train.rows import Row

ROUNDS = 10
REGULARISATION = 2e-7
CLAIM_WEIGHT = 3.0
"""A claim missed by the first stage is missed; a post let through costs some milliseconds."""


def features(texts: Sequence[bytes]) -> sparse.csr_matrix:
    """Return the n-grams' counts over the root of their number (texts, 2 ** BITS)."""
    parts = []
    for start in range(0, len(texts), 2048):
        part = texts[start : start + 2048]
        orders, starts = places(part)
        lengths = np.diff(np.append(starts, len(orders[0])))
        rows = np.repeat(np.arange(len(part)), lengths)
        values = (1 / np.sqrt(lengths * len(ORDERS))).astype(np.float32)[rows]
        shape = (len(part), 1 << BITS)
        parts.append(
            sum(
                (sparse.csr_matrix((values, (rows, order)), shape=shape) for order in orders[1:]),
                sparse.csr_matrix((values, (rows, orders[0])), shape=shape),
            )
        )
    return sparse.vstack(parts).tocsr()


def fit_linear(rows: Sequence[Row], *, seed: int = 0) -> bytes:
    """Return the file of the model trained on the rows."""
    matrix = features([row.text.encode("utf-8", "replace") for row in rows])
    claim = np.array([row.claim == 1 for row in rows])
    topic = np.array([row.topic == 1 for row in rows]) | claim
    known = np.array([row.claim != UNKNOWN for row in rows])
    weight = np.where(claim, CLAIM_WEIGHT, 1.0)
    fitted = []
    for truth in (topic, claim):
        model = SGDClassifier(
            loss="log_loss", alpha=REGULARISATION, max_iter=ROUNDS, tol=None, random_state=seed
        )
        fitted.append(model.fit(matrix[known], truth[known], sample_weight=weight[known]))
    file = io.BytesIO()
    np.savez_compressed(
        file,
        weights=np.concatenate([model.coef_ for model in fitted]).astype(np.float16),
        bias=np.concatenate([model.intercept_ for model in fitted]).astype(np.float32),
    )
    return file.getvalue()
