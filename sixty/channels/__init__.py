"""Where customers talk: Rasa connectors that never leave a message without a reply."""
