"""The procedural network."""

from graders.diagnosis.lessons import procedures as lessons
from graders.diagnosis.variants import procedures as variants
from graders.misconceptions import Misconception, known

_TRAINING = "back_propagation_cnn"

# fmt: off

MISCONCEPTIONS: tuple[Misconception, ...] = (
    known("im2col-window-by-columns", "im2col", "forward", variants.window_by_columns, lessons.WINDOW_BY_COLUMNS),
    known("im2col-positions-by-columns", "im2col", "forward", variants.positions_by_columns, lessons.POSITIONS_BY_COLUMNS),
    known("im2col-reshaped", "im2col", "forward", variants.reshaped, lessons.RESHAPED),
    known("im2col-flipped", "im2col", "forward", variants.flipped, lessons.FLIPPED),
    known("im2col-truncated", "im2col", "forward", variants.truncated, lessons.TRUNCATED),
    known("tanh-derivative-not-squared", "tanh_derivative", "dX", variants.derivative_not_squared, lessons.NOT_SQUARED),
    known("tanh-derivative-of-output", "tanh_derivative", "dX", variants.derivative_of_output, lessons.OF_OUTPUT),
    known("tanh-derivative-as-sigmoid", "tanh_derivative", "dX", variants.derivative_as_sigmoid, lessons.AS_SIGMOID),
    known("tanh-derivative-is-tanh", "tanh_derivative", "dX", variants.derivative_is_tanh, lessons.TANH_ITSELF),
    known("softmax-vector-without-exp", "softmax_vector", "forward", variants.softmax_without_exp, lessons.WITHOUT_EXP),
    known("softmax-vector-not-normalised", "softmax_vector", "forward", variants.softmax_not_normalised, lessons.NOT_NORMALISED),
    known("softmax-vector-by-largest", "softmax_vector", "forward", variants.softmax_by_largest, lessons.BY_LARGEST),
    known("softmax-vector-by-mean", "softmax_vector", "forward", variants.softmax_by_mean, lessons.BY_MEAN),
    known("predict-without-tanh", "cnn_predict", "forward", variants.predicted_without_tanh, lessons.WITHOUT_TANH),
    known("predict-with-relu", "cnn_predict", "forward", variants.predicted_with_relu, lessons.WITH_RELU),
    known("predict-least", "cnn_predict", "forward", variants.predicted_least, lessons.LEAST),
    known("predict-flipped", "cnn_predict", "forward", variants.predicted_flipped, lessons.KERNELS_FLIPPED),
    known("train-kernels-after-weights", _TRAINING, "dW", variants.kernels_after_weights, lessons.AFTER_WEIGHTS),
    known("train-without-slope", _TRAINING, "dW", variants.without_slope, lessons.WITHOUT_SLOPE),
    known("train-slope-of-output", _TRAINING, "dW", variants.slope_of_output, lessons.SLOPE_OF_OUTPUT),
    known("train-ascends", _TRAINING, "update dW", variants.ascends, lessons.ASCENDS),
    known("train-without-target", _TRAINING, "update dW", variants.without_target, lessons.WITHOUT_TARGET),
    known("train-without-rate", _TRAINING, "update dW", variants.without_rate, lessons.WITHOUT_RATE),
    known("train-scores", _TRAINING, "update dW", variants.scores_for_probabilities, lessons.SCORES),
    known("train-kernels-stay", _TRAINING, "dW", variants.kernels_stay, lessons.KERNELS_STAY),
    known("train-weights-stay", _TRAINING, "update", variants.weights_stay, lessons.WEIGHTS_STAY),
    known("train-first-image", _TRAINING, "update dW", variants.first_image_only, lessons.FIRST_IMAGE),
    known("train-one-epoch", _TRAINING, "update dW", variants.one_epoch_only, lessons.ONE_EPOCH),
)
