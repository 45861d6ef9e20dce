"""The table of OWASP ASVS in docs/asvs.md, held to what it names."""
