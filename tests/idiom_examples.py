"""Where each idiom of a plan is seen to prove an answer: a right module of the folders of conventions.

`tests/test_idioms.py` sees that every field of every plan has its example; the tests of the folders call `shows`.
"""

from collections.abc import Iterable

from graders.judging.results import ItemResult

EXAMPLES = {
    "LayerPlan.weight_layouts": "conv1d_rows_tap_after_tap",
    "LayerPlan.places": "fc_built_for_a_shape",
    "LayerPlan.setter": "fc_keeps_its_input_in_training",
    "LayerPlan.given": "layers_told_their_shape_by_the_network",
    "LayerPlan.completing": "completed_by_the_network",
    "LayerPlan.overwrite": "conv2d_rows_tap_after_tap",
    "LayerPlan.lazy": "conv1d_lazy_weights",
    "LayerPlan.flushing": "made_by_the_first_forward",
    "LayerPlan.set_sizes": "conv1d_shape_in_the_call",
    "LayerPlan.fixed": "conv2d_default_initializer",
    "LayerPlan.ties": "conv2d_dataclass",
    "LayerPlan.y_layout": "simple_conv1d_samples_and_filters",
    "LayerPlan.y_path": "conv1d_functions",
    "LayerPlan.gradients": "gradients_in_a_method",
    "LayerPlan.y_kept": "layers_take_the_shape_of_a_sample",
    "LayerPlan.joint": "fc_bias_is_a_row_of_the_weight",
    "LayerPlan.rates": "simple_conv1d_globals",
    "LayerPlan.multiplied": "derivative_without_a_gradient",
    "LayerPlan.local": "derivative_without_a_gradient",
    "LayerPlan.clearing": "fc_cleared_by_the_network",
    "LayerPlan.tensors": "tensors_carry_gradients_back",
    "SoftmaxPlan.kept": "softmax_logarithms",
    "SoftmaxPlan.column": "softmax_one_column_at_a_time",
    "SoftmaxPlan.numbered": "softmax_class_numbers",
    "SoftmaxPlan.tensor": "tensors_loss_of_logits",
    "LossPlan.domain": "at_once",
    "LossPlan.layout": "a_row_of_samples",
    "DropoutPlan.name": "a_word_for_the_mode",
    "DropoutPlan.own": "half_of_it_by_itself",
    "DropoutPlan.tested": "predicts_by_itself",
    "EstimatorPlan.validation": "bias_says_there_is_none",
    "EstimatorPlan.validated": "bias_that_needs_validation",
    "EstimatorPlan.column": "targets_in_a_column",
    "EstimatorPlan.inverse": "settings_of_fit",
    "EstimatorPlan.flipped": "bias_says_there_is_none",
    "EstimatorPlan.from_zero": "svm_of_zero_and_one",
}


def proved(results: Iterable[ItemResult]) -> set[str]:
    """The idioms by which these items are right."""
    return {str(i) for r in results for i in r.searched.proved or ()}


def shows(name: str, results: Iterable[ItemResult]) -> None:
    """A right module that is the example of an idiom is right by it."""
    found = proved(results)
    assert {i for i, example in EXAMPLES.items() if example == name} <= found, sorted(found)
