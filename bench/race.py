"""Times of a parse of two models in turns, so that whatever else the machine does meanwhile falls on both alike.

``python -m bench.race JOB`` is the process that has both models; `race` starts it and reads what it has written.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures import percentile
from bench.servers import Command, run_to_end
from sixty.evaluation.labelled_lines import read_labelled_lines

# Lines that one model reads before it is the other's turn: enough to fill the processor's caches with its own.
_TURN = 25


def race(
    models: Mapping[str, Path],
    tests: Iterable[Path],
    project: Path,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    timeout: float,
) -> dict[str, dict[str, float | int | None]]:
    """Has models read the same lines in turns.

    Args:
        models: Models by name.
        tests: Files of labelled lines.
        project: The project, a snapshot.
        folder: A new folder for what is written meanwhile.
        environment: Variables of the process.
        log: Where it logs to.
        timeout: Seconds after which it is given up.

    Returns:
        For every model the times of a parse: percentiles by the clock and in processor time.

    Raises:
        BenchError: Reading failed.
    """
    folder.mkdir(parents=True)
    job, written = folder / "job.json", folder / "times.json"
    named = {name: str(path) for name, path in models.items()}
    tests_named = [str(path) for path in tests]
    job.write_text(json.dumps({"models": named, "tests": tests_named, "written": str(written)}), encoding="utf-8")
    log.unlink(missing_ok=True)
    run_to_end(
        Command([sys.executable, "-W", "ignore", "-m", "bench.race", str(job)], project, environment, log), timeout
    )
    times: dict[str, dict[str, list[float]]] = json.loads(written.read_text(encoding="utf-8"))
    return {name: times_of(each["milliseconds"], each["cpu_milliseconds"]) for name, each in times.items()}


def times_of(milliseconds: Sequence[float], cpu_milliseconds: Sequence[float]) -> dict[str, float | int | None]:
    """Percentiles of the times of parses, by the clock and in processor time, and of how many lines."""
    figures = {
        "p50_ms": percentile(milliseconds, 50),
        "p95_ms": percentile(milliseconds, 95),
        "cpu_p50_ms": percentile(cpu_milliseconds, 50),
        "cpu_p95_ms": percentile(cpu_milliseconds, 95),
    }
    rounded = {name: None if value is None else round(value, 3) for name, value in figures.items()}
    return {"lines": len(milliseconds), **rounded}


async def _run(job: Mapping[str, Any]) -> None:
    """In the child: all lines, in turns."""
    from rasa.core.agent import Agent

    agents = {name: Agent.load(path) for name, path in job["models"].items()}
    times: dict[str, dict[str, list[float]]] = {name: {"milliseconds": [], "cpu_milliseconds": []} for name in agents}
    lines = [line.text for path in job["tests"] for line in read_labelled_lines(Path(path))]
    for agent in agents.values():
        await agent.parse_message("你好")  # What is loaded at first use is not the first line's fault.
    for start in range(0, len(lines), _TURN):
        for name, agent in agents.items():
            for line in lines[start : start + _TURN]:
                begun, cpu_begun = time.perf_counter(), time.process_time()
                await agent.parse_message(line)
                times[name]["cpu_milliseconds"].append((time.process_time() - cpu_begun) * 1000)
                times[name]["milliseconds"].append((time.perf_counter() - begun) * 1000)
    Path(job["written"]).write_text(json.dumps(times), encoding="utf-8")


if __name__ == "__main__":
    from sixty.logs import silence_dependencies

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    silence_dependencies()
    asyncio.run(_run(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
