"""The bot speaks first: scenes from the playbook, once, at the right moment, with proof that it pays.

`scenes_file` reads the playbook into `scenes`, `planning` finds whom a scene is about, `sending` decides when a rung is
due, `looking` decides again at the moment of sending, `stopping` ends it. Nothing here knows of Rasa or of the web.
"""
