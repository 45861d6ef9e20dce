"""What is tried to break it, in a package each: a harness, the faults planted for it, and its short form as tests.

`make torture` runs all their long forms one after the other, `make torture-…` one of them. What several use stands
here: the servers to run on (`stage`), the doors to ask (`doors`), and how a token can end (`ends`).
"""
