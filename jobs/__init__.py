"""When it runs: the run ledger, the one sequence of a run, the schedule and the command line."""
