"""Who a person is and what they agreed to."""
