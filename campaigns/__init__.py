"""What happened, what is allowed and what is planned."""
