"""The chain over the audit trail: a line that is edited, removed, swapped or slipped in is found, and named.

A hash inside the insert would make every transaction wait for the one before it. So lines are sealed shortly after they
are committed, as the logs of Certificate Transparency merge what they were given (RFC 9162): `sealing` appends one seal
a line, `verifying` goes over all of them, `heads` writes the end of the chain down where this database cannot reach.

Whoever owns the database can seal anew what they have changed: only a head that was noted elsewhere shows that.
"""
