"""The misconceptions, a module a family of items."""

from graders.diagnosis.known import convolution1d, convolution2d, dense, pooling, sizes, training

MISCONCEPTIONS = (
    *convolution1d.MISCONCEPTIONS,
    *convolution2d.MISCONCEPTIONS,
    *pooling.MISCONCEPTIONS,
    *dense.MISCONCEPTIONS,
    *training.MISCONCEPTIONS,
    *sizes.MISCONCEPTIONS,
)
