"""What the product is measured by; each module prints figures of its own."""
