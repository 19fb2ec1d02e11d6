"""Waiting until a service answers."""

from __future__ import annotations

import http.client

from sixty.processes.services import Service

_ANSWER_WITHIN = 2.0


def is_healthy(service: Service) -> bool:
    """Whether the service answers its health check. Never by way of a proxy, whatever the environment says."""
    connection = http.client.HTTPConnection(service.reachable_host, service.port, timeout=_ANSWER_WITHIN)
    try:
        connection.request("GET", service.health_path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
