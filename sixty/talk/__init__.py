"""Talking to the running bot from a terminal, as a customer would: conversations and replays."""
