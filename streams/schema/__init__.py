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
    Finding,
    Label,
    LabelEvent,
    LabelKind,
    Mode,
    PostLabels,
    Reason,
    Ruling,
    Span,
    Stance,
)
from streams.schema.policy import (
    LEAST_CLAIM,
    LEAST_MATCH,
    POLICY_KEY,
    Accounts,
    KindPolicy,
    Policy,
    ReviewFirst,
    Scores,
    Thresholds,
    Window,
)
from streams.schema.post import Op, Post
from streams.schema.review import Decision, Review
from streams.schema.wire import Headers, WireModel, cloudevent_headers, dataschema_of, stable_id

WIRE_MODELS: tuple[type[WireModel], ...] = (
    Post,
    Claim,
    ElectionPack,
    LabelEvent,
    PostLabels,
    Review,
    Policy,
    Observation,
    Candidate,
    DeadLetter,
    Cursor,
)

__all__ = [
    "LEAST_CLAIM",
    "LEAST_MATCH",
    "POLICY_KEY",
    "WIRE_MODELS",
    "Accounts",
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
    "Decision",
    "Election",
    "ElectionPack",
    "Example",
    "Fault",
    "Finding",
    "Headers",
    "KindPolicy",
    "Label",
    "LabelEvent",
    "LabelKind",
    "MirroredNames",
    "Mode",
    "Observation",
    "Op",
    "Policy",
    "Post",
    "PostLabels",
    "Reason",
    "Review",
    "ReviewFirst",
    "Ruling",
    "Scores",
    "Shape",
    "SourceStance",
    "Span",
    "Stance",
    "Thresholds",
    "Window",
    "WireModel",
    "cloudevent_headers",
    "dataschema_of",
    "stable_id",
]
