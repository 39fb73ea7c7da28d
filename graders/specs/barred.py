"""Packages that would do the work of a course that is written from scratch.

They are absent from the student's process (`sgworker.barred`), whatever a notebook imports. What
prepares data, measures or draws is let through.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Barred:
    """Dotted names of packages, modules and functions; `let`: parts of them that may be used."""

    names: tuple[str, ...] = ()
    let: tuple[str, ...] = ()

    def and_also(self, names: Iterable[str], let: Iterable[str] = ()) -> Barred:
        """The same with more that is barred, and more that is let through.

        What is named to be let through is not barred itself, either.
        """
        freed = tuple(let)
        every = dict.fromkeys((*self.names, *names))
        kept = tuple(n for n in every if not any(_within(n, other) for other in freed))
        return Barred(kept, tuple(dict.fromkeys((*self.let, *freed))))


def is_needed(name: str) -> bool:
    """True if the libraries of every notebook may need it: it can't be absent, only be read of."""
    root = name.partition(".")[0]
    return root in _NEEDED or root in sys.stdlib_module_names


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _parts(package: str, names: str) -> tuple[str, ...]:
    return tuple(f"{package}.{name}" for name in names.split())


_NEEDED = frozenset(["numpy", "scipy", "pandas", "matplotlib", "sklearn", "IPython", "traitlets"])
_NETWORKS = tuple(
    "torch torchvision.models torchvision.ops tensorflow tf_keras keras jax jaxlib flax haiku optax "
    "mxnet chainer paddle theano lasagne caffe caffe2 cntk tinygrad autograd onnxruntime fastai "
    "pytorch_lightning lightning xgboost lightgbm catboost".split()
)
_FILTERS = (
    "convolve correlate convolve1d correlate1d generic_filter generic_filter1d uniform_filter "
    "uniform_filter1d maximum_filter maximum_filter1d minimum_filter minimum_filter1d "
    "rank_filter percentile_filter vectorized_filter"
)
_PATCHES = "extract_patches_2d _extract_patches PatchExtractor"
_IN_C = (
    "correlate correlate1d generic_filter generic_filter1d min_or_max_filter min_or_max_filter1d"
)
_OF_SKLEARN = (
    "base callback compose cross_validation datasets decomposition exceptions experimental "
    "externals feature_extraction feature_selection frozen grid_search impute metrics "
    "model_selection pipeline preprocessing random_projection utils _config _cyutility "
    "_distributor_init _isotonic _loss _openmp_helpers __check_build"
)

FROM_SCRATCH = Barred(
    (
        *_NETWORKS,
        "sklearn",
        "mlxtend",
        *_parts("scipy", "signal cluster"),
        *_parts("scipy.ndimage", _FILTERS),
        *_parts("scipy.ndimage._filters", _FILTERS),
        *_parts("scipy.ndimage._nd_image", _IN_C),
        *_parts("cv2", "dnn ml filter2D sepFilter2D blur boxFilter dilate erode"),
        "skimage.measure.block_reduce",
        *_parts("sklearn.feature_extraction.image", _PATCHES),
        "sklearn.utils.extmath.softmax",
        *_parts("scipy.linalg", "convolution_matrix"),
        *_parts("scipy.optimize", "approx_fprime"),
    ),
    (
        *_parts("sklearn", _OF_SKLEARN),
        *_parts("mlxtend", "data evaluate externals math plotting preprocessing utils"),
    ),
)
