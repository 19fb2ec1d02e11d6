"""How well the trained model understands lines that nobody trained it on."""
