"""Stories told in a browser, from sign-in to result, upon a real server, a real database and the real planner."""
