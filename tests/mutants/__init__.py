"""Small faults in the code that decides, each of which some test has to notice; mutmut puts them in one at a time."""
