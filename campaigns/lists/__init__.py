"""The lists that go out when a plan is exported, and the ticked call list that comes back. Pure."""
