"""Pooling and flattening: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

POOL_MEAN = Lesson(
    M("The mean is taken instead of the maximum"),
    M("Max pooling passes on the largest value of each window."),
    M("Which function is applied to the window?"),
)

PARTIAL_WINDOWS = Lesson(
    M("Windows that reach over the edge are counted, too"),
    M("The output is larger than the formula says: its size is rounded up instead of down."),
    M("How many whole windows fit into 7 values with a window and a stride of 2?"),
)

POOL_DX_CROPPED = Lesson(
    M("The gradient has the size of the windows instead of the input"),
    M("Where the input is no multiple of the window, rows and columns at the end are in no window; dX has them all the same, with zeros."),
    M("From which array does dX take its shape?"),
)

GRADIENT_EVERYWHERE = Lesson(
    M("The gradient goes to the whole window instead of its maximum"),
    M("Only the largest value of a window has an influence on the output; the others get zero."),
    M("What happens to the output if a value that is not the maximum changes a little?"),
)

VALUES_BACK = Lesson(
    M("The maxima are put back instead of the gradient"),
    M("Backward hands the gradient that comes in to the places of the maxima; here the values of forward go there."),
    M("Where does the argument of backward appear in what is returned?"),
)

LAST_PLACES = Lesson(
    M("The places of the maxima are kept for the last sample or channel only"),
    M("The table of places is overwritten for every sample or channel, so all of them use the last one's."),
    M("Which indices does the table need?"),
)

TRANSPOSED_PLACE = Lesson(
    M("Inside the window the gradient lands at the transposed place"),
    M("Row and column of the maximum change places; with the example of the text half of it can't be seen."),
    M("Print row and column of one maximum and find it in the input."),
)

WRONG_DIVISOR = Lesson(
    M("The place of a maximum is decoded with the wrong width"),
    M("An index into the flattened window becomes row and column by dividing by the window's width."),
    M("Of which array is the number an index, and how wide is it?"),
)

COPIED_MAX = Lesson(
    M("It is max pooling still"),
    M("Forward takes the maximum of each window; average pooling takes the mean."),
    M("Which lines have to change when the class of max pooling is copied?"),
)

MASK_KEPT = Lesson(
    M("Backward still looks for the elements that equal the result"),
    M("Hardly any element equals the mean of its window, so the gradient is zero nearly everywhere. Every element of a window has the same share in its mean."),
    M("By how much does the mean of a window change if one of its elements does?"),
)

NOT_DIVIDED = Lesson(
    M("The gradient is not divided by the number of elements in the window"),
    M("Each element has a share of 1 / (height * width) in the mean, and so in the gradient."),
    M("By how much does the mean of a window change if one of its elements does?"),
)

DIVIDED_BY_SIDE = Lesson(
    M("The gradient is divided by the side of the window instead of its area"),
    M("A window of size k has k * k elements."),
    M("How many elements share the gradient of one output?"),
)

SUM_FOR_MEAN = Lesson(
    M("The window is summed up, not averaged"),
    M("The output is larger than the mean by the number of elements in the window."),
    M("What has the sum to be divided by?"),
)

GRADIENT_TO_MAX = Lesson(
    M("The gradient goes to the maximum of the window, as in max pooling"),
    M("In average pooling every element has the same share in the output and gets the same share of the gradient."),
    M("By how much does the mean of a window change if one of its elements does?"),
)

BATCH_FLATTENED = Lesson(
    M("The batch axis is flattened, too"),
    M("Each sample becomes one row; here all samples come out in one row."),
    M("Which axis has to stay?"),
)

ORDER_CHANGED = Lesson(
    M("The values come out in another order"),
    M("Axes are moved before the array is flattened, or not moved back before it gets its shape again."),
    M("Flatten an array that counts 0, 1, 2, ... and look at the order."),
)

STAYS_FLAT = Lesson(
    M("Backward returns the gradient as flat as it came"),
    M("The layer before gave an array of the input's shape and needs its gradient in that shape."),
    M("What has forward to remember for backward?"),
)
