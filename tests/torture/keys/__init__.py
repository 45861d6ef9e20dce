"""Keys are changed under load, in peace and in a hurry, and nobody notices; `make torture-keys` is the long form."""
