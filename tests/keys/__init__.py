"""Keys are changed, in peace and in a hurry, and nobody notices."""
