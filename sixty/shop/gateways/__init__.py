"""The ports to a merchant's own system, and the adapters that fill them.

`ports` says what is asked of a shop system and `normal_form` what it answers with; `sql` answers from this
project's tables, `http` from a system that speaks the normal form over HTTP. `chosen` picks by the settings.
"""
