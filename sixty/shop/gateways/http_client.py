"""Speaks HTTP with a shop's system: patient for a short while, and never twice where once is meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from sixty.shop.gateways.circuit_breaker import CircuitBreaker
from sixty.shop.gateways.errors import NonsenseError, OutOfReachError, RefusedError

CONNECT_SECONDS = 1.0
RETRIES = 1
PAUSE_SECONDS = 0.2
LARGEST_ANSWER = 8 * 1024 * 1024
_CHUNK = 64 * 1024

# The system says that it may work in a moment. Everything else a second try does not mend.
_TRY_AGAIN = (502, 503, 504)
_BUSY = 429


class ShopClient:
    """One system's address with our credentials; shared by all threads of a process.

    A reading is tried once more after a failure of the way or a 502–504; a deed only where it carries a key by which
    the system knows it again. With both tries a caller waits a few seconds at most, which leaves a turn of the
    conversation its time to apologise.

    Args:
        base_url: Where the system's API begins, such as `https://shop.example/api`.
        token: Sent as a bearer token.
        timeout: Seconds to wait for the next part of an answer.
        breaker: Rests the system after failures; one of its own when left out.
    """

    def __init__(self, base_url: str, token: str, timeout: float = 2.0, breaker: CircuitBreaker | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = (CONNECT_SECONDS, timeout)
        self._breaker = breaker or CircuitBreaker()
        self._session = requests.Session()
        # Settings is the only reader of the environment; a .netrc must not replace our credentials either.
        self._session.trust_env = False
        self._session.headers.update({"Accept": "application/json", "Authorization": f"Bearer {token}"})
        self._retrying = _retrying(frozenset({"GET"}))
        self._retrying_deeds = _retrying(frozenset({"POST"}))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Reads something; `None` when the system says that it isn't there.

        Amounts come as `Decimal`, whether the system writes them as text or as numbers.

        Raises:
            GatewayError: There is no usable answer.
        """
        return self._ask("GET", path, self._retrying, params=params)

    def post(self, path: str, body: Mapping[str, Any], key: str) -> Any:
        """Asks for a deed that the system does once for each key, however often it is asked.

        Raises:
            GatewayError: There is no usable answer; the deed may have been done. Ask again with the same key.
        """
        return self._ask("POST", path, self._retrying_deeds, json=body, headers={"Idempotency-Key": key})

    def _ask(self, method: str, path: str, way: HTTPAdapter, **request: Any) -> Any:
        url = f"{self._base_url}/{path.lstrip('/')}"
        with self._breaker.guard():
            try:
                prepared = self._session.prepare_request(requests.Request(method, url, **request))
                # A redirect would carry the token elsewhere, so it is an answer like any other: a wrong one.
                with way.send(prepared, stream=True, timeout=self._timeout) as response:
                    return _read(response)
            except (requests.Timeout, requests.ConnectionError, requests.exceptions.RetryError) as error:
                raise OutOfReachError(f"the shop's system did not answer: {_reason(error)}") from error
            except requests.exceptions.ChunkedEncodingError as error:
                raise OutOfReachError("the shop's system broke off its answer") from error
            except requests.RequestException as error:
                raise RefusedError(f"the shop's system cannot be asked: {type(error).__name__}") from error


def _retrying(methods: frozenset[str]) -> HTTPAdapter:
    return HTTPAdapter(
        pool_maxsize=32,
        max_retries=Retry(
            total=RETRIES,
            redirect=0,
            allowed_methods=methods,
            status_forcelist=_TRY_AGAIN,
            backoff_factor=PAUSE_SECONDS,
            # It may ask for minutes; nobody in a chat waits for them.
            respect_retry_after_header=False,
            raise_on_status=False,
            raise_on_redirect=False,
        ),
    )


def _read(response: requests.Response) -> Any:
    status = response.status_code
    if status in (404, 410):
        return None
    if status == _BUSY or status >= 500:
        raise OutOfReachError(f"the shop's system answered with {status}")
    if status in (401, 403):
        raise RefusedError(f"the shop's system refuses our credentials ({status}); see SIXTY_SHOP_API_TOKEN")
    if not 200 <= status < 300:
        raise RefusedError(f"the shop's system answered with {status}; see SIXTY_SHOP_API_URL")
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise NonsenseError(f"the shop's system answered with more than {LARGEST_ANSWER} bytes")
    try:
        return json.loads(bytes(body), parse_float=Decimal)
    except ValueError as error:
        raise NonsenseError("the shop's system answered with something else than JSON") from error


def _reason(error: Exception) -> str:
    # The exception's own text names the whole address, with order numbers and customers in it.
    return type(error).__name__
