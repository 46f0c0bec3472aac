"""The parts of a simulated market; use it through :mod:`attribution.simulate`."""
