"""Supervision: the live board, alarms on thresholds, a supervisor's hand in a talk, routing changed on the spot."""
