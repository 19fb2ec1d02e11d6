from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sixty.desk.app import create_app
from sixty.settings import Settings
from tests.web.small_shop import ORDER_OF_C001, ORDER_OF_C002, small_shop

SECRET = "k" * 40
Client = Callable[..., TestClient]


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return small_shop(tmp_path_factory.mktemp("shop"), datetime.now(timezone.utc))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>六拾优选</title>", encoding="utf-8")
    (tmp_path / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "assets" / "index-1a2b.js").write_text("export {}", encoding="utf-8")
    return tmp_path


@pytest.fixture
def client(shop_url: str, page: Path) -> Client:
    def make(environment: str = "development", **changes: Any) -> TestClient:
        settings = Settings(
            environment=environment,
            secret=SECRET,
            database_url=changes.pop("database_url", shop_url),
            public_rasa_url="https://bot.example",
            **changes,
        )
        return TestClient(create_app(settings, changes.get("page", page)), raise_server_exceptions=False)

    return make


def test_health(client: Client) -> None:
    assert client().get("/healthz").json() == {"status": "ok"}


def test_health_tells_when_the_database_is_gone(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a-folder.db").mkdir()
    answer = client(database_url=f"sqlite:///{tmp_path / 'a-folder.db'}").get("/healthz")
    assert answer.status_code == 503
    assert "a-folder" not in answer.text


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/", "/healthz", "/api/session", "/assets/index-1a2b.js", "/nowhere", "/api/uploads/none"):
        headers = client().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "https://bot.example wss://bot.example" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_no_other_site_may_read_anything(client: Client) -> None:
    for path in ("/healthz", "/api/demo/shop"):
        answer = client().get(path, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert client().options("/api/session", headers=preflight).status_code == 405


def test_the_page_and_its_files(client: Client) -> None:
    index = client().get("/")
    assert "六拾优选" in index.text
    assert index.headers["cache-control"] == "no-cache"
    asset = client().get("/assets/index-1a2b.js")
    assert asset.status_code == 200
    assert "immutable" in asset.headers["cache-control"]
    assert client().get("/icon.svg").status_code == 200
    assert client().get("/assets/../../pyproject.toml").status_code == 404
    assert client().get("/assets/%2e%2e/index.html").status_code == 404


def test_a_page_that_is_not_built_says_what_to_do(client: Client, shop_url: str, tmp_path: Path) -> None:
    settings = Settings(secret=SECRET, database_url=shop_url)
    answer = TestClient(create_app(settings, tmp_path / "nothing")).get("/")
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert TestClient(create_app(settings, tmp_path / "nothing")).get("/assets/x.js").status_code == 404


def test_production_has_no_demo_shop(client: Client) -> None:
    shop = client("production")
    for path in ("/api/demo/shop", "/api/demo/products/GZ2101", "/api/demo/orders?customer=C001"):
        assert shop.get(path).status_code == 404


def test_pictures(client: Client) -> None:
    picture = client().get("/pictures/GZ2101.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["content-security-policy"] == "default-src 'none'"
    assert "多口袋耐磨工装裤" in picture.text
    unknown = client().get("/pictures/none.svg")
    assert unknown.status_code == 200
    assert "<svg" in unknown.text
    for odd in ("%3Cscript%3E", "..%2f..%2fetc", "a" * 60):
        answer = client().get(f"/pictures/{odd}.svg")
        assert answer.status_code in (200, 404)
        assert "script" not in answer.text


def test_the_shop_front(client: Client) -> None:
    front = client().get("/api/demo/shop").json()
    assert front["products"][0] == {
        "no": "GZ1101",
        "name": "复古帆布工装夹克",
        "category": "工装",
        "price": "399.00",
        "list_price": "499.00",
        "picture": "/pictures/GZ1101.svg",
        "presale": False,
    }
    assert [each["no"] for each in front["products"] if each["presale"]] == ["SM2001"]
    assert [each["id"] for each in front["customers"]] == ["C001", "C002", "C003"]
    assert all(set(each) == {"id", "nickname", "level", "region"} for each in front["customers"])


def test_a_product_page(client: Client) -> None:
    product = client().get("/api/demo/products/gz2101").json()
    assert product["colors"] == ["卡其", "黑色"]
    assert product["sizes"] == ["M", "L", "XL"]
    assert product["attributes"][0]["selling_point"].startswith("12盎司")
    assert product["presale"] is None
    presale = client().get("/api/demo/products/SM2001").json()["presale"]
    assert presale == {"price": "399.00", "deposit": "50.00", "deposit_worth": "80.00"}
    assert client().get("/api/demo/products/NONE").status_code == 404


def test_orders_are_the_customers_own_and_say_nothing_private(client: Client) -> None:
    answer = client().get("/api/demo/orders", params={"customer": "C001"})
    assert [order["no"] for order in answer.json()["orders"]] == [ORDER_OF_C001]
    assert ORDER_OF_C002 not in answer.text
    for private in ("13800001001", "某某路", "陈"):
        assert private not in answer.text
    assert client().get("/api/demo/orders", params={"customer": "C003"}).json() == {"orders": []}
    assert client().get("/api/demo/orders").status_code == 422


def test_the_links_of_deeds_lead_to_the_order(client: Client) -> None:
    for link, shown in (
        ("/my/orders/202604718832650917/review", "/?entry=order&order=202604718832650917"),
        ("/my/orders/a%26b/pay", "/?entry=order&order=a%26b"),
        ("/my/membership", "/"),
    ):
        answer = client().get(link, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, shown)
