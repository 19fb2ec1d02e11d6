"""What happened in the merchant's system: recorded once, applied to the shop's tables, open to later work.

`incoming` is the form in which a webhook or a poll hands it in, `recording` the one way in, `applying` what it does
to orders, parcels and refunds, `polling` asks for it, `marks` lets other consumers work on every event once.
"""
