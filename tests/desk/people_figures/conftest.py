"""The workbench's world, for the routes."""

from tests.desk.workbench.conftest import world  # noqa: F401
