"""Sizes and written answers: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

NO_FLOOR = Lesson(
    M("The size is not rounded down"),
    M("Where the stride does not divide, / gives half a window; only whole windows count."),
    M("What should come out for N = 10, P = 0, F = 3, S = 2, and what does?"),
)

NO_PLUS_ONE = Lesson(
    M("The + 1 is missing"),
    M("The division counts how often the window can move on; the first window comes on top."),
    M("Count the windows by hand for 4 inputs and a filter of 3."),
)

PLUS_F = Lesson(
    M("The filter's size has the wrong sign"),
    M("A larger filter leaves less room for windows, so F is subtracted."),
    M("Compare with the formula, sign by sign."),
)

SHAPE_ALONE = Lesson(
    M("Only the shape of the weights is given, not how many numbers that is"),
    M("An array of shape (O, C, F, F) has as many numbers as its sizes multiplied; each filter has a bias besides."),
    M("How many numbers are in an array of that shape, and how many biases come on top?"),
)

OTHER_FILTERS = Lesson(
    M("The numbers are those of another number of filters"),
    M("Each output channel has a filter for all input channels, and one bias."),
    M("How many filters does the layer in the question have?"),
)

NO_FILTER = Lesson(
    M("The filter's size is not counted"),
    M("The result does not change with the filter."),
    M("How far can a filter of 3 move over 4 inputs?"),
)

BRACKETS = Lesson(
    M("Brackets are missing: only part of the expression is divided by the stride"),
    M("Division comes before subtraction, so that F / S is computed first."),
    M("Which part of the formula stands above the fraction line?"),
)

ONE_PADDING = Lesson(
    M("The padding is counted at one end only"),
    M("Zeros are added at both ends, which makes 2P."),
    M("How long is the input after padding?"),
)

NO_PADDING = Lesson(
    M("The padding is not counted"),
    M("The result does not change with the padding."),
    M("How long is the input after padding?"),
)

NO_STRIDE = Lesson(
    M("The stride is not counted"),
    M("The result does not change with the stride."),
    M("How many windows are left when every second one is taken?"),
)

CEIL = Lesson(
    M("The size is rounded up instead of down"),
    M("A window that reaches over the end is counted as well."),
    M("Does the last window lie wholly inside the input?"),
)

PLUS_ONE_INSIDE = Lesson(
    M("The + 1 stands inside the division"),
    M("1 is added before dividing, so that it shrinks with the stride; it belongs after the division."),
    M("Where does the + 1 stand in the formula?"),
)

SWAPPED = Lesson(
    M("Height and width change places"),
    M("Both numbers are right, but in the other order."),
    M("Try an image that is wider than high."),
)

ONE_CHANNEL = Lesson(
    M("The input channels are not counted"),
    M("Each filter has weights for every input channel."),
    M("Which shape has W?"),
)

ONE_CHANNEL_NO_BIAS = Lesson(
    M("The input channels and the biases are not counted"),
    M("Each filter has weights for every input channel, and one bias."),
    M("Which shapes have W and B?"),
)

NO_BIAS = Lesson(
    M("The biases are not counted"),
    M("The number of weights is right; each filter has one bias besides."),
    M("Which shape has B?"),
)

BIAS_PAIR = Lesson(
    M("A bias is counted for each pair of channels"),
    M("There is one bias for each output channel, whatever the number of input channels."),
    M("Which shape has B?"),
)

STRIDE_COUNTED = Lesson(
    M("Stride and padding are counted as parameters"),
    M("They are chosen, not learnt. The input channels and the biases are missing instead."),
    M("Which numbers of the layer change when it learns?"),
)

SIZE_UNCHANGED = Lesson(
    M("The filter's size is not taken into account"),
    M("A filter of 3 without padding makes an image smaller by 2."),
    M("Compare with the formula of the output size."),
)
