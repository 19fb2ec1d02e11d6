"""Who works at the desk: accounts, roles, sign-in, sessions, and what was looked at by whom."""
