"""What worked: Bayesian attribution on plain data frames, with no database, clock or environment behind it."""
