"""Detectors one after the other, each from what was read for those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams.detect.detector import build_detector
from streams.detect.ear import ear_of
from streams.detect.lexicon import load_lexicon
from streams.detect.model.assemble import load_model
from streams.detect.reader import ClaimReader
from streams.worker.reading import read_elsewhere

if TYPE_CHECKING:
    from streams.detect.catalogue import Catalogue
    from streams.detect.detector import Detector


class DetectorMaker:
    """Makes a detector for each catalogue; one at a time, in whatever thread."""

    def __init__(self) -> None:
        self._reader: ClaimReader | None = None

    def __call__(self, catalogue: Catalogue) -> Detector:
        """Return a detector; reads the claims that changed since the last one.

        Raises:
            ModelError: see `build_detector`.
            ReadingError: many claims were to be read and their process ended early.
        """
        model = load_model()
        if self._reader is None:
            self._reader = ClaimReader(load_lexicon(), ear_of(model), read_elsewhere)
        return build_detector(catalogue, model, self._reader)
