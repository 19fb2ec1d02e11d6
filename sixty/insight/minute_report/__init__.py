"""`sixty report minute`: what golden minutes look like, where customers are lost, and what the pushes did.

Each module reads one figure from the rows of `sixty.insight.models`; `gathering` puts them together, `page` shows them.
"""
