"""What texts and days mean as the end of a token."""

from datetime import UTC, date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.expiry import end_of_day, parse_day, parse_expiry
from policies.refusals import Code, Refused

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-23T12:00:00Z", datetime(2027, 3, 23, 12, tzinfo=UTC)),
        ("2027-03-23t12:00:00z", datetime(2027, 3, 23, 12, tzinfo=UTC)),
        ("2027-03-23T12:00:00", datetime(2027, 3, 23, 12, tzinfo=UTC)),
        ("2027-03-23 12:00", datetime(2027, 3, 23, 12, tzinfo=UTC)),
        ("2027-03-23T12:00:00-05:00", datetime(2027, 3, 23, 17, tzinfo=UTC)),
        ("2027-03-23T12:00:00.123456+0100", datetime(2027, 3, 23, 11, 0, 0, 123456, tzinfo=UTC)),
        (" 2027-03-23 ", datetime(2027, 3, 24, 4, 59, 59, tzinfo=UTC)),
        ("2999-12-31", datetime(3000, 1, 1, 5, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_or_a_day_is_understood(text: str, moment: datetime) -> None:
    assert parse_expiry(text, CHICAGO) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2027-02-30",
        "2027-13-01",
        "3000-01-01",
        "3000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01",
        "2027-W12-2",
        "20270323",
        "2027-03-23T25:00:00Z",
        "2027-03-23T12:00:00 Z",
        "1798761600",
        "NaN",
        "२०२७-०३-२३",
        "2027-03-23\x00",
        "2027-03-23T12:00:00+99:99",
        "2027-03-23T12",
        "null",
        "2027/03/23",
        "23.03.2027",
        "-2027-03-23",
        "2027-03-23T12:00:60Z",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_expiry(text, CHICAGO)
    assert refused.value.code == Code.EXPIRY_INVALID


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    for parse in (partial(parse_expiry, zone=CHICAGO), parse_day):
        try:
            parse(text)
        except Refused as refused:
            assert refused.code == Code.EXPIRY_INVALID


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "UTC"])
def test_the_end_of_a_day_is_its_last_second_there(zone: str) -> None:
    end = end_of_day(date(2027, 3, 14), ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert (end.date(), end.hour, end.minute, end.second) == (date(2027, 3, 14), 23, 59, 59)
