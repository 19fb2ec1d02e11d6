"""Rasa's endpoints for the ports and folders of this deployment.

``endpoints.yml`` holds the values that a plain ``rasa run`` or ``rasa shell`` uses. Rasa can read variables in it but
knows no default for one that is not set, so instead of variables the two values that settings decide are replaced in a
copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sixty.errors import OperatorError
from sixty.settings import Settings


def write_endpoints(settings: Settings) -> Path:
    """Writes the endpoints that Rasa is started with and returns where they are.

    The action server is the one that is started beside Rasa; a tracker store that is an SQLite file lies in the
    ``var`` folder. Everything else is left as the project's file has it.

    Raises:
        OperatorError: The project's file cannot be read.
    """
    try:
        endpoints: dict[str, Any] = yaml.safe_load(settings.endpoints.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise OperatorError(f"{settings.endpoints.name} cannot be read: {' '.join(str(error).split())}") from None
    action_endpoint = endpoints.setdefault("action_endpoint", {})
    action_endpoint["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    tracker_store = endpoints.get("tracker_store") or {}
    if tracker_store.get("dialect") == "sqlite" and tracker_store.get("db"):
        tracker_store["db"] = str(settings.var / Path(tracker_store["db"]).name)
    settings.var.mkdir(parents=True, exist_ok=True)
    written = settings.var / "endpoints.yml"
    written.write_text(yaml.safe_dump(endpoints, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return written
