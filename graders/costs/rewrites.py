"""How to get rid of a loop: the known rewrites, told by what the loop goes along."""

from __future__ import annotations

from graders.costs.model import Loop
from graders.costs.sizes import derived
from graders.messages import M, Message
from graders.specs import ItemSpec

_WORDS = {
    "batch_size": M("samples"),
    "in_channels": M("input channels"),
    "out_channels": M("output channels"),
    "filter_size": M("filter positions"),
    "filter_height": M("filter rows"),
    "filter_width": M("filter columns"),
    "pool_size": M("window positions"),
    "input_size": M("output positions"),
    "input_height": M("output rows"),
    "input_width": M("output columns"),
    "in_nodes": M("input nodes"),
    "out_nodes": M("output nodes"),
}
_PREFERRED = ("filter_height", "filter_width")  # before the name of both of them

INDEX_ARRAY = M(
    "Take all windows at once with an index array: idx = np.arange(n_out)[:, None] * stride + "
    "np.arange(filter_size) gives x[..., idx] the shape (..., n_out, filter_size); sum its products with "
    "the filter along the last axis."
)
SLIDING_WINDOWS = M(
    "Take all windows at once: np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(-2, -1)), "
    "every stride-th of them, has each window in its last two axes; reduce these."
)
TENSORDOT = M(
    "Sum over channels and filter positions in one product: np.tensordot(windows, W, axes=...) adds up "
    "along the axes that windows and filters share."
)
IM2COL = M(
    "Use im2col: lay each window out as a row, (samples * output positions, channels * filter positions), and "
    "multiply once with W.reshape(n_filters, -1).T; the gradients are products of the same matrices."
)
MATRIX_PRODUCT = M(
    "One matrix product does it for all samples and nodes: X @ W + b forward, and X.T @ dA, dA @ W.T and "
    "dA.sum(axis=0) backward."
)
WHOLE_ARRAY = M(
    "Apply the function to the whole array: np.exp, np.tanh, np.maximum and np.where work on every element "
    "at once."
)
RESHAPE = M(
    "x.reshape(len(x), -1) lays out all samples at once, and reshape(self.shape) puts them back."
)
BATCH_AXIS = M(
    "Keep the samples as the first axis and let NumPy go along it: products, sums and comparisons take the "
    "whole batch at once."
)


def word_of(spec: ItemSpec, axis: str) -> Message | str:
    """What an axis is, in words; its letter where the spec has no name for it."""
    roles = [role for role, formula in spec.roles.items() if formula.text == axis]
    roles.sort(key=lambda role: role not in _PREFERRED)
    if not roles and axis in spec.axes:  # of the axes without a role the first has the samples
        return _WORDS["batch_size"] if axis == spec.axes[0] else M("values of a sample")
    return next((_WORDS[role] for role in roles if role in _WORDS), axis)


def rewrite_for(spec: ItemSpec, loop: Loop) -> Message:
    """The rewrite that ends a loop."""
    windows = {axis for axis in spec.axes if derived(spec, axis)}
    along = set(loop.own or loop.orders)
    if spec.output_layout:
        return RESHAPE
    if not windows:
        return MATRIX_PRODUCT if spec.weights else WHOLE_ARRAY
    if along & windows:
        if len(windows) == 1:
            return INDEX_ARRAY
        return IM2COL if spec.weights else SLIDING_WINDOWS
    if spec.weights and along & {a for w in spec.weights.values() for a in w.axes}:
        return TENSORDOT
    return BATCH_AXIS if along <= {spec.axes[0]} or not spec.weights else TENSORDOT
