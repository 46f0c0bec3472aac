"""What worked: Bayesian attribution on plain data frames, with no database, clock or environment behind it."""

import warnings

# Said at import, before anything of ours can listen: ArviZ announces its next version, and PyTensor asks for a BLAS
# library that only its C backend uses; Numba compiles the models here.
warnings.filterwarnings("ignore", message=r"\s*ArviZ is undergoing a major refactor", category=FutureWarning)
warnings.filterwarnings("ignore", message="PyTensor could not link to a BLAS installation", category=UserWarning)
