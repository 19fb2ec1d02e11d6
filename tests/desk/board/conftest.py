"""The workbench's world, for what is built upon it."""

from tests.desk.workbench.conftest import world  # noqa: F401
