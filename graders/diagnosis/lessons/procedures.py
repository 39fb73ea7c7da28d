"""The procedural network: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

WINDOW_BY_COLUMNS = Lesson(
    M("Each window is read column by column"),
    M("Inside a column of the result the window's rows come one after the other (row-major)."),
    M("Write down the first column of the result for a small image by hand."),
)

POSITIONS_BY_COLUMNS = Lesson(
    M("The windows go down the image before they go right"),
    M("Column k of the result belongs to the window at (k // width, k % width): along a row first."),
    M("Which window stands in the second column of the result?"),
)

RESHAPED = Lesson(
    M("Reshaped where the axes should be exchanged"),
    M("reshape keeps the order of the numbers; only a transposition brings windows into columns."),
    M("Do the numbers of one window stand in one column?"),
)

FLIPPED = Lesson(
    M("Each window is turned round"),
    M("The first element of a column is the window's upper left corner, not its lower right one."),
    M("Look at the first and the last element of the first column."),
)

TRUNCATED = Lesson(
    M("The values are cut to whole numbers"),
    M("An array of an integer type drops what stands behind the point."),
    M("Which dtype does the array have that is filled?"),
)

NOT_SQUARED = Lesson(
    M("tanh is not squared in its derivative"),
    M("The derivative of tanh is 1 - tanh(x)^2."),
    M("What is the slope of tanh at 0, and what does the function give there?"),
)

OF_OUTPUT = Lesson(
    M("The derivative is written for tanh's output, but is given its input"),
    M("1 - y^2 holds for y = tanh(x); at the input x it is 1 - tanh(x)^2."),
    M("Is the argument the value before or after tanh, where the function is called?"),
)

AS_SIGMOID = Lesson(
    M("The derivative of the sigmoid in the place of that of tanh"),
    M("y (1 - y) belongs to the sigmoid; for tanh it is 1 - y^2."),
    M("Compare the formulas of the two activation functions."),
)

TANH_ITSELF = Lesson(
    M("tanh itself instead of its derivative"),
    M("The function gives tanh(x), not its slope."),
    M("What should come out at 0?"),
)

WITHOUT_EXP = Lesson(
    M("The scores are divided by their sum without exp"),
    M("Softmax takes the exponential of each score first; negative scores need it most."),
    M("Can one of the results be negative?"),
)

NOT_NORMALISED = Lesson(
    M("The exponentials are not divided by their sum"),
    M("Probabilities add up to 1."),
    M("What is the sum of the result?"),
)

BY_LARGEST = Lesson(
    M("Divided by the largest exponential instead of the sum"),
    M("Then the largest value is 1 and the sum is more than 1."),
    M("What is the sum of the result?"),
)

BY_MEAN = Lesson(
    M("Divided by the mean instead of the sum"),
    M("Everything is too large by the number of classes."),
    M("What is the sum of the result?"),
)

WITHOUT_TANH = Lesson(
    M("The convolution goes into the dense layer without tanh"),
    M("Without the activation function the network is linear."),
    M("Follow the values from the convolution to the dense layer."),
)

WITH_RELU = Lesson(
    M("ReLU in the place of tanh"),
    M("Negative values are cut off instead of being kept between -1 and 0."),
    M("Which activation function does the sprint ask for?"),
)

LEAST = Lesson(
    M("The class with the smallest score is predicted"),
    M("The predicted class is the one with the largest probability."),
    M("Look at the last line of the prediction."),
)

KERNELS_FLIPPED = Lesson(
    M("The kernels are turned round"),
    M("The forward propagation multiplies each window with the kernel as it is."),
    M("Does element (0, 0) of the kernel meet the window's upper left corner?"),
)

AFTER_WEIGHTS = Lesson(
    M("The kernels' step uses the dense weights that were just updated"),
    M("Both gradients belong to the weights from before the step; the error must go back through the old ones."),
    M("Compute all gradients first, then update."),
)

WITHOUT_SLOPE = Lesson(
    M("The derivative of tanh is left out"),
    M("The error that comes back through the dense layer is multiplied with tanh's slope before it reaches the kernels."),
    M("Which functions lie between the convolution and the dense layer?"),
)

SLOPE_OF_OUTPUT = Lesson(
    M("tanh's derivative is taken of the output"),
    M("The values have been through tanh once already; its slope is wanted at the values before."),
    M("What goes into the derivative: the convolution or its activation?"),
)

ASCENDS = Lesson(
    M("The gradient is added instead of subtracted"),
    M("That climbs: the loss grows with each step."),
    M("Look at the sign of the update, and at that of the error."),
)

WITHOUT_TARGET = Lesson(
    M("The label is not subtracted"),
    M("The error at the scores is the probabilities minus the one-hot label."),
    M("Where does the right answer enter the backpropagation?"),
)

WITHOUT_RATE = Lesson(
    M("The learning rate is left out"),
    M("The whole gradient is subtracted."),
    M("How large is one step?"),
)

SCORES = Lesson(
    M("The error is taken from the scores, not from the probabilities"),
    M("Softmax is left out on the way to the error."),
    M("What is compared with the one-hot label?"),
)

KERNELS_STAY = Lesson(
    M("The kernels are never updated"),
    M("They come out as they went in; only the dense layer learns."),
    M("Is the updated array the one that is returned?"),
)

WEIGHTS_STAY = Lesson(
    M("The dense weights are never updated"),
    M("They come out as they went in; only the kernels learn."),
    M("Is the updated array the one that is returned?"),
)

FIRST_IMAGE = Lesson(
    M("Only the first image is learnt from"),
    M("The function returns, or leaves its loop, after one image."),
    M("Look at the indentation of the return."),
)

ONE_EPOCH = Lesson(
    M("The number of epochs is not taken into account"),
    M("The images are gone through once only."),
    M("Where does the number of epochs enter?"),
)
