"""A form that does not forget the second question of the line that has begun it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict


class AnsweringForm(FormValidationAction, ABC):
    """Answers the second question first, so that the form's own question comes last."""

    @abstractmethod
    def name(self) -> str:
        """Rasa's name for it."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Validates as every form does, and answers before it asks."""
        from actions.second_question import answer_before_form  # it builds on the modules of the forms

        await asyncio.to_thread(answer_before_form, dispatcher, tracker)
        events: list[EventType] = await super().run(dispatcher, tracker, domain)
        return events
