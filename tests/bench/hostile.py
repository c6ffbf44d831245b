"""`python -m tests.bench.hostile`: what the longest post costs whatever it is made of.

Each kind of post goes through the gate and through everything behind it but the
encoder, which reads no more than the beginning of any text. Every round makes
another post, so that nothing is remembered from the one before.
"""

import argparse
import gc
import json
import sys
import time

from rich.console import Console
from rich.table import Table

from streams.detect.asking import Query
from streams.detect.detector import build_detector
from streams.packs.folder import default_folder, read_packs
from streams.schema.post import MAX_TEXT_CHARACTERS
from tests.bench.hostile_posts import HOSTILE, hostile_post


def measure(detector, name, *, rounds, length):
    """Return the least CPU milliseconds of some rounds: gate, all behind it."""
    gates, others = [], []
    for seed in range(rounds):
        text = hostile_post(name, seed=seed, length=length)
        value = json.dumps({"id": "1", "text": text}, ensure_ascii=False).encode()
        start = time.process_time()
        detector.gate([value])
        gated = time.process_time()
        detector.detect_all([Query(text)], has_time=lambda: False)
        others.append(time.process_time() - gated)
        gates.append(gated - start)
    return 1000 * min(gates), 1000 * min(others)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hostile", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--characters", type=int, default=MAX_TEXT_CHARACTERS)
    parser.add_argument("--only", nargs="*", choices=sorted(HOSTILE), default=sorted(HOSTILE))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    detector = build_detector(read_packs(default_folder()).catalogue())
    detector.detect_all([Query("vote fraud v0te #stopthesteal")], has_time=lambda: False)
    gc.collect()
    gc.freeze()  # as the worker does
    found = {
        name: measure(detector, name, rounds=options.rounds, length=options.characters)
        for name in options.only
    }
    ranked = sorted(found.items(), key=lambda item: -sum(item[1]))
    if options.json:
        sys.stdout.write(json.dumps({name: round(sum(costs), 1) for name, costs in ranked}) + "\n")
        return
    table = Table("kind of post", "gate, ms", "rest, ms", "both, ms")
    for name, (gate, rest) in ranked:
        table.add_row(name, f"{gate:.1f}", f"{rest:.1f}", f"{gate + rest:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
