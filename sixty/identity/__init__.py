"""Who is asking: tokens of visitors, of merchants' customers, of capsules and of servers. Knows no web and no Rasa."""
