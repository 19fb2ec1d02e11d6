"""Workers that are killed at random points, two at once: nothing is lost, nothing is said twice.

`bench/outreach.py` does the same two hundred times.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_CRASH = """
import json, sys
from datetime import timedelta
from bench.outreach import PLAYBOOK, only_unpaid
from bench.outreach_crash import crash
from bench.outreach_open_orders import NOW, fill
from sixty.outreach.scenes_file import read_scenes
from sixty.shop.database import shop_session
url = sys.argv[1]
with shop_session(url) as session:
    fill(session, 5000)
print(json.dumps(vars(crash(url, only_unpaid(read_scenes(PLAYBOOK)), NOW + timedelta(hours=1), kills=6))))
"""


def test_nothing_is_lost_and_nothing_is_said_twice(database_url: str) -> None:
    # In a process of its own: its workers are forks of it, and a fork of pytest would share pytest's connections.
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _CRASH, database_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    came_of_it = json.loads(done.stdout.splitlines()[-1])
    assert came_of_it["steps"] == 200
    assert came_of_it["lost"] == 0
    assert came_of_it["doubled"] == 0
