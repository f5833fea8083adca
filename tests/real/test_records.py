"""Records of the first system: read into typed values and written from them, byte for byte."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadsheet.errors import SealError
from broadsheet.models import Record, Video
from broadsheet.publish.build import embed
from broadsheet.publish.record import RecordFile, parse_record, record_name, record_path, render_record
from broadsheet.publish.seal import Sealer

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "reference"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    if not DATA.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {DATA} is not there, so no record of the first system was read")
    return {f"_news/{path.name}": path.read_bytes() for path in sorted((DATA / "records").glob("*.md"))}


def in_its_line_ends(file: RecordFile) -> RecordFile:
    """A file of the same line ends and nothing else, so that every field is written from its value."""
    blank = render_record(Record(path=file.record.path, title="-"), replace(file, fields=()))
    return replace(parse_record(file.record.path, blank), fields=())


def test_all_are_written_from_their_values_byte_for_byte(samples: dict[str, bytes]) -> None:
    assert len(samples) == 28
    for path, content in samples.items():
        file = parse_record(path, content)
        assert render_record(file.record, in_its_line_ends(file)) == content, path
        assert render_record(file.record, file) == content, path


def test_what_is_changed_and_changed_back_is_as_before(samples: dict[str, bytes]) -> None:
    for path, content in samples.items():
        file = parse_record(path, content)
        emptied = render_record(Record(path=path, title="-", excerpt="-", heat=7), file)
        assert render_record(file.record, parse_record(path, emptied)) == content, path


def test_a_change_of_one_field_changes_its_line_alone(samples: dict[str, bytes]) -> None:
    for path, content in samples.items():
        file = parse_record(path, content)
        if file.record.heat is None:
            continue
        before, after = content.split(b"\n"), render_record(replace(file.record, heat=9999), file).split(b"\n")
        assert [new for old, new in zip(before, after, strict=True) if old != new] == [
            b"heat: 9999" + b"\r" * (b"\r" in content)
        ]


def test_what_the_samples_say(samples: dict[str, bytes]) -> None:
    records = [parse_record(path, content).record for path, content in samples.items()]
    assert sum(record.type == "video" for record in records) == 5
    assert sum(bool(record.related) for record in records) == 9
    assert sum(record.heat == -1 for record in records) == 3
    assert sum(record.quality is None for record in records) == 1
    assert all(record.published_at and record.provider and record.provider.domain and record.topics for record in records)


def test_seals_are_foreign_and_kept(samples: dict[str, bytes]) -> None:
    sealer = Sealer([bytes(64)])
    for path, content in samples.items():
        sealed = parse_record(path, content).record.secured
        assert sealer.renew(path, {"source": "x"}, sealed) == sealed
        with pytest.raises(SealError):
            sealer.unseal(path, sealed)


def test_embeds_are_as_we_build_them(samples: dict[str, bytes]) -> None:
    records = [parse_record(path, content).record for path, content in samples.items()]
    frames = [record.featured_content for record in records if record.featured_content]
    assert len(frames) == 5
    for frame in frames:
        identifier = frame.partition("/embed/")[2].partition('"')[0]
        assert embed(Video(player="youtube", id=identifier)) == frame


def test_names_of_the_samples(samples: dict[str, bytes]) -> None:
    for path, content in samples.items():
        record = parse_record(path, content).record
        assert record.published_at
        assert record_path(record.title, record.published_at, lambda _: False) == path


def test_slugs_of_all_known_records() -> None:
    if not DATA.is_dir():
        pytest.skip(f"REAL DATA ABSENT: {DATA} is not there, so no slug of the first system was compared")
    lines = [json.loads(line) for line in (DATA / "records.jsonl").read_text().splitlines()]
    assert len(lines) == 89
    for line in lines:
        made = record_path(line["title"], datetime.fromisoformat(line["publishedDateTime"]), lambda _: False)
        assert record_name(made)[10:] == record_name(line["path"])[10:]
