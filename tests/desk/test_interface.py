"""The desk's HTTP interface against what it says of itself: Schemathesis makes up requests, good and bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as pace
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from sixty.desk.app import create_app
from sixty.settings import Settings
from sixty.shop.database import engine_for, upgrade_database

quick = pace(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("desk")
    url = f"sqlite:///{folder / 'shop.db'}"
    upgrade_database(url)
    for name in ("index.html", "chat.html", "desk.html", "widget.js", "icon.svg"):
        (folder / name).write_text("built", encoding="utf-8")
    settings = Settings(secret="k" * 40, database_url=url, var=folder, merchant_keys={"site": "m" * 40})
    app = create_app(settings, folder)

    @app.get("/openapi.json", include_in_schema=False)
    def document() -> Any:
        return app.openapi()

    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    engine_for(url).dispose()


interface = schemathesis.pytest.from_fixture("desk")


@interface.include(path_regex=r"^/api/(session|uploads)").parametrize()
@quick
def test_sessions_and_uploads_answer_as_promised(case: Any) -> None:
    promised = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
        unsupported_method,
    ]
    case.call_and_validate(checks=promised)


@interface.exclude(path_regex=r"^/api/(session|uploads)").parametrize()
@quick
def test_nothing_that_is_sent_breaks_the_desk(case: Any) -> None:
    case.call_and_validate(checks=[not_a_server_error])
