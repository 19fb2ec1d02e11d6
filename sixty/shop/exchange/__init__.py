"""Catalogue, prices, stock, attributes, size charts and pairings as the files that shops exchange: CSV and XLSX.

`kinds` says which columns each kind of file has, `cells` how a cell is read and written, `sheets` reads and writes
the files themselves, `staging` checks and merges what was read, `importing` and `exporting` are the two ways.
"""
