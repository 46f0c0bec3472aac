"""The models people know: rule models, Markov chain and Shapley value, for comparison with the estimate.

They divide the responses that happened among the touches that came before them. None of them asks what would have
happened without a touch, so where ads are shown to people who were going to buy anyway they credit the ads with it.
"""

from attribution.credit.credits import MODELS, Credit, Credits, credit_all, credit_json
from attribution.credit.options import CreditOptions
from attribution.credit.positions import INVERSE_J, J_SHAPED, U_SHAPED, W_SHAPED, PositionWeights
from attribution.credit.rules import RuleCredits, rule_credits

__all__ = [
    "INVERSE_J",
    "J_SHAPED",
    "MODELS",
    "U_SHAPED",
    "W_SHAPED",
    "Credit",
    "CreditOptions",
    "Credits",
    "PositionWeights",
    "RuleCredits",
    "credit_all",
    "credit_json",
    "rule_credits",
]
