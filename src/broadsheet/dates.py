"""Dates as feeds and web pages write them, to aware datetimes in UTC. Pure: no clock, so no relative dates."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1990, 2100
_LONGEST = 120  # characters; no date is longer

_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_MONTHS = {name: number for number, name in enumerate(_ENGLISH, 1)}
_BETWEEN = {f" {name.capitalize()} ": f"-{number:02}-" for name, number in _ENGLISH_MONTHS.items()}  # RFC 822's to ISO 8601's

# Beginnings of month names, accents folded, in the languages of Europe that news feeds write dates in. The longest wins.
_MONTHS = {
    1: "jan ene gen янв січ sty led siec oca ιαν tammi",
    2: "feb fev fév лют фев lut uno sub φεβ helmi",
    3: "mar maer mrt mars марта мар бер brez μαρ maalis",
    4: "apr avr abr апр квіт kwi dub nis απρ huhti",
    5: "may mai mag mei maj мая май трав kve μαι touko",
    6: "jun giu juin июн черв cze cerv haz ιουν kesa",
    7: "jul lug juil июл лип lip cervenc tem ιουλ heina",
    8: "aug ago aou авг серп sie srp agu αυγ elo",
    9: "sep set сен вер wrz zar eyl σεπ syys",
    10: "oct okt ott out окт жовт paz rij eki οκτ loka",
    11: "nov ноя лист lis kas νοε marras",
    12: "dec dez dic дек груд gru pros ara δεκ joulu",
}
_BEGINNINGS = sorted(
    ((beginning, month) for month, names in _MONTHS.items() for beginning in names.split()), key=lambda pair: -len(pair[0])
)

_HOURS = {
    **dict.fromkeys(("ut", "utc", "gmt", "z", "wet"), 0),
    **dict.fromkeys(("bst", "west", "cet", "met", "mez", "wat"), 1),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast", "cat"), 2),
    **dict.fromkeys(("eest", "msk", "eat", "trt"), 3),
    **dict.fromkeys(("gst", "msd"), 4),
    "pkt": 5,
    "ist": 5.5,
    "npt": 5.75,
    **dict.fromkeys(("ict", "wib"), 7),
    **dict.fromkeys(("hkt", "sgt", "pht", "awst", "myt"), 8),
    **dict.fromkeys(("jst", "kst"), 9),
    "acst": 9.5,
    "aest": 10,
    "acdt": 10.5,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
    "ndt": -2.5,
    "nst": -3.5,
    **dict.fromkeys(("adt", "brt", "art", "clst"), -3),
    **dict.fromkeys(("ast", "edt", "clt"), -4),
    **dict.fromkeys(("est", "cdt"), -5),
    **dict.fromkeys(("cst", "mdt"), -6),
    **dict.fromkeys(("mst", "pdt"), -7),
    **dict.fromkeys(("pst", "akdt"), -8),
    "akst": -9,
    "hst": -10,
}
_ZONES = {name: timezone(timedelta(hours=hours)) if hours else UTC for name, hours in _HOURS.items()}

_RFC_822 = re.compile(
    r"(?:[A-Za-z]{3,9},? +)?(\d{1,2})[ -]([A-Za-z]{3})[ -](\d{4}) (\d\d):(\d\d)(?::(\d\d))?(?: ([+-]\d{4}|[A-Za-z]{1,5}))?",
    re.A,
)
_DIGITS = re.compile(r"-?\d{4,16}(?:\.\d+)?", re.A)
_TIME = re.compile(
    r"(?:(?<=\d)T|(?<![\d:.+-])|(?<=\d[-:]))"
    r"(?P<before>[ap]\.?m\.? |오전 |오후 |上午|下午|午前|午後)?"
    r"(?P<hour>\d{1,2})(?:[:h]|\.(?=\d\d(?:\.\d\d)?(?: *(?:$|uhr|[ap]m))))(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)|\.(?P<dotted>\d\d)\b)?(?:[.,:]\d+)?"
    r"(?: *(?:uhr\b|hrs?\b))?(?: *(?P<half>[ap])\.?m\b\.?)?"
    r"(?: *(?P<zone>.*))?",
    re.I | re.A,
)
_CJK_TIME = re.compile(
    r"(?P<before>오전 ?|오후 ?|上午|下午|午前|午後)?(\d{1,2}) ?[時时点시] ?(?:(\d{1,2}) ?[分분])?(?: ?(\d{1,2}) ?[秒초])?"
)
_OFFSET = re.compile(r"(?:utc|gmt|z)? ?([+\-−]) ?(\d{1,2})(?:(?::?)(\d\d))?(?!\d)", re.I | re.A)
_ZONE_NAME = re.compile(r"\(?([a-z]{1,5})\b", re.I)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})(?: ?[-/.年년] ?)(\d{1,2})(?:(?: ?[-/.月월] ?)(\d{1,2}))?(?!\d)", re.A)
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d\d)(?!\d)", re.A)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(?=$|[^\d])", re.A)
_NUMBER = re.compile(r"\d+", re.A)
_DAY_MONTH = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?!\d)(?:st|nd|rd|th|er|\.|º|-)? ?(?:de |of )?(?P<month>[^\W\d_]{3,})(?P<year>)"
)
_MONTH_DAY = re.compile(r"(?P<month>[^\W\d_]{3,})[.-]? ?(?P<day>\d{1,2})(?!\d)(?P<year>)")
_MONTH_YEAR = re.compile(r"(?P<month>[^\W\d_]{3,})[.-]?,? ?(?:de |of )?(?P<year>\d{4})(?!\d)(?P<day>)")


def parse_date(text: str) -> datetime | None:
    """The moment a written date means, in UTC, or None when it is none or not between 1990 and 2100.

    Reads RFC 822 and its successors as feeds write them (no seconds, named zones, two-digit years, wrong week days), ISO 8601
    and its W3C and RFC 3339 profiles with missing parts, asctime, Unix seconds and milliseconds, month names of European
    languages, and East Asian forms. A date without a zone is UTC, without a time midnight. A date as 03/04/2024, which may be
    March or April, is None. Never raises.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = _iso(text) if text[:4].isdecimal() else _full_rfc_822(text) or _rfc_822(text)
        moment = moment or _wild(text)
        if moment is None:
            return None
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _iso(text: str) -> datetime | None:
    """ISO 8601 as Python reads it; None leaves the text to the slower readers."""
    if _DIGITS.fullmatch(text):
        return _number(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rfc_822(text: str) -> datetime | None:
    """RFC 822 in its usual forms, by which nearly all RSS dates are written."""
    match = _RFC_822.fullmatch(text)
    if match is None:
        return None
    day, name, year, hour, minute, second, zone = match.groups()
    month = _ENGLISH_MONTHS.get(name.lower())
    if month is None:
        return None
    return _moment(int(year), month, int(day), (int(hour), int(minute), int(second or 0)), _zone(zone or ""))


def _full_rfc_822(text: str) -> datetime | None:
    """RFC 822 with all its parts in their places, ``Mon, 12 May 2031 07:00:00 GMT``, read in half the time."""
    month, offset = _BETWEEN.get(text[7:12]), _full_zone(text[26:])
    if not month or not offset or text[3:5] != ", " or text[16:26:3] != " :: " or not text[:3].isalpha() or not text.isascii():
        return None
    try:
        return datetime.fromisoformat(f"{text[12:16]}{month}{text[5:7]}T{text[17:25]}{offset}")
    except ValueError:
        return None


@lru_cache(maxsize=512)
def _full_zone(zone: str) -> str:
    """The zone of RFC 822 as ISO 8601 has it; empty for what is none."""
    if not (zone.isalpha() and len(zone) < 6) and not (len(zone) == 5 and zone[0] in "+-" and zone[1:].isdecimal()):
        return ""
    return datetime.min.replace(tzinfo=_zone(zone)).isoformat()[19:]


def _number(text: str) -> datetime | None:
    """Unix seconds or milliseconds, YYYYMMDD with or without a time, or a bare year."""
    whole = text.partition(".")[0]
    if len(whole) in (10, 13):
        seconds = float(text) if len(whole) == 10 else float(text) / 1000
        return datetime.fromtimestamp(seconds, UTC)
    if len(whole) == 4:
        return datetime(int(whole), 1, 1, tzinfo=UTC)
    return _compact(text)


def _compact(text: str) -> datetime | None:
    match = _COMPACT.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return _moment(year, month, day, (hour, minute, second), _zone(text[match.end() :].strip()))


def _wild(text: str) -> datetime | None:
    """Anything else: the time of day and zone are found and cut out, then the day is looked for in what remains."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    rest, clock, zone = _split_time(text)
    day = _day_by_numbers(rest) or _day_by_name(rest)
    if day is None:
        return _compact(text)
    return _moment(*day, clock, zone)


def _split_time(text: str) -> tuple[str, tuple[int, int, int], timezone]:
    if match := _CJK_TIME.search(text):
        hour, minute, second = (int(part or 0) for part in match.groups()[1:])
        clock = (_half_day(hour, match["before"] or ""), minute, second)
        return text[: match.start()] + " " + text[match.end() :], clock, UTC
    match = _TIME.search(text)
    if match is None:
        return text, (0, 0, 0), UTC
    hour = _half_day(int(match["hour"]), match["half"] or match["before"] or "")
    clock = (hour, int(match["minute"]), int(match["second"] or match["dotted"] or 0))
    after = match["zone"] or ""
    return text[: match.start()] + " " + _OFFSET.sub(" ", after, count=1), clock, _zone(after)


def _half_day(hour: int, half: str) -> int:
    half = half.strip(" .").lower()
    if half[:1] == "p" or half in ("오후", "下午", "午後"):
        return hour + 12 if hour < 12 else hour
    if half and hour == 12:
        return 0
    return hour


@lru_cache(maxsize=512)
def _zone(text: str) -> timezone:
    """The zone written at the beginning of ``text``; UTC where none is known by that name, as RFC 5322 has it."""
    known = _ZONES.get(text.lower())
    if known:
        return known
    if match := _OFFSET.match(text):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if offset <= timedelta(hours=15):
            return timezone(offset if sign == "+" else -offset)
        return UTC
    name = _ZONE_NAME.match(text)
    return _ZONES.get(name[1].lower(), UTC) if name else UTC


def _day_by_numbers(text: str) -> tuple[int, int, int] | None:
    if match := _YEAR_FIRST.search(text):
        return int(match[1]), int(match[2]), int(match[3] or 1)
    match = _DAY_FIRST.search(text)
    if match is None:
        return None
    first, separator, second, year = int(match[1]), match[2], int(match[3]), _year(match[4])
    if separator == "." or first > 12 or first == second:
        return year, second, first
    return (year, first, second) if second > 12 else None


def _day_by_name(text: str) -> tuple[int, int, int] | None:
    """A month's name beside the day's number, and the year: the number of four digits, else the last one."""
    for pattern in (_DAY_MONTH, _MONTH_DAY, _MONTH_YEAR):
        for match in pattern.finditer(text):
            month = _month(match["month"])
            year = match["year"] or _year_in(text[: match.start()] + " " + text[match.end() :])
            if month and year:
                return _year(year), month, int(match["day"] or 1)
    return None


def _year_in(text: str) -> str:
    numbers = _NUMBER.findall(text)
    return next((number for number in numbers if len(number) == 4), numbers[-1] if numbers else "")


def _month(word: str) -> int:
    folded = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return next((month for beginning, month in _BEGINNINGS if folded.startswith(beginning)), 0)


def _year(digits: str) -> int:
    """A year of two digits is of this century up to 49, of three counts from 1900 (RFC 5322, section 4.3)."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _moment(year: int, month: int, day: int, clock: tuple[int, int, int], zone: timezone) -> datetime:
    hour, minute, second = clock
    if hour < 24 and minute < 60 and second < 60:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    midnight = datetime(year, month, day, tzinfo=zone)
    if hour > 24 or minute > 59 or second > 60:
        return midnight
    return midnight + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))
