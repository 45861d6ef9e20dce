"""A small project of Django REST framework with the usual ways to recognise a caller, for `make bench`.

It runs in the benchmark's own environment (requirements/bench.txt) over a database of its own on the same server, with
no middleware and persistent connections: as fast as its authors could wish.
"""
