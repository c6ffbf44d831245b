"""The contract: every value that travels through Kafka.

Imports neither Faust nor Kafka. JSON Schemas of these models stand in
`deploy/schemas/` and are held to the code by a test.
"""

from streams.schema.candidate import Candidate, ClusterMemory, Example, Observation, Shape
from streams.schema.claim import (
    Authority,
    Calendar,
    CalendarSource,
    Claim,
    ClaimSource,
    ClaimStatus,
    ClaimType,
    DayRange,
    Election,
    ElectionPack,
    MirroredNames,
    SourceStance,
)
from streams.schema.cursor import Cursor
from streams.schema.dead_letter import DeadLetter, Fault
from streams.schema.label import (
    Action,
    Actor,
    AuthorityNote,
    Label,
    LabelEvent,
    LabelKind,
    Mode,
    PostLabels,
    Reason,
    Span,
    Stance,
)
from streams.schema.post import Op, Post
from streams.schema.wire import Headers, WireModel, cloudevent_headers, dataschema_of, stable_id

WIRE_MODELS: tuple[type[WireModel], ...] = (
    Post,
    Claim,
    ElectionPack,
    LabelEvent,
    PostLabels,
    Observation,
    Candidate,
    DeadLetter,
    Cursor,
)

__all__ = [
    "WIRE_MODELS",
    "Action",
    "Actor",
    "Authority",
    "AuthorityNote",
    "Calendar",
    "CalendarSource",
    "Candidate",
    "Claim",
    "ClaimSource",
    "ClaimStatus",
    "ClaimType",
    "ClusterMemory",
    "Cursor",
    "DayRange",
    "DeadLetter",
    "Election",
    "ElectionPack",
    "Example",
    "Fault",
    "Headers",
    "Label",
    "LabelEvent",
    "LabelKind",
    "MirroredNames",
    "Mode",
    "Observation",
    "Op",
    "Post",
    "PostLabels",
    "Reason",
    "Shape",
    "SourceStance",
    "Span",
    "Stance",
    "WireModel",
    "cloudevent_headers",
    "dataschema_of",
    "stable_id",
]
