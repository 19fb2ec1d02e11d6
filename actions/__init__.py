"""Rasa actions, one module a capability: read the tracker, call `sixty`, say it."""
