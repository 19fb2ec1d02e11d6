"""The OpenAPI document of the api channel, for people and for generators of clients."""

from __future__ import annotations

from typing import Any

from sixty.channels.api_requests import KEY_HEADER, PAGE
from sixty.identity.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER

_DESCRIPTION = f"""Speaks with the bot for customers of your own app or page. Each request carries three headers:
`{KEY_HEADER}` names your key, `{TIMESTAMP_HEADER}` is the present time in seconds since 1970, and `{SIGNATURE_HEADER}`
is `v1=` and the hexadecimal HMAC-SHA256, with your secret, of timestamp, a dot and the raw body – or, for a GET, the
raw query string. A request counts for five minutes."""

_MESSAGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "author", "at"],
    "properties": {
        "id": {"type": "integer", "description": "Grows within a conversation; show each id once."},
        "author": {"enum": ["customer", "bot", "agent", "system"]},
        "at": {"type": "string", "format": "date-time"},
        "client_id": {"type": "string", "description": "Your own id of a customer's message."},
        "text": {"type": "string"},
        "card": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}},
        "image": {"type": "string"},
        "attachment": {"type": "object"},
        "capsules": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "tap"],
                "properties": {
                    "title": {"type": "string"},
                    "tap": {"type": "string", "description": "Send it back when the customer taps."},
                },
            },
        },
        "outcome": {"type": "string"},
        "from": {
            "type": "object",
            "description": "The person who writes.",
            "properties": {"name": {"type": "string"}},
        },
        "notice": {"type": "string", "description": "Of `system`: a word for what has happened at the desk."},
    },
}

_ATTACHMENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "additionalProperties": False,
    "properties": {
        "kind": {"enum": ["picture", "voice", "video", "file", "location"]},
        "url": {"type": "string", "maxLength": 2048, "description": "A public address, http or https."},
        "platform_id": {"type": "string", "maxLength": 512, "description": "Your own id of the file."},
        "name": {"type": "string"},
        "size": {"type": "integer", "minimum": 0, "description": "Bytes."},
        "content_type": {"type": "string"},
        "latitude": {"type": "number", "minimum": -90, "maximum": 90},
        "longitude": {"type": "number", "minimum": -180, "maximum": 180},
        "label": {"type": "string"},
    },
}

_PRINTABLE_ID = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]{1,64}$"}
_NAME = {"type": "string", "minLength": 1, "maxLength": 64}
_REST = {"conversation", "id", "text", "tap", "attachment", "opened", "customer", "entry", "product", "order", "wait"}

_SAY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["conversation"],
    "additionalProperties": False,
    "description": "One of `text`, `tap`, `attachment` (with or without `text`), `opened`.",
    "properties": {
        "conversation": {**_NAME, "description": "Your own name of the conversation, such as the customer's id."},
        "id": {**_PRINTABLE_ID, "description": "Your own id of the message; sent again, it is the same message."},
        "text": {"type": "string"},
        "tap": {"type": "string", "maxLength": 128, "description": "The `tap` of a capsule or of a card's choice."},
        "attachment": {"$ref": "#/components/schemas/Attachment"},
        "opened": {"type": "boolean", "description": "True: the chat was opened, and the bot speaks first."},
        "customer": {
            "type": "object",
            "nullable": True,
            "required": ["id"],
            "additionalProperties": False,
            "description": "Who is signed in; null when nobody is any more. Left out, all stays as it was.",
            "properties": {
                "id": _NAME,
                "level": {"type": "string", "maxLength": 16},
                "region": {"type": "string", "maxLength": 64},
            },
        },
        "entry": {"enum": ["shop", "product", "order"]},
        "product": {"type": "string", "maxLength": 64},
        "order": {"type": "string", "maxLength": 64},
        "wait": {"type": "boolean", "default": True, "description": "Whether the answer waits for the bot's replies."},
    },
}
assert set(_SAY_SCHEMA["properties"]) == _REST

_TAKEN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["conversation_id", "message", "replies"],
    "properties": {
        "conversation_id": {"type": "string"},
        "message": {"$ref": "#/components/schemas/Message"},
        "replies": {"type": "array", "items": {"$ref": "#/components/schemas/Message"}},
    },
}

_HISTORY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["conversation_id", "state", "messages", "more"],
    "properties": {
        "conversation_id": {"type": "string"},
        "state": {"enum": ["bot", "queued", "assigned", "wrap_up", "closed"]},
        "messages": {"type": "array", "items": {"$ref": "#/components/schemas/Message"}},
        "more": {"type": "boolean"},
    },
}

_REFUSAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "retry_after": {"type": "number", "description": "Seconds."},
    },
}


def _answer(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): _answer("Not done; `code` says why", "Refusal") for status in statuses}


def _number(name: str, least: int, most: int, default: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return {"name": name, "in": "query", "schema": schema}


def api_document(base_url: str) -> dict[str, Any]:
    """The document.

    Args:
        base_url: Where the channel is reached, up to and with `/webhooks/api`.
    """
    # Signing a request is no scheme that OpenAPI knows: three headers, of which one depends on the body.
    schemes = {
        name.removeprefix("X-Sixty-").lower(): {"type": "apiKey", "in": "header", "name": name}
        for name in (KEY_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Sixty api channel", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": base_url}],
        "security": [{name: [] for name in schemes}],
        "paths": {
            "/messages": {
                "post": {
                    "operationId": "say",
                    "summary": "Hands over what a customer says",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Say"}}},
                    },
                    "responses": {
                        "200": _answer("The message stands in the ledger, and these are the replies to it", "Taken"),
                        "202": _answer("The message stands in the ledger; replies follow", "Taken"),
                        **_refusals(400, 401, 404, 409, 413, 422, 429, 503),
                    },
                },
                "get": {
                    "operationId": "history",
                    "summary": "Reads a conversation",
                    "parameters": [
                        {"name": "conversation", "in": "query", "required": True, "schema": _NAME},
                        _number("after", 0, 2**53 - 1, 0),
                        _number("limit", 1, PAGE, PAGE),
                    ],
                    "responses": {
                        "200": _answer("Its messages: behind `after`, or else the last ones", "History"),
                        **_refusals(401, 404, 422, 503),
                    },
                },
            }
        },
        "components": {
            "securitySchemes": schemes,
            "schemas": {
                "Message": _MESSAGE_SCHEMA,
                "Attachment": _ATTACHMENT_SCHEMA,
                "Say": _SAY_SCHEMA,
                "Taken": _TAKEN_SCHEMA,
                "History": _HISTORY_SCHEMA,
                "Refusal": _REFUSAL_SCHEMA,
            },
        },
    }
