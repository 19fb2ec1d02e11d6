"""Measurements of this bot beside others. Every benchmark is a module: ``python -m bench.NAME [--quick] [--json]``."""
