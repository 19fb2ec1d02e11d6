"""Tickets and promises: what outlives a chat, moved along set rules to who can solve it, watched until it is done."""
