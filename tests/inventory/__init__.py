"""All tokens: who sees which, what the filters leave, in what order, and how many end at once."""
