"""``python -m sixty``, the same as ``sixty``."""

from sixty.cli import main

main()
