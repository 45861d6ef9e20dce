"""The second step of signing in, and asking again who somebody is."""
