"""Named mappings: how a foreign export becomes one of our file kinds, written in TOML and needing no code."""

from campaigns.intake.mappings.applying import apply
from campaigns.intake.mappings.loading import load_mapping, names, read_mapping
from campaigns.intake.mappings.terms import Mapping, Part, Rule

__all__ = ["Mapping", "Part", "Rule", "apply", "load_mapping", "names", "read_mapping"]
