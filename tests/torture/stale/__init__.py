"""Is a token ever accepted after its end was acknowledged? Eight processes ask while a ninth ends tokens at random.

`python -m tests.torture.stale --help`; `make torture-stale` is the long form.
"""
