"""The names of channels, campaigns and ads: which are the same thing, and how the next ones join by construction."""
