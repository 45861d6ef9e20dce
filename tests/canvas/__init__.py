"""People and roles from Canvas, against a server that speaks its REST API."""
