"""What is sold and bought: catalogue, prices, sizes, recommendations and orders.

Nothing in here knows of Rasa or of the web. Sessions and the present moment are
passed in, so that every function can be tested with a database and a clock of its own.
"""
