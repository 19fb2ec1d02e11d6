"""What was said: the one record of every message, and what was understood of it. It knows no Rasa and no web."""
