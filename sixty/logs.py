"""Logging that is structured and quiet: one line an event, warnings and worse unless more is asked for."""

from __future__ import annotations

import logging
import sys
import warnings

import structlog
from structlog.typing import EventDict, Processor

from sixty.settings import Settings

# What dependencies say about themselves and nobody here can change. Each entry names its source, so that a warning
# about our own code is never lost with it.
_KNOWN_WARNINGS: tuple[tuple[type[Warning], str], ...] = (
    (DeprecationWarning, r"pkg_resources"),
    (DeprecationWarning, r"sanic(_routing|_cors|_jwt)?(\.|$)"),
    (DeprecationWarning, r"websockets(\.|$)"),
    (DeprecationWarning, r"jieba(\.|$)"),
    (UserWarning, r"jieba(\.|$)"),
)

# Libraries that report every request or statement at INFO.
_CHATTY = ("alembic", "engineio", "httpx", "socketio", "sqlalchemy", "urllib3", "uvicorn.access")


def silence_dependencies() -> None:
    """Silences the known warnings of dependencies in this process, each at its source."""
    for category, module in _KNOWN_WARNINGS:
        warnings.filterwarnings("ignore", category=category, module=module)


def configure_logging(settings: Settings) -> None:
    """Sends what this process logs to standard error, as text or as JSON."""
    silence_dependencies()
    shared: list[Processor] = [
        _say_what_rasa_means,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
    ]
    finish: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if settings.log_format == "json":
        finish += [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        finish.append(
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                pad_event=0,
                # The pretty one shows variables, and with them what customers said.
                exception_formatter=structlog.dev.plain_traceback,
            )
        )
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    if settings.log_level != "DEBUG":
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        # Below the level a call does nothing at all; Rasa makes dozens a turn.
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level)),
        cache_logger_on_first_use=True,
    )


def _say_what_rasa_means(_: object, __: str, event: EventDict) -> EventDict:
    """Rasa's events have a key for machines and, beside it, a sentence for people."""
    if "event_info" in event:
        event["event_key"] = event["event"]
        event["event"] = event.pop("event_info")
    return event


def environment_of_children(settings: Settings) -> dict[str, str]:
    """The variables that make Rasa and its action server as quiet as we are, from their first import on."""
    return {
        "LOG_LEVEL": settings.log_level,
        "LOG_LEVEL_LIBRARIES": "ERROR",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Rasa is bound to SQLAlchemy 1.4 and nothing here can move it to 2.0.
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        # Nothing is reported to anybody.
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONUNBUFFERED": "1",
    }
