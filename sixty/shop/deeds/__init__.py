"""What customers have done in the shop: deeds, their record and their effect.

`deed` says what a deed is and what comes of it, `kinds` which there are and what each needs to know; `recording`
keeps each deed once under its key, `performing` checks and does it on this project's tables. Deeds are asked for
through the order gateway (`sixty.shop.gateways.ports`), never here.
"""
