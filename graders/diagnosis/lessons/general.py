"""Relations and exceptions that are not of one item: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

LIMITS = frozenset({
    "one-sample", "one-input-channel", "one-output-channel", "one-channel-each", "channels-as-many",
    "no-padding", "stride-of-one", "square-filters", "square-images", "whole-windows", "filter-of-one", "example-sizes",
})
"""What names it where a layer is right for some sizes alone (`kinds.layer.limits`)."""

SIGN = Lesson(
    M("The sign is wrong"),
    M("Every value is right but for its sign."),
    M("Go through the formula and look at each minus."),
)

SCALED_BY_BATCH = Lesson(
    M("The values are off by the batch size"),
    M("Something is multiplied or divided by the number of samples once too often."),
    M("Look for every place where the number of samples appears."),
)

SCALED = Lesson(
    M("The values are right but for a factor"),
    M("All values have the same ratio to the right ones: something is counted or divided once too often or not at all."),
    M("Divide your result by the right one and ask what that number stands for."),
)

STAYS_ZERO = Lesson(
    M("The array stays zero"),
    M("It is made, but nothing is ever written into it."),
    M("Follow the array from the line where it is made to the line where it is returned."),
)

PARTLY_FILLED = Lesson(
    M("Part of the array stays zero"),
    M("Where it is filled the values are right; the loops don't reach the rest."),
    M("Do the loops run as far as the last row and column? Print the indices that they write to."),
)

ONLY_LAST_FILLED = Lesson(
    M("Only the last place along an axis is filled"),
    M("All the others stay zero: the line that writes runs after the loop over that axis, or always writes to one place."),
    M("Is the line that writes into the array set in far enough to stand inside the loop over that axis?"),
)

ONLY_FIRST_FILLED = Lesson(
    M("Only the first place along an axis is filled"),
    M("All the others stay zero: the loop over that axis ends after its first pass, or a condition skips the others."),
    M("Print the index in each pass of the loop over that axis. Does a condition with continue, a return or a break leave the others out?"),
)

WEIGHTS_REORDERED = Lesson(
    M("It is right for the weights with their axes mixed up"),
    M("reshape takes the numbers row by row and lays them out anew; it does not exchange axes. That is what transpose does."),
    M("Look at each reshape and transpose of the weights: which one should exchange axes, and does it?"),
)

UPSTREAM_REORDERED = Lesson(
    M("It is right for the gradient from behind with its axes mixed up"),
    M("reshape takes the numbers row by row and lays them out anew; it does not exchange axes. That is what transpose does."),
    M("Look at each reshape and transpose of dA: which one should exchange axes, and does it?"),
)

INPUT_REORDERED = Lesson(
    M("It is right for the input with its axes mixed up"),
    M("reshape takes the numbers row by row and lays them out anew; it does not exchange axes. That is what transpose does."),
    M("Look at each reshape and transpose of the input or its windows: which one should exchange axes, and does it?"),
)

NO_INTEGER = Lesson(
    M("A float stands where an integer is needed"),
    M("Indices and sizes count places, so they have to be integers; here a value that may have a fraction is used as one."),
    M("What is this number made from? Is it a value instead of its place (argmax), or the result of / instead of //?"),
)

PARTLY_NAN = Lesson(
    M("Part of the result was never computed"),
    M("Some elements are NaN: memory of np.empty that was never written, or a computation without a result such as 0/0."),
    M("Where are the NaNs: at places that the loops never reach?"),
)

ALL_NAN = Lesson(
    M("The computation has no result (NaN)"),
    M("Infinity minus infinity, 0/0, the root or the logarithm of a negative number gives NaN."),
    M("Print the values step by step and find the first that is not finite."),
)

OTHER_ORDER = Lesson(
    M("The right values in the wrong order"),
    M("Every value is there, but at another place: an axis is reversed or moved, or a reshape took them in another order."),
    M("Use an input that counts 0, 1, 2, ... and look where each value comes out."),
)

FLIPPED = Lesson(
    M("The values are reversed along an axis"),
    M("The array is right when it is read from the other end."),
    M("Which flip is one too many, or missing?"),
)

SHIFTED = Lesson(
    M("The values are shifted"),
    M("The right values stand a few places further along."),
    M("Compare the first index that is written with the first that should be."),
)

UNCROPPED = Lesson(
    M("The result is larger than it should be; the right values are inside"),
    M("Extra rows or columns, of a padding for example, are not cut off."),
    M("Compare the shape with the one that it should have."),
)

SAME_ALONG = Lesson(
    M("All places along an axis hold the same"),
    M("The index of that axis is lost on the way: by a sum that runs over it, or an index that does not move."),
    M("Which sum runs over that axis, or which index should move along it and does not?"),
)

FORWARD_FIRST = Lesson(
    M("Forward is wrong, too"),
    M("Backward goes back the way that forward has gone; as long as that is another one, it can't be right."),
    M("Mend forward first, then look at this gradient again."),
)

OTHER_AXES = Lesson(
    M("The array has other axes than it should"),
    M("An axis is left that should be summed over, one is missing, or one has another length."),
    M("Compare the shape with the one that it should have, axis by axis."),
)

NOTEBOOK_VARIABLE = Lesson(
    M("It goes by a variable of the notebook, not by what the layer has"),
    M("Whatever the layer holds or is given, the numbers come from a variable outside of it."),
    M("Which names in the method are neither arguments nor attributes of self?"),
)

CUT_OFF = Lesson(
    M("The result is smaller than it should be"),
    M("What is there is right, but rows or columns at the edge are missing."),
    M("Compare the shape with the one that it should have."),
)

AXIS_KEPT = Lesson(
    M("An axis is left that should be summed over"),
    M("Summed over one of its axes, the array is right."),
    M("Compare the shape with the one that it should have: which axis is too many?"),
)

SUMMED_TOO_FAR = Lesson(
    M("The sum runs over an axis that should stay"),
    M("Values that belong to different places are added together."),
    M("Compare the shape with the one that it should have: which axis is missing?"),
)

WRONG_AXES = Lesson(
    M("The sum runs over the wrong axes"),
    M("The gradient is summed, but along other axes than those that the bias was spread over."),
    M("Along which axes was the bias added?"),
)

BIAS_NOT_SUMMED = Lesson(
    M("The gradient of the bias is not summed"),
    M("It is the gradient from behind as it came, with one number for each place that the bias was added to."),
    M("The bias was added to every sample, and to every position where there are several: along which axes of dA is dB the sum?"),
)

GRADIENT_UNCHANGED = Lesson(
    M("The gradient from behind is passed on unchanged"),
    M("Backward returns what it was given."),
    M("What does this layer do to its input, and where does that show in backward?"),
)

OTHER_GRADIENT = Lesson(
    M("This is the gradient of something else"),
    M("The values are those of another gradient of the layer."),
    M("Look at the order in which the gradients are returned or stored."),
)

STALE = Lesson(
    M("The result belongs to an earlier call"),
    M("Something that was computed once is kept and used again with new data."),
    M("What is stored on self, and when is it renewed?"),
)

BATCH_SIZE_KEPT = Lesson(
    M("The number of samples of an earlier batch is kept"),
    M("With batches of one size all is right; the last batch of an epoch is often smaller, and a prediction takes all samples at once."),
    M("Which array or number is made once with the size of the batch, and should be made anew in each call?"),
)

IGNORES_UPSTREAM = Lesson(
    M("It does not depend on the gradient from behind"),
    M("Whatever gradient comes in, the same numbers come out; the chain rule multiplies by it."),
    M("Where does the argument of backward appear in the lines that compute it?"),
)

IGNORES_INPUT = Lesson(
    M("It does not depend on the input"),
    M("Whatever the input is, the same numbers come out."),
    M("Where does X, or what forward kept of it, appear in the lines that compute it?"),
)

IGNORES_WEIGHTS = Lesson(
    M("It does not depend on the weights"),
    M("Whatever the weights are, the same numbers come out."),
    M("Where do the layer's weights appear in the lines that compute it?"),
)

IGNORES_BIAS = Lesson(
    M("It does not depend on the bias"),
    M("Whatever the bias is, the same numbers come out."),
    M("Where is the bias added?"),
)

NOT_LINEAR = Lesson(
    M("Twice the gradient from behind does not give twice as much"),
    M("Every gradient of a layer is linear in the one that comes in: twice dA gives twice of it."),
    M("Where is dA squared, compared or mixed with something else before it is multiplied?"),
)

NOT_THERE = Lesson(
    M("The gradient is neither returned nor kept"),
    M("Backward runs, but nothing that it leaves behind is this gradient."),
    M("Which lines of backward compute it, and where does the result go?"),
)

NO_BACKWARD = Lesson(
    M("There is no backward"),
    M("Without it the layers before can't learn."),
    M("Start from the formulas for the gradients in the text."),
)

NOT_WRITTEN = Lesson(
    M("Nothing is written there yet"),
    M("The method has no statement that computes anything."),
    M("Start from the formula in the text, and try it on the small example."),
)

ONE_INPUT_CHANNEL = Lesson(
    M("It is right for one input channel only"),
    M("With several input channels something is mixed up, left out or of the wrong shape."),
    M("With two channels, print the shape line by line: which axis are the channels on?"),
)

ONE_OUTPUT_CHANNEL = Lesson(
    M("It is right for one output channel only"),
    M("With several filters something is mixed up, left out or of the wrong shape."),
    M("With two filters, print the shape line by line: which axis are the filters on?"),
)

ONE_CHANNEL_EACH = Lesson(
    M("It is right for one input and one output channel only"),
    M("With several channels something is mixed up, left out or of the wrong shape."),
    M("With two and three channels, print the shape line by line: which axis are the channels on?"),
)

ONE_SAMPLE = Lesson(
    M("It is right for one sample only"),
    M("With several samples something is mixed up, left out or of the wrong shape."),
    M("With two samples, print the shape line by line: which axis are the samples on?"),
)

CHANNELS_AS_MANY = Lesson(
    M("It is right only where input and output channels are equally many"),
    M("One of the two numbers, or axes, stands for the other."),
    M("Which number of channels does each loop and each shape use?"),
)

NO_PADDING = Lesson(
    M("It is right only where nothing is padded"),
    M("With a padding the places in the padded array and those in the input differ."),
    M("Which arrays have the padded length, and which the length of the input?"),
)

STRIDE_OF_ONE = Lesson(
    M("It is right for a stride of 1 only"),
    M("Output i belongs to the window at i * stride; with a stride of 1 that is i itself."),
    M("Where does the stride appear in the lines that compute it?"),
)

SQUARE_FILTERS = Lesson(
    M("It is right for square filters only"),
    M("Height and width of the filter stand for each other somewhere."),
    M("Which of the two does each loop and each shape use?"),
)

SQUARE_IMAGES = Lesson(
    M("It is right for square images only"),
    M("Height and width of the image stand for each other somewhere."),
    M("Which of the two does each loop and each shape use?"),
)

EXAMPLE_SIZES = Lesson(
    M("It works only for the sizes in the example"),
    M("A size is written into the code, or taken from a number that happens to agree with it in the example."),
    M("Try another length or filter size and look which number does not follow."),
)

FILTER_OF_ONE = Lesson(
    M("It is right for filters of size 1 only"),
    M("Where windows overlap, or a weight has a place in the filter, something goes wrong."),
    M("Work one example with a filter of 2 by hand."),
)

WHOLE_WINDOWS = Lesson(
    M("It is right only where the windows fill the input exactly"),
    M("Rows or columns at the end that are in no window are not thought of."),
    M("Try a height that is no multiple of the window."),
)

UNDEFINED_NAME = Lesson(
    M("A name is used that is not defined"),
    M("Inside a method only arguments, local variables and names of the notebook are known; what belongs to the instance needs self."),
    M("Where should this value come from: an argument, self, or an import?"),
)

NOT_HANDED_IN = Lesson(
    M("Something from another file or package is missing"),
    M("The code imports it, but it was not handed in with it, nor is it installed where it is graded."),
    M("Is it from a file of your own? Then hand that file in together with this one."),
)

MISSING_ATTRIBUTE = Lesson(
    M("An attribute is read that was never set"),
    M("The constructor (or forward) does not store what a later method reads from self."),
    M("Which line should have set this attribute?"),
)

STILL_A_NUMBER = Lesson(
    M("An array was expected, but a single number is there"),
    M("A value set at the start was not replaced by an array, or a sum ran over all axes."),
    M("Print the type of the value just before the line that fails."),
)

STILL_NONE = Lesson(
    M("A value is None where an array is needed"),
    M("It was set to None at the start, or comes from a method that returns nothing."),
    M("Where is this value supposed to be set?"),
)

BEYOND_END = Lesson(
    M("An index runs past the end of an array"),
    M("A loop runs over another size than that of the axis that it indexes."),
    M("Which size does the loop use, and which axis does its index go into?"),
)

SIZES_APART = Lesson(
    M("The array has another number of axes than the line takes apart"),
    M("A shape has one size for each axis; on the left of = there are more names than that, or fewer."),
    M("Which axis is not thought of in this line: samples, input channels or output channels?"),
)

NO_SUCH_AXIS = Lesson(
    M("An axis is asked for that the array does not have"),
    M("Axes are counted from 0: an array of shape (3, 4) has the axes 0 and 1."),
    M("Print the shape just before the line that fails: which axis is meant?"),
)

EMPTY_WINDOW = Lesson(
    M("A window is empty"),
    M("It begins beyond the end of the array, so that there is nothing in it."),
    M("How many windows fit into the input, and how many do the loops take?"),
)

UNEVEN_ROWS = Lesson(
    M("Rows of different length are put together into one array"),
    M("The last windows reach over the end of the input and are cut off there, so that they are shorter than the others."),
    M("How many windows fit into the array that they are taken from? Should it have been padded before?"),
)

WRITTEN_SIZE = Lesson(
    M("A size is written into the code"),
    M("The array is reshaped to fixed numbers, which fit the example only."),
    M("Replace the numbers by what they stand for."),
)

RESHAPE_MISFIT = Lesson(
    M("A reshape does not fit the number of elements"),
    M("The shape is computed from other sizes than those that the array has."),
    M("Print the shape of the array just before the reshape."),
)

SHAPES_MISFIT = Lesson(
    M("Two arrays don't fit together"),
    M("The axes of the two arrays meet in another order, or one of them has another size than was thought."),
    M("Print both shapes just before the line that fails."),
)

ONE_TRUTH = Lesson(
    M("if is asked of a whole array"),
    M("if takes one yes or no; a comparison of an array gives one for each of its elements."),
    M("How is the condition applied to each element by itself?"),
)

NOT_CALLABLE = Lesson(
    M("A method and an attribute have the same name"),
    M("Something that is not a function is called: the attribute hides the method."),
    M("Which attribute of self has the name of the method?"),
)

DOES_NOT_COMPILE = Lesson(
    M("The cell does not compile"),
    M("Python can't read the cell, so nothing in it exists, whatever the other lines say."),
    M("Look at the line that the error names, and the one before it."),
)

OTHER_ARGUMENTS = Lesson(
    M("The method takes other arguments"),
    M("It can't be called with the array that every layer passes on."),
    M("Call it in a cell, so that it is seen which array stands for which argument."),
)

NOT_UPDATED = Lesson(
    M("The weights do not move"),
    M("The update is never called, computes into a variable of its own, or stands behind a return."),
    M("Follow the result of the update: into which array of the layer does it go?"),
)
