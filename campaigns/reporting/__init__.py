"""Charts and pages from plain values, used by the command line and the web alike."""
