"""Whom to contact next: policy, planner, ledger."""
