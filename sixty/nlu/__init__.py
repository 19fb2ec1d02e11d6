"""What the bot understands: Rasa graph components, and the plain functions they call."""
