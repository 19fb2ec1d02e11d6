"""What chats teach: who is how far from buying, and what is asked next.

Reads what was said, sold and moved (`sixty.ledger`, `sixty.shop`, `sixty.desk.conversations`); none of them knows
of it. All that it keeps is derived from their rows, so it can be thrown away and worked out again.
"""
