"""Who may have what done, and on which terms: the merchant's rules as data, and a pure decision.

The rules are `playbook/policies/*.yml`, one file for each family of deeds, read by `reading`. A `facts.Facts` says
what is so, `deciding.decide` finds the first row that fits it, and `asking.verdict_for` puts both together for an
order of the shop.
"""
