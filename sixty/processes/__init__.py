"""Starting, watching and ending the processes that make up the running bot on one machine."""
