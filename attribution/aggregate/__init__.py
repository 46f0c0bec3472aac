"""A media mix model where nothing is known of persons: outcome, media and controls by day or week, and by region.

``panel`` lays the frame out and refuses what cannot be used, ``model`` is the PyMC model, ``findings`` sums a posterior
up. The curves are those of the model of persons (:mod:`attribution.curves`).
"""
