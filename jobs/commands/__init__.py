"""The commands of ``touchstone``, a module per subject; what is heavy is imported inside them."""
