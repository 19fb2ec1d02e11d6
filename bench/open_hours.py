"""A playbook in which somebody is at work round the clock: what is measured must not depend on when it is."""

from __future__ import annotations

from pathlib import Path

import yaml

_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def open_round_the_clock(playbook: Path) -> None:
    """Lets all groups of a playbook be at work at any time, on holidays, too.

    Args:
        playbook: The folder; its `routing.yml` is written anew.
    """
    path = playbook / "routing.yml"
    routing = yaml.safe_load(path.read_text(encoding="utf-8"))
    always = [{"days": list(_DAYS), "open": ["00:00-24:00"]}]
    routing["hours"] = [{"id": each["id"], "week": always} for each in routing["hours"]]
    routing["holidays"] = []
    path.write_text(yaml.safe_dump(routing, allow_unicode=True, sort_keys=False), encoding="utf-8")
