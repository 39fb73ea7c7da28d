"""Dense layers, activations and softmax: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

MEAN_TWICE = Lesson(
    M("The gradient is divided by the batch size twice"),
    M("The mean is taken in two places (in the layer, in the loss or in the optimiser); once is right."),
    M("Look for every place where something is divided by the number of samples."),
)

NO_WEIGHTS = Lesson(
    M("The gradient of the input leaves the weights out"),
    M("An input's influence on an output is the weight between them, so dX is the gradient from behind times the weights."),
    M("Compare with the formula for dX."),
)

UPDATED_WEIGHTS = Lesson(
    M("The gradient of the input is computed with weights that were already updated"),
    M("The output was computed with the weights before the update, and so must its derivative."),
    M("In which order do the update and the gradient of the input stand in backward?"),
)

BIAS_LEFT_OUT = Lesson(
    M("The bias is not added"),
    M("The output is the product with the weights alone."),
    M("Compare with the formula for the output."),
)

SHARE_OF_MAX = Lesson(
    M("The input is divided by its largest value first"),
    M("The function is applied to another input; the result of one sample then depends on all the others."),
    M("Compare with the formula of the function."),
)

OTHER_SIGN = Lesson(
    M("The sign in the exponent is wrong"),
    M("exp(x) stands where exp(-x) should, so that the curve falls instead of rising."),
    M("What should the function give for a large positive input?"),
)

INPUT_FOR_OUTPUT = Lesson(
    M("The derivative takes the input for the output"),
    M("The formula is written for the output of forward, but the stored input is put in."),
    M("Which array does forward keep, and for which does the formula hold?"),
)

TWICE = Lesson(
    M("The function is applied twice in the derivative"),
    M("The stored array is the output already; the function is applied to it once more."),
    M("Which array does forward keep?"),
)

SQUARE_OUTSIDE = Lesson(
    M("The square stands outside the brackets"),
    M("(1 - y)^2 is not 1 - y^2."),
    M("Put in y = -0.5 by hand."),
)

NOT_SQUARED = Lesson(
    M("The square is missing in the derivative of tanh"),
    M("The derivative of tanh is 1 - y^2, not 1 - y."),
    M("Compare with the formula of the derivative."),
)

ADDED = Lesson(
    M("The derivative is added to the gradient instead of multiplied"),
    M("The chain rule multiplies the gradient that comes in by the function's own derivative."),
    M("Which operator stands between the two?"),
)

NOT_MASKED = Lesson(
    M("The gradient passes everywhere"),
    M("Where the input was not positive the output was 0 and did not depend on it: the gradient there is 0."),
    M("What is the derivative for a negative input?"),
)

OF_GRADIENT = Lesson(
    M("The sign of the gradient decides instead of the input's"),
    M("Where the input of forward was positive the gradient passes, whatever its own sign."),
    M("Of which array is the sign looked at in backward?"),
)

ABSOLUTE = Lesson(
    M("Negative inputs are turned round instead of set to zero"),
    M("The output is the absolute value."),
    M("What should come out for -2?"),
)

TIMES_OUTPUT = Lesson(
    M("The gradient is multiplied by the output instead of by 1"),
    M("For a positive input the derivative is 1."),
    M("What is the slope of the function for a positive input?"),
)

WHOLE_BATCH = Lesson(
    M("Divided by the sum over the whole batch"),
    M("Without an axis the sum runs over all samples: the matrix adds up to 1 and not each row."),
    M("What should the probabilities of one sample add up to?"),
)

COLUMNS = Lesson(
    M("Divided by the sum over the samples instead of the classes"),
    M("The columns add up to 1 and not the rows."),
    M("Along which axis do the classes lie?"),
)

NOT_NORMALISED = Lesson(
    M("The exponentials are not divided by their sum"),
    M("The outputs are positive but do not add up to 1."),
    M("What should the probabilities of one sample add up to?"),
)

Y_MINUS_Z = Lesson(
    M("The difference has the wrong sign"),
    M("The gradient is Z - Y; Y - Z moves the weights the wrong way."),
    M("In which direction should the output of the right class move?"),
)

MEAN_OF_ALL = Lesson(
    M("The mean is taken over the classes, too"),
    M("The loss is averaged over the samples only; here it is smaller by the number of classes."),
    M("How many numbers does your mean run over?"),
)

LABELS_LEFT_OUT = Lesson(
    M("The labels are left out of the gradient"),
    M("The gradient is Z - Y; without Y it pushes every class down."),
    M("Where do the labels appear in backward?"),
)

DERIVATIVE_TWICE = Lesson(
    M("The derivative of softmax is multiplied in once more"),
    M("Z - Y already is the gradient through the loss and softmax together."),
    M("Of what is Z - Y the derivative?"),
)
