"""The mean of tuned models."""

from __future__ import annotations

import io

import numpy as np
import pytest

from streams.detect.model import assemble
from streams.detect.train.export import averaged

SHIPPED = assemble.shipped(assemble.TUNED_FILE)


def arrays(file: bytes) -> dict[str, np.ndarray]:
    return dict(np.load(io.BytesIO(file), allow_pickle=False))


def saved(values: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **values)  # type: ignore[arg-type] # names are ours
    return file.getvalue()


def test_the_mean_of_a_model_with_itself_is_that_model() -> None:
    mean, shipped = arrays(averaged([SHIPPED, SHIPPED])), arrays(SHIPPED)

    assert mean.keys() == shipped.keys()
    for name, value in shipped.items():
        if value.dtype.kind == "f":
            assert np.allclose(mean[name], value, rtol=2e-3, atol=1e-6), name


def test_the_mean_lies_between_the_two() -> None:
    values = arrays(SHIPPED)
    other = values | {"heads.bias": values["heads.bias"] + 2}

    mean = arrays(averaged([SHIPPED, saved(other)]))

    assert np.allclose(mean["heads.bias"], values["heads.bias"] + 1, atol=1e-5)


def test_models_of_different_bases_have_no_mean() -> None:
    values = arrays(SHIPPED)

    with pytest.raises(ValueError, match="different bases"):
        averaged([SHIPPED, saved(values | {"base": np.array("another")})])
