"""A detector for tests that says what a function says of a text."""

from streams.detect.detection import NOTHING
from tests.builders import catalogue


class Says:
    """Looks like a detector to what evaluates one: `say(text)` is a detection or None."""

    version = "test-1"
    rule_set = "rules"

    def __init__(self, say, of=None):
        self.say = say
        self.catalogue = catalogue() if of is None else of
        self.asked = []

    def gate(self, values):
        return [at for at, value in enumerate(values) if b"hidden" not in value]

    def detect(self, text, *, languages=(), created_at=None):
        self.asked.append(text)
        return self.say(text) or NOTHING

    def detect_all(self, queries, *, thorough=False):
        return [self.detect(query.text) for query in queries]
