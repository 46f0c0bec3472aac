"""Exports in the shape in which each platform writes them, for tests: of the sample market, and small ones by hand."""
