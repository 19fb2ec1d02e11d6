"""Messages that nobody has said, or that ask nothing: they stand in a conversation's lane for their place in it.

What nobody has said customers and staff never see, the bot is silent about it, and no report counts it.
"""

from __future__ import annotations

RETURNED = "returned"
"""A person has given the conversation back; see `sixty/desk/returning.py`."""

REMINDED = "reminded"
"""The customer has been reminded of something; see `sixty/outreach/telling_the_bot.py`."""

UNSAID = frozenset({RETURNED, REMINDED})
"""The kinds of messages that let the bot hear of something in its place."""

OPENED = "opened"
"""The chat was opened: the bot says the first word."""

NOT_SHOWN = UNSAID | {OPENED}
"""The kinds of messages that nobody has said."""

RATED = "rated"
"""A tap that judges the service; the desk has taken it down by itself."""

SILENT = NOT_SHOWN | {RATED}
"""The kinds of customers' messages that ask nothing: they are nobody's turn, and nobody waits for an answer."""
