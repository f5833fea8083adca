"""Dates as they stand in feeds and pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.dates import parse_date

CASES = """
# RFC 822 and its successors
Fri, 02 Jan 2026 07:30:00 GMT              | 2026-01-02T07:30:00
Fri, 02 Jan 2026 07:30:00 +0100            | 2026-01-02T06:30:00
Fri, 2 Jan 2026 07:30 EST                  | 2026-01-02T12:30:00
2 Jan 2026 07:30:00 PDT                    | 2026-01-02T14:30:00
Fri, 02 Jan 26 07:30:00 UT                 | 2026-01-02T07:30:00
Fri, 02 Jan 99 07:30:00 Z                  | 1999-01-02T07:30:00
Friday, 02-Jan-26 07:30:00 UTC             | 2026-01-02T07:30:00
Fri, 02-Jan-2026 07:30:00 GMT              | 2026-01-02T07:30:00
Mon, 02 Jan 2026 07:30:00 GMT              | 2026-01-02T07:30:00
fri, 02 JAN 2026 07:30:00 gmt              | 2026-01-02T07:30:00
Fri,02 Jan 2026 07:30:00 +0000             | 2026-01-02T07:30:00
Fri 02 Jan 2026 07:30:00 CEST              | 2026-01-02T05:30:00
Fri, 02 Jan 2026 07:30:00 +02:00           | 2026-01-02T05:30:00
Fri, 02 Jan 2026 07:30:00 GMT+0200         | 2026-01-02T05:30:00
Fri, 02 Jan 2026 07:30:00 +0530 (IST)      | 2026-01-02T02:00:00
Fri, 02 Jan 2026 07:30:00 XYZ              | 2026-01-02T07:30:00
Fri, 02 Jan 2026 07:30:00 +2400            | 2026-01-02T07:30:00
Fri, 02 Jan 2026 07:30:00.123 +0100        | 2026-01-02T06:30:00
Fri, 02 Jan 2026 24:00:00 GMT              | 2026-01-03T00:00:00
Fri, 02 Jan 2026 07:30:60 GMT              | 2026-01-02T07:30:59
Fri, 02 Jan 2026                           | 2026-01-02T00:00:00
Wed, 02 Sept 2026 07:30:00 AEST            | 2026-09-01T21:30:00
Fri, 02 January 2026 07:30:00 NST          | 2026-01-02T11:00:00
# ISO 8601, RFC 3339, W3CDTF
2026-01-02T07:30:00Z                       | 2026-01-02T07:30:00
2026-01-02T07:30:00.123456789+01:00        | 2026-01-02T06:30:00.123456
2026-01-02t07:30:00z                       | 2026-01-02T07:30:00
2026-01-02 07:30:00 +0200                  | 2026-01-02T05:30:00
2026-01-02 07:30:00 −0200                  | 2026-01-02T09:30:00
2026-01-02T07:30:00+0200                   | 2026-01-02T05:30:00
2026-01-02T07:30:00-08                     | 2026-01-02T15:30:00
2026-01-02T07:30+01:00                     | 2026-01-02T06:30:00
2026-01-02T07:30                           | 2026-01-02T07:30:00
2026-01-02 07:30:00 UTC                    | 2026-01-02T07:30:00
2026-01-02 07:30:00.0                      | 2026-01-02T07:30:00
2026-01-02T07:30:00 EST                    | 2026-01-02T12:30:00
2026-01-02T07:30:00EST                     | 2026-01-02T12:30:00
2026-01-02T07:30:00+01:00[Europe/Paris]    | 2026-01-02T06:30:00
2026-01-02T24:00:00Z                       | 2026-01-03T00:00:00
2026-1-2 7:05:00                           | 2026-01-02T07:05:00
2026-01-02                                 | 2026-01-02T00:00:00
2026-01                                    | 2026-01-01T00:00:00
2026                                       | 2026-01-01T00:00:00
2026-W01-5                                 | 2026-01-02T00:00:00
20260102                                   | 2026-01-02T00:00:00
20260102T073000Z                           | 2026-01-02T07:30:00
20260102073000                             | 2026-01-02T07:30:00
2026/01/02 07:30:00                        | 2026-01-02T07:30:00
2026.01.02                                 | 2026-01-02T00:00:00
# Unix time
1767339000                                 | 2026-01-02T07:30:00
1767339000.5                               | 2026-01-02T07:30:00.500000
1767339000000                              | 2026-01-02T07:30:00
# asctime and the like
Fri Jan  2 07:30:00 2026                   | 2026-01-02T07:30:00
Fri Jan 02 07:30:00 +0000 2026             | 2026-01-02T07:30:00
Fri Jan 02 07:30:00 EST 2026               | 2026-01-02T12:30:00
Fri, Jan 2 2026 07:30:33 PM                | 2026-01-02T19:30:33
# As people write
January 2, 2026                            | 2026-01-02T00:00:00
Jan. 2, 2026 7:30 a.m. EST                 | 2026-01-02T12:30:00
Friday, January 2, 2026 - 7:30pm           | 2026-01-02T19:30:00
Sep 5, 2026 at 12:03am                     | 2026-09-05T00:03:00
7:30 PM, Jan 2, 2026                       | 2026-01-02T19:30:00
2nd of January 2026                        | 2026-01-02T00:00:00
January 2026                               | 2026-01-01T00:00:00
02.01.2026 07:30                           | 2026-01-02T07:30:00
2. 1. 2026                                 | 2026-01-02T00:00:00
2. Januar 2026, 14.30 Uhr                  | 2026-01-02T14:30:00
Mi, 04 März 2026 07:30:00 +0100            | 2026-03-04T06:30:00
mar., 06 janv. 2026 07:30:00 +0100         | 2026-01-06T06:30:00
2 août 2026 à 7h30                         | 2026-08-02T07:30:00
2 de enero de 2026                         | 2026-01-02T00:00:00
Seg, 07 Set 2026 19:42:40 -0300            | 2026-09-07T22:42:40
mer, 16 nov 2022 00:38:15 +0100            | 2022-11-15T23:38:15
12 мая 2026, 10:15                         | 2026-05-12T10:15:00
Пт, 02 янв 2026 10:00:00 +0300             | 2026-01-02T07:00:00
2 Temmuz 2026                              | 2026-07-02T00:00:00
2 maaliskuuta 2026                         | 2026-03-02T00:00:00
2026年1月2日 07時30分                         | 2026-01-02T07:30:00
2026年1月2日 下午3:20                         | 2026-01-02T15:20:00
2026년 1월 2일 오후 3:20                       | 2026-01-02T15:20:00
２０２６年１月２日                               | 2026-01-02T00:00:00
25/12/2026 07:30                           | 2026-12-25T07:30:00
12/25/2026                                 | 2026-12-25T00:00:00
04/04/2026                                 | 2026-04-04T00:00:00
"""

NOT_DATES = [
    "",
    " ",
    "yesterday",
    "3 hours ago",
    "03/04/2026",  # March or April
    "Fri, 31 Feb 2026 07:30:00 GMT",
    "2026-02-30",
    "2026-13-01",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "2101-01-01",
    "1989-12-31T23:59:59Z",
    "0",
    "-1767339000",
    "99999999999999",
    "12:30",
    "Version 1.2.3",
    "may",
    "2026-01-02" + " " * 50 + "x" * 200,
]


def cases() -> list[tuple[str, datetime]]:
    lines = (line for line in CASES.strip().splitlines() if not line.startswith("#"))
    pairs = (line.split("|") for line in lines)
    return [(text.strip(), datetime.fromisoformat(moment.strip()).replace(tzinfo=UTC)) for text, moment in pairs]


@pytest.mark.parametrize(("text", "moment"), cases(), ids=[text for text, _ in cases()])
def test_date_is_read(text: str, moment: datetime) -> None:
    assert parse_date(text) == moment
    assert parse_date(f"\n\t {text} \n") == moment


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


_MOMENTS = st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2100, 12, 30))
_OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(_MOMENTS, _OFFSETS)
def test_what_standard_libraries_write_is_read_back(moment: datetime, offset: timezone) -> None:
    moment = moment.replace(tzinfo=offset)
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(moment.isoformat(" ")) == moment
    assert parse_date(format_datetime(moment)) == moment.replace(microsecond=0)


@given(_MOMENTS)
def test_result_is_aware_and_in_utc(moment: datetime) -> None:
    read = parse_date(moment.isoformat())
    assert read is not None
    assert read.utcoffset() == timedelta(0)


@given(st.text(max_size=130))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert parse_date(text) is None or isinstance(parse_date(text), datetime)


@given(st.text(alphabet="0123456789-/:.,+ TZamp年月日時janMÄRZ", max_size=40))
def test_near_dates_never_raise(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or 1990 <= moment.year <= 2100
