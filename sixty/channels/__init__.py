"""Where customers talk: connectors behind one front door."""
