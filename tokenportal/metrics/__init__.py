"""Figures for Prometheus: of the web processes, of the jobs, and of what the database holds at the moment.

Nothing is imported here: `sharing` has to speak before prometheus_client is imported anywhere.
"""
