"""Dense layers, activations and softmax."""

from graders.diagnosis.lessons import convolution as convolution_lessons
from graders.diagnosis.lessons import dense as dense_lessons
from graders.diagnosis.variants import activations, dense, softmax
from graders.misconceptions import Misconception, known

MISCONCEPTIONS: tuple[Misconception, ...] = (
    known("fc-db-one-mean", "fc", "dB", dense.DbOneMean, convolution_lessons.DB_ONE_NUMBER),
    known("fc-db-one-sum", "fc", "dB", dense.DbOneSum, convolution_lessons.DB_ONE_NUMBER),
    known("fc-db-per-sample", "fc", "dB", dense.DbPerSample, convolution_lessons.DB_PER_SAMPLE),
    known("fc-db-last-sample", "fc", "dB", dense.DbLastSample, convolution_lessons.LAST_SAMPLE),
    known("fc-dw-mean-twice", "fc", "dW", dense.DwMeanTwice, dense_lessons.MEAN_TWICE),
    known(
        "fc-dw-accumulates", "fc", "dW repeat", dense.DwAccumulates, convolution_lessons.ACCUMULATES
    ),
    known(
        "fc-dw-without-gradient",
        "fc",
        "dW",
        dense.DwWithoutGradient,
        convolution_lessons.UPSTREAM_DROPPED,
    ),
    known("fc-dw-last-sample", "fc", "dW", dense.DwLastSample, convolution_lessons.LAST_SAMPLE),
    known("fc-dx-without-weights", "fc", "dX", dense.DxWithoutWeights, dense_lessons.NO_WEIGHTS),
    known(
        "fc-dx-of-updated-weights",
        "fc",
        "dX",
        dense.DxOfUpdatedWeights,
        dense_lessons.UPDATED_WEIGHTS,
    ),
    known("fc-bias-left-out", "fc", "forward", dense.BiasLeftOut, dense_lessons.BIAS_LEFT_OUT),
    known(
        "sigmoid-of-share",
        "sigmoid",
        "forward",
        activations.SigmoidOfShare,
        dense_lessons.SHARE_OF_MAX,
    ),
    known(
        "sigmoid-other-sign",
        "sigmoid",
        "forward",
        activations.SigmoidOtherSign,
        dense_lessons.OTHER_SIGN,
    ),
    known(
        "sigmoid-of-input",
        "sigmoid",
        "dX",
        activations.SigmoidOfInput,
        dense_lessons.INPUT_FOR_OUTPUT,
    ),
    known("sigmoid-twice", "sigmoid", "dX", activations.SigmoidTwice, dense_lessons.TWICE),
    known(
        "sigmoid-gradient-dropped",
        "sigmoid",
        "dX",
        activations.SigmoidLocalOnly,
        convolution_lessons.UPSTREAM_DROPPED,
    ),
    known("tanh-of-share", "tanh", "forward", activations.TanhOfShare, dense_lessons.SHARE_OF_MAX),
    known(
        "tanh-square-outside",
        "tanh",
        "dX",
        activations.TanhSquareOutside,
        dense_lessons.SQUARE_OUTSIDE,
    ),
    known("tanh-not-squared", "tanh", "dX", activations.TanhNotSquared, dense_lessons.NOT_SQUARED),
    known("tanh-twice", "tanh", "dX", activations.TanhTwice, dense_lessons.TWICE),
    known("tanh-of-input", "tanh", "dX", activations.TanhOfInput, dense_lessons.INPUT_FOR_OUTPUT),
    known("tanh-added", "tanh", "dX", activations.TanhAdded, dense_lessons.ADDED),
    known(
        "tanh-gradient-dropped",
        "tanh",
        "dX",
        activations.TanhLocalOnly,
        convolution_lessons.UPSTREAM_DROPPED,
    ),
    known(
        "relu-gradient-dropped",
        "relu",
        "dX",
        activations.ReluLocalOnly,
        convolution_lessons.UPSTREAM_DROPPED,
    ),
    known("relu-not-masked", "relu", "dX", activations.ReluNotMasked, dense_lessons.NOT_MASKED),
    known("relu-of-gradient", "relu", "dX", activations.ReluOfGradient, dense_lessons.OF_GRADIENT),
    known(
        "relu-is-absolute", "relu", "forward", activations.ReluIsAbsolute, dense_lessons.ABSOLUTE
    ),
    known(
        "relu-times-output", "relu", "dX", activations.ReluTimesInput, dense_lessons.TIMES_OUTPUT
    ),
    known(
        "softmax-whole-batch",
        "softmax",
        "forward dX",
        softmax.WholeBatch,
        dense_lessons.WHOLE_BATCH,
    ),
    known("softmax-columns", "softmax", "forward dX", softmax.Columns, dense_lessons.COLUMNS),
    known(
        "softmax-not-normalised",
        "softmax",
        "forward dX",
        softmax.NotNormalised,
        dense_lessons.NOT_NORMALISED,
    ),
    known("softmax-other-sign", "softmax", "dX", softmax.OtherSign, dense_lessons.Y_MINUS_Z),
    known("softmax-mean-of-all", "softmax", "dX", softmax.MeanOfAll, dense_lessons.MEAN_OF_ALL),
    known(
        "softmax-labels-left-out",
        "softmax",
        "dX",
        softmax.LabelsLeftOut,
        dense_lessons.LABELS_LEFT_OUT,
    ),
    known(
        "softmax-derivative-twice",
        "softmax",
        "dX",
        softmax.DerivativeTwice,
        dense_lessons.DERIVATIVE_TWICE,
    ),
)
