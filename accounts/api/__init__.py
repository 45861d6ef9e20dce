"""The people and accounts of the school, in the API."""
