"""What worked: Bayesian attribution on plain data frames, with no database, clock or environment behind it."""

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attribution.estimation import Estimate, estimate

__all__ = ["Estimate", "estimate"]

# Said at import, before anything of ours can listen: ArviZ announces its next version, and PyTensor asks for a BLAS
# library that only its C backend uses; Numba compiles the models here.
warnings.filterwarnings("ignore", message=r"\s*ArviZ is undergoing a major refactor", category=FutureWarning)
warnings.filterwarnings("ignore", message="PyTensor could not link to a BLAS installation", category=UserWarning)


def __getattr__(name: str) -> Any:
    """Load the estimate when it is asked for: it brings Numba and SciPy with it, and most of the package does not."""
    if name in __all__:
        from attribution import estimation

        return getattr(estimation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
