"""The API for programs, under ``/api/v1``: reading, collecting, asking for runs; by a key, never by a cookie."""
