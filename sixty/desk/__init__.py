"""Where people take over: hand-offs, routing and the workbench."""
