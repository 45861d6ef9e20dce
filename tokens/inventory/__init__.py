"""All tokens of a part of the school: which of them somebody asks for, in what order, and what they come to."""
