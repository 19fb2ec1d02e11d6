"""What this bot is measured against."""
