"""Which of the lines A, B, B+, C, C+ and Z written conversations with the real bot reach.

Runs the conversations of `tests/conversations/lines` against running servers, by the test that plays them, and counts
the lines whose test passed. The last line of standard output is the result as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from bench.errors import BenchError
from bench.report import store
from sixty.insight.models import Line

_PROJECT = Path(__file__).parents[1]
_TEST = "tests/servers/test_minute_lines.py"
_LONGEST_S = 1_800
_SUMMARY = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED) \S+\[([^\]\s]+)\]", re.MULTILINE)


def measure() -> dict[str, Any]:
    """Plays the conversations.

    Raises:
        BenchError: There is no such test, or it says nothing of any line.
    """
    if not (_PROJECT / _TEST).is_file():
        raise BenchError(f"{_TEST} is not there")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--color=no", _TEST, "-k", "each_line_is_reached"]
    done = subprocess.run(
        command, cwd=_PROJECT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=_LONGEST_S
    )
    # For whoever looks on; standard output is for the result.
    sys.stderr.write(done.stdout)
    outcomes = outcomes_in(done.stdout)
    if not outcomes:
        raise BenchError(f"{_TEST} plays no line; what is wrong stands above")
    reached = sorted(line for line, outcome in outcomes.items() if outcome == "passed")
    return {"lines_reached": len(reached), "lines": list(get_args(Line)), "reached": reached, "outcomes": outcomes}


def outcomes_in(printed: str) -> dict[str, str]:
    """What became of each line, from pytest's own summary; the line stands in brackets behind the test's name."""
    found: dict[str, str] = {}
    for outcome, line in _SUMMARY.findall(printed):
        if line in get_args(Line):
            # A test that passed and then could not be taken down counts as what went wrong.
            found[line] = outcome.lower() if found.get(line, "passed") == "passed" else found[line]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays them, writes the result down and prints it."""
    parser = argparse.ArgumentParser(prog="python -m bench.minute_lines", description="Which lines are reached.")
    parser.add_argument("--quick", action="store_true", help="the same: there are but six")
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.parse_args(arguments)
    result = measure()
    store(result, "minute-lines")
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"bench: {error}")
