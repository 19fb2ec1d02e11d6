"""Lines as the trained model understands them, read once: what was read is kept beside the model's digest."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from sixty.ledger.happenings import understood_in

CACHE = Path(tempfile.gettempdir()) / "sixty-understood-lines.db"
_KEEP_EVERY = 200


def understood_lines(
    lines: Iterable[str], model: Path, cache: Path = CACHE, tell: Callable[[int], None] = lambda left: None
) -> dict[str, Mapping[str, Any] | None]:
    """Has the model read lines, each once.

    Args:
        lines: What customers wrote.
        model: The trained model.
        cache: Where what was read is kept for the next run.
        tell: Is told how many lines are left.

    Returns:
        What the ledger would keep of each: intent, confidence and entities; None where nothing was understood.

    Raises:
        BenchError: There is no model.
    """
    if not model.is_file():
        raise BenchError(f"there is no trained model at {model}: make train")
    digest = hashlib.sha256(model.read_bytes()).hexdigest()[:16]
    wanted = [line for line in dict.fromkeys(lines) if line.strip()]
    with closing(sqlite3.connect(cache, timeout=60)) as kept:
        kept.execute(
            "CREATE TABLE IF NOT EXISTS line (model TEXT, text TEXT, understood TEXT, PRIMARY KEY (model, text))"
        )
        query = kept.execute("SELECT text, understood FROM line WHERE model = ?", (digest,))
        known: dict[str, Mapping[str, Any] | None] = {text: json.loads(understood) for text, understood in query}
        new = [line for line in wanted if line not in known]
        if new:
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            with warnings.catch_warnings(record=True):
                known.update(asyncio.run(_read(new, model, kept, digest, tell)))
    return {line: known[line] for line in wanted}


async def _read(
    lines: list[str], model: Path, kept: sqlite3.Connection, digest: str, tell: Callable[[int], None]
) -> dict[str, Mapping[str, Any] | None]:
    # Rasa takes seconds to import, so it is imported only where there is something to read.
    import structlog
    from rasa.core.agent import Agent

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    agent = Agent.load(str(model))
    found: dict[str, Mapping[str, Any] | None] = {}
    for number, line in enumerate(lines, start=1):
        found[line] = understood_in({"parse_data": await agent.parse_message(line)})
        kept.execute("INSERT OR REPLACE INTO line VALUES (?, ?, ?)", (digest, line, json.dumps(found[line])))
        if number % _KEEP_EVERY == 0:
            kept.commit()
            tell(len(lines) - number)
    kept.commit()
    return found
