"""Calendars that everybody shares: a start for the file kind ``calendar_events``."""
