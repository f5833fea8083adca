"""The HTTP API is what its OpenAPI description says: the description is valid, and schemathesis asks by it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate

from broadsheet.models import Hook
from broadsheet.serve.hooks import message
from broadsheet.store.events import Event, Kind
from tests.serve.apis import NOW, Served, served, story

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of libraries that schemathesis brings
    import schemathesis
    import schemathesis.specs.openapi.schemas  # now, as Python 3.11 cannot parse it after some tests (python/cpython#106905)
    from schemathesis import Case, GenerationMode

API = "/api/v1"
# with fields that can be wrong
ASKED = [
    ("GET", f"{API}/stories", ""),
    ("GET", f"{API}/articles", ""),
    ("GET", f"{API}/outlets", ""),
    ("GET", f"{API}/sources", "desk"),
    ("GET", f"{API}/search", ""),
    ("GET", "/feeds/v1/search.{form}", ""),
    ("GET", "/feeds/v1/stories.{form}", ""),
    ("POST", f"{API}/hooks", "hooks"),
]
NAMED = [
    ("GET", f"{API}/stories/{{name}}", ""),
    ("GET", f"{API}/articles/{{key}}", ""),
    ("GET", f"{API}/topics", ""),
    ("GET", f"{API}/topics/{{slug}}", ""),
    ("GET", f"{API}/outlets/{{domain}}", ""),
    ("GET", f"{API}/hooks", "hooks"),
    ("GET", f"{API}/hooks/{{id}}", "hooks"),
    ("DELETE", f"{API}/hooks/{{id}}", "hooks"),
    ("POST", f"{API}/hooks/{{id}}/resume", "hooks"),
]
STREAM = ("GET", f"{API}/events")  # has no end: `test_events` listens
RIGHT = [(*call, GenerationMode.POSITIVE) for call in (*ASKED, *NAMED)]
WRONG = [(*call, GenerationMode.NEGATIVE) for call in ASKED]
BOUNDED = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("paper") / "paper") as found:
        yield found


@pytest.fixture(scope="module")
def schema(paper: Served) -> Any:
    return schemathesis.openapi.from_url(f"{paper.home}api/v1/openapi.json")


def test_the_description_is_valid_and_whole(paper: Served) -> None:
    described = paper.get("openapi.json")
    validate(described)
    told = {(method.upper(), path) for path, calls in described["paths"].items() for method in calls}
    assert told == {(method, path) for method, path, _ in (*ASKED, *NAMED)} | {STREAM}


def test_what_is_sent_by_itself_is_described(paper: Served) -> None:
    """Messages of webhooks; the data of events are theirs."""
    described = paper.get("openapi.json")
    hook = Hook(id="a" * 32, url="https://hooks.example/", secret="whsec_eA==", who="maud", at=NOW)
    for kind in get_args(Kind):
        content, headers = message("http://localhost:8000/", hook, Event(number=1, kind=kind, at=NOW, story=story(3)), NOW)
        call = described["webhooks"][f"story.{kind}"]["post"]
        reference = call["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(json.loads(content), {**reference, "components": described["components"]})
        assert {item["name"] for item in call["parameters"]} == set(headers) - {"Content-Type"}


@pytest.mark.parametrize(("method", "path", "scope", "mode"), [*RIGHT, *WRONG])
def test_every_call_answers_as_described(
    paper: Served, schema: Any, method: str, path: str, scope: str, mode: GenerationMode
) -> None:
    """Schemathesis checks statuses, types, schemas, and that what is wrong is refused, what is right taken."""
    operation = schema[path][method]

    def without_cursor(case: Case) -> Case:
        """A cursor is what a page gave: no schema tells of one that is good."""
        if mode is GenerationMode.POSITIVE:
            case.query.pop("cursor", None)
        return case

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode).map(without_cursor))
    def ask(case: Case) -> None:
        headers = {"Authorization": f"Bearer {paper.tokens[scope]}"} if scope else {}
        case.call_and_validate(headers=headers)

    ask()
