"""The name of the response that is said after an action failed; told apart from the policy, which needs all of Rasa."""

from __future__ import annotations

APOLOGY = "utter_technical_trouble"
