"""``python -m sixty.processes.quietly MODULE …`` runs a program of Rasa's that logs as we do, without noise."""

from __future__ import annotations

import runpy
import sys
import warnings

import coloredlogs

from sixty.logs import configure_logging
from sixty.settings import get_settings

# Rasa shows every UserWarning, whatever was silenced before, but for a list of its own.
_NOT_SHOWN_BY_RASA: tuple[tuple[type[Warning], str], ...] = (
    # They take Rasa's default pipeline for granted; ours reads the vocabulary itself and learns no entities.
    (UserWarning, r"Entity entity '.*' has only 1 training examples"),
    # It looks for `RulePolicy` itself and does not see that `IndexedRulePolicy` is one.
    (UserWarning, r"'RulePolicy' is not included in the model's policy configuration"),
    (UserWarning, r"You have defined training data consisting of (entity examples|lookup tables)"),
)


def main() -> None:
    """Runs the module that is named first with the arguments after it."""
    del sys.argv[0]
    sys.path.insert(0, "")  # As `python -m` has it: actions and components are found in the current folder.
    _undo_sanic()
    configure_logging(get_settings())
    # Rasa and its SDK would put their own handlers in the place of ours.
    coloredlogs.install = _leave_it
    if sys.argv[0] == "rasa":
        _tell_rasa()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _undo_sanic() -> None:
    """Takes back what importing Sanic does: it shows the deprecation warnings of every library there is.

    Python's own rule, which shows those of the running program only, is in force again afterwards.
    """
    before = warnings.filters[:]
    import sanic  # noqa: F401

    warnings.filters[:] = before  # type: ignore[index]


def _tell_rasa() -> None:
    from pyparsing.warnings import PyparsingDeprecationWarning
    from rasa.utils import common, log_utils

    log_utils.configure_structlog = _leave_it
    # It is a UserWarning too, so Rasa's rule brings it back. Matplotlib and packaging call old names of pyparsing.
    common.EXPECTED_WARNINGS.extend([(PyparsingDeprecationWarning, ""), *_NOT_SHOWN_BY_RASA])


def _leave_it(*_: object, **__: object) -> None:
    """Configures nothing."""


if __name__ == "__main__":
    main()
