from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from streams.schema import Election

DAY = "2026-11-03"
SOURCE = {"publisher": "Zed Election Board", "url": "https://zeb.example"}


def election(**calendar):
    return Election.model_validate(
        {
            "election_id": "zz-2026",
            "name": {"en": "Zedland general election"},
            "polls_open": "2026-11-03T06:00:00Z",
            "polls_close": "2026-11-03T20:00:00Z",
            "certified_by": "2026-11-25T00:00:00Z",
            "calendar": {"days": [DAY], "sources": [SOURCE], **calendar},
        }
    )


def test_a_calendar_is_read():
    found = election(
        early=[{"first": "2026-10-20", "last": "2026-11-02"}],
        registration_ends=["2026-10-05"],
        opens=["07:00"],
        closes=["20:00", "21:30"],
    )
    assert found.calendar is not None
    assert found.calendar.days == (date(2026, 11, 3),)
    assert found.polls_open == datetime(2026, 11, 3, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": []},
        {"days": ["2026-11-03", "2026-11-03"]},
        {"days": ["2026-11-05"]},  # polls_open says another day
        {"days": ["2026-11-03", "2026-11-17"]},  # polls_close does
        {"early": [{"first": "2026-11-02", "last": "2026-10-20"}]},
        {"early": [{"first": "2026-11-02", "last": "2026-11-04"}]},
        {"registration_ends": ["2026-11-03"]},
        {"closes": ["24:00"]},
        {"closes": ["8 pm"]},
        {"closes": [1200]},  # YAML reads 20:00 without quotes as a number
        {"sources": []},
        {"closed": ["20:00"]},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        election(**wrong)
