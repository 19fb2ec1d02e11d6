"""``python -m sixty.validation``: the validation itself, in the process that imports Rasa."""

from __future__ import annotations

import sys

from sixty.settings import get_settings, project_root
from sixty.validation import report

if __name__ == "__main__":
    sys.exit(report(project_root(), get_settings().playbook))
