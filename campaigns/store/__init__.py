"""The database: tables, migrations and every query."""
