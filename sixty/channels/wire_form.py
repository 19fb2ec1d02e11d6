"""A message of the ledger as it goes over the wire: what a client may see of it, and nothing that it could misuse.

Whatever can be tapped carries a token instead of what the tap means, so that only what this conversation was shown can
be sent back.
"""

from __future__ import annotations

import copy
from datetime import datetime, timezone
from typing import Any

from sixty.desk.speaking import FROM, NOTICE
from sixty.identity.capsule_tokens import tap_token
from sixty.identity.upload_links import upload_link
from sixty.ledger.models import Message
from sixty.ledger.reading import choices

_SHOWN = ("capsules", "card", "image", "outcome", FROM, NOTICE)
_ATTACHMENT = ("kind", "name", "size", "content_type", "url", "latitude", "longitude", "label")


def wire_form(message: Message, secret: str, now: datetime | None = None) -> dict[str, Any]:
    """The JSON object of a message.

    Args:
        message: A row of the ledger.
        secret: The deployment's secret.
        now: The present moment, from which links to uploaded files count.

    Returns:
        `id`, `author`, `at` and, as far as there are any, `client_id`, `text`, `capsules` (title, tap), `card`,
        `image`, `attachment`, `outcome`, `from` (a person's `name`), `notice` (what has happened at the desk). Links to
        uploads are relative to the desk.
    """
    form: dict[str, Any] = {"id": message.id, "author": message.author, "at": message.at.isoformat()}
    # A name that the server made for itself is of no use to a client.
    if message.client_id and message.author == "customer":
        form["client_id"] = message.client_id
    if message.text:
        form["text"] = message.text
    payload = copy.deepcopy(message.payload or {})
    if message.author != "customer":
        # The places are those of all choices, as `shown_capsule` counts them.
        for index, choice in enumerate(choices(payload)):
            del choice["payload"]
            choice["tap"] = tap_token(secret, message.conversation_id, message.id, index)
        form.update((name, payload[name]) for name in _SHOWN if payload.get(name))
    attachment = payload.get("attachment")
    if isinstance(attachment, dict):
        form["attachment"] = _attachment(attachment, message.conversation_id, secret, now)
    return form


def _attachment(attachment: dict[str, Any], conversation_id: str, secret: str, now: datetime | None) -> dict[str, Any]:
    shown = {name: attachment[name] for name in _ATTACHMENT if attachment.get(name) is not None}
    upload_id = attachment.get("id")
    if isinstance(upload_id, str):
        shown["url"] = upload_link("", secret, conversation_id, upload_id, now or datetime.now(timezone.utc))
    return shown
