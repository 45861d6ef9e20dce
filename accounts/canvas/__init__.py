"""The roster as Canvas' own REST API tells it: read page by page, written as files, loaded like any other roster."""
