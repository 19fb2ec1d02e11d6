"""Sixty: a customer-service assistant for Chinese online shops, built on Rasa."""

__version__ = "0.1.0"
