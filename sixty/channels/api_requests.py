"""What a merchant's server may ask of the api channel: signed, small, and read strictly."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, Extra, Field, ValidationError, root_validator, validator

from sixty.channels.refusal import Refused
from sixty.identity.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, UnsignedError, check_signature

KEY_HEADER = "X-Sixty-Key"
LARGEST_BODY = 64 * 1024
PAGE = 200

_WAYS = ("text", "tap", "attachment", "opened")
_ATTACHMENT = (
    "kind",
    "url",
    "platform_id",
    "name",
    "size",
    "content_type",
    "latitude",
    "longitude",
    "label",
)
_ID = re.compile(r"[\x21-\x7e]{1,64}")
_STATUS_OF_REFUSAL = {
    "too_fast": 429,
    "busy": 503,
    "unknown_conversation": 404,
    "opened_already": 409,
    "too_long": 413,
    "too_big": 413,
}


@dataclass(frozen=True)
class ApiRefusalError(Exception):
    """Why a request is not done.

    Attributes:
        status: The HTTP status.
        code: The reason, for programs.
        message: The reason and what to do, in English for developers; in Chinese where a customer may read it.
        retry_after: Seconds after which it would be done.
    """

    status: int
    code: str
    message: str
    retry_after: float | None = None

    @classmethod
    def of(cls, refused: Refused) -> ApiRefusalError:
        """A refusal of the front door."""
        status = _STATUS_OF_REFUSAL.get(refused.code, 422)
        return cls(status, refused.code, refused.text, refused.retry_after)


def _printable(value: str | None) -> str | None:
    if value is not None and not value.isprintable():
        raise ValueError("has characters that cannot be printed")
    return value


class ApiCustomer(BaseModel):
    """Who the customer is; the merchant's server vouches for it."""

    id: str = Field(..., min_length=1, max_length=64)
    level: str | None = Field(None, max_length=16)
    region: str | None = Field(None, max_length=64)

    _texts = validator("id", "level", "region", allow_reuse=True)(_printable)

    class Config:
        """Refuses what it doesn't know."""

        extra = Extra.forbid


class ApiMessage(BaseModel):
    """One message of a customer."""

    conversation: str = Field(..., min_length=1, max_length=64)
    id: str | None = Field(None, min_length=1, max_length=64)
    text: str | None = None
    tap: str | None = Field(None, max_length=128)
    attachment: dict[str, Any] | None = None
    opened: bool | None = None
    customer: ApiCustomer | None = None
    entry: Literal["shop", "product", "order"] | None = None
    product: str | None = Field(None, max_length=64)
    order: str | None = Field(None, max_length=64)
    wait: bool = True

    _texts = validator("conversation", "product", "order", allow_reuse=True)(_printable)

    class Config:
        """Refuses what it doesn't know, so that a slip of the pen is noticed."""

        extra = Extra.forbid

    @validator("attachment")
    def _an_attachment(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        # An id would be that of an upload to our own desk, which a server has no part in.
        if (value or {}).keys() - set(_ATTACHMENT):
            raise ValueError(f"knows {', '.join(_ATTACHMENT)} only")
        return value

    @validator("id")
    def _an_id(cls, value: str | None) -> str | None:
        if value is not None and not _ID.fullmatch(value):
            raise ValueError("must be of printable ASCII characters")
        return value

    @property
    def signed_out(self) -> bool:
        """Whether it says that nobody is signed in any more: its customer is null, not left out."""
        return self.customer is None and "customer" in self.__fields_set__

    @root_validator(skip_on_failure=True)
    def _one_thing(cls, values: dict[str, Any]) -> dict[str, Any]:
        said = [way for way in _WAYS if values.get(way) not in (None, False)]
        # A picture may come with a line of text.
        if len(said) != 1 and said != ["text", "attachment"]:
            raise ValueError("a message has one of text, tap, attachment, opened")
        return values


@dataclass(frozen=True)
class HistoryWish:
    """What messages are asked for."""

    conversation: str
    after: int = 0
    limit: int = PAGE


def check_signed(headers: Mapping[str, str], content: bytes, keys: Mapping[str, str], now: datetime) -> str:
    """Checks who sends a request.

    Args:
        headers: Its headers, by names in any case.
        content: The raw body, or the raw query string of a request that has none.
        keys: Name to secrets.
        now: The present moment.

    Returns:
        The name of the key.

    Raises:
        ApiRefusalError: It is not signed by any of them, or too long ago.
    """
    name = headers.get(KEY_HEADER, "")
    secrets = keys.get(name, "")
    try:
        check_signature(secrets, headers.get(TIMESTAMP_HEADER, ""), headers.get(SIGNATURE_HEADER, ""), content, now)
    except UnsignedError as error:
        raise ApiRefusalError(401, "unsigned", f"{error.detail}; {KEY_HEADER} names the key") from None
    return name


def read_message(body: bytes, timestamp: str) -> ApiMessage:
    """Reads a message. One without an id gets one that is the same when the same request comes again.

    Raises:
        ApiRefusalError: It is none; says what is wrong with it and where.
    """
    try:
        given = json.loads(body.decode("utf-8"), parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        raise ApiRefusalError(400, "malformed", "the body is no JSON in UTF-8") from None
    if not isinstance(given, dict):
        raise ApiRefusalError(422, "malformed", "the body must be an object")
    try:
        message = ApiMessage(**given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"] if each != "__root__")
        said = f"{place}: {first['msg']}" if place else str(first["msg"])
        raise ApiRefusalError(422, "malformed", said) from None
    except (TypeError, RecursionError):
        raise ApiRefusalError(422, "malformed", "the body must be a message") from None
    if message.id is None:
        digest = hashlib.sha256(timestamp.encode() + b"." + body).hexdigest()[:40]
        message = message.copy(update={"id": f"request:{digest}"})
    return message


def read_history_wish(query: str) -> HistoryWish:
    """Reads the query of a request for messages.

    Raises:
        ApiRefusalError: Something in it is wrong.
    """
    try:
        given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=8, errors="strict"))
    except (ValueError, UnicodeError):
        raise ApiRefusalError(422, "malformed", "the query is none") from None
    unknown = given.keys() - {"conversation", "after", "limit"}
    if unknown:
        raise ApiRefusalError(422, "malformed", "the query has conversation, after and limit only")
    conversation = given.get("conversation", "")
    if not 1 <= len(conversation) <= 64 or not conversation.isprintable():
        raise ApiRefusalError(422, "malformed", "conversation: 1 to 64 printable characters")
    after, limit = _number(given, "after", 0, 0, 2**53 - 1), _number(given, "limit", PAGE, 1, PAGE)
    return HistoryWish(conversation, after, limit)


def _number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= most):
        raise ApiRefusalError(422, "malformed", f"{name}: a whole number from {least} to {most}")
    return int(text)


def _no_such_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
