"""Every closed chat is looked at by rules, some by people; agents see what was found and may appeal."""
