"""Exact and fast NumPy implementations of what the sprints ask for."""

from .activations import ReLU, Sigmoid, Tanh, sigmoid, tanh_derivative
from .adaptive import Adam, AdamByRate, AdamUnderRoot, RMSProp, RMSPropUnderRoot
from .attention import Attention, MultiHeadAttention, attend, attend_but
from .bayes import GaussianNaiveBayes, SmoothedNaiveBayes
from .clusters import KMeans
from .components import ExplainedVariance, PrincipalComponents
from .conv1d import Conv1d
from .conv2d import Conv2d
from .dense import FC, Flatten
from .differences import numerical_gradient
from .dropout import Dropout
from .embedding import Embedding
from .gated import LSTM, LSTMFromZero
from .gated_units import GRUCell, GRUFromZero
from .im2col import col2im, im2col
from .initializers import HeInitializer, Initializer, SimpleInitializer, XavierInitializer
from .layer import Layer
from .losses import (
    BinaryCrossEntropy,
    BinaryCrossEntropyOfScores,
    BinaryCrossEntropyThroughSigmoid,
    CrossEntropy,
    CrossEntropyOfScores,
    CrossEntropyThroughSoftmax,
    HalfSquaredError,
    Hinge,
    Loss,
    MeanSquaredError,
)
from .margins import WidestMargin, WidestWithIntercept, WidestWithOnes
from .minibatch import GetMiniBatch
from .momentum import AveragedMomentum, Momentum, Nesterov
from .neighbours import NearestNeighbours
from .network import Network, cnn1d_classifier, cnn2d_classifier, dnn_classifier, lenet
from .normalisation import BatchNorm, LayerNorm
from .optimizers import SGD, AdaGrad, AdaGradUnderRoot, Optimizer, Stateful
from .pooling import AveragePool2D, MaxPool2D
from .positions import sinusoids, sinusoids_in_halves
from .procedural import (
    ProceduralNetwork,
    class_probabilities,
    columns,
    predicted_class,
    tanh_derivative_of_output,
    train_in_batch,
    train_one_by_one,
)
from .recurrent import RNN, RNNCell, RNNFromZero, RNNLastState
from .regression import Descent, LeastSquares, LinearRegression, LogisticRegression, PlainPenalty
from .running import RunningBatchNorm, SpatialBatchNorm
from .sizes import (
    conv2d_output_size,
    conv_output_size,
    conv_parameter_count,
    fc_parameter_count,
)
from .softmax import SoftmaxCrossEntropy, softmax
from .taps import DepthwiseConv2d, DilatedConv2d, TransposedConv2d
from .trees import AtLower, AtUpper, DecisionTree

__all__ = [
    "FC",
    "LSTM",
    "RNN",
    "SGD",
    "AdaGrad",
    "AdaGradUnderRoot",
    "Adam",
    "AdamByRate",
    "AdamUnderRoot",
    "AtLower",
    "AtUpper",
    "Attention",
    "AveragePool2D",
    "AveragedMomentum",
    "BatchNorm",
    "BinaryCrossEntropy",
    "BinaryCrossEntropyOfScores",
    "BinaryCrossEntropyThroughSigmoid",
    "Conv1d",
    "Conv2d",
    "CrossEntropy",
    "CrossEntropyOfScores",
    "CrossEntropyThroughSoftmax",
    "DecisionTree",
    "DepthwiseConv2d",
    "Descent",
    "DilatedConv2d",
    "Dropout",
    "Embedding",
    "ExplainedVariance",
    "Flatten",
    "GRUCell",
    "GRUFromZero",
    "GaussianNaiveBayes",
    "GetMiniBatch",
    "HalfSquaredError",
    "HeInitializer",
    "Hinge",
    "Initializer",
    "KMeans",
    "LSTMFromZero",
    "Layer",
    "LayerNorm",
    "LeastSquares",
    "LinearRegression",
    "LogisticRegression",
    "Loss",
    "MaxPool2D",
    "MeanSquaredError",
    "Momentum",
    "MultiHeadAttention",
    "NearestNeighbours",
    "Nesterov",
    "Network",
    "Optimizer",
    "PlainPenalty",
    "PrincipalComponents",
    "ProceduralNetwork",
    "RMSProp",
    "RMSPropUnderRoot",
    "RNNCell",
    "RNNFromZero",
    "RNNLastState",
    "ReLU",
    "RunningBatchNorm",
    "Sigmoid",
    "SimpleInitializer",
    "SmoothedNaiveBayes",
    "SoftmaxCrossEntropy",
    "SpatialBatchNorm",
    "Stateful",
    "Tanh",
    "TransposedConv2d",
    "WidestMargin",
    "WidestWithIntercept",
    "WidestWithOnes",
    "XavierInitializer",
    "attend",
    "attend_but",
    "class_probabilities",
    "cnn1d_classifier",
    "cnn2d_classifier",
    "col2im",
    "columns",
    "conv2d_output_size",
    "conv_output_size",
    "conv_parameter_count",
    "dnn_classifier",
    "fc_parameter_count",
    "im2col",
    "lenet",
    "numerical_gradient",
    "predicted_class",
    "sigmoid",
    "sinusoids",
    "sinusoids_in_halves",
    "softmax",
    "tanh_derivative",
    "tanh_derivative_of_output",
    "train_in_batch",
    "train_one_by_one",
]
