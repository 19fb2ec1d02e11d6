"""How the bot decides: Rasa policies of our own."""
