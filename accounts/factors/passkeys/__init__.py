"""Passkeys: keys that a device keeps for this portal alone (Web Authentication Level 3), checked by fido2."""
