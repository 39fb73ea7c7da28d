"""Convolutions: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

KERNEL_NOT_FLIPPED = Lesson(
    M("The filter is not reversed in the gradient of the input"),
    M("Going forward, weight f meets input i + f; going back, input j therefore gets weight f from output j - f, so that along the gradient the filter runs backwards."),
    M("Write down which outputs the first three inputs take part in, and with which weight."),
)

KERNEL_HALF_FLIPPED = Lesson(
    M("The filter is reversed along one axis only in the gradient of the input"),
    M("Going back, the filter runs backwards along the height and along the width; here it does so along one of them."),
    M("Look at which axes your flip really reverses: it may have taken the channel axis for one of them."),
)

KERNEL_REVERSED_FORWARD = Lesson(
    M("Forward reverses the filter"),
    M("The sprint's formula multiplies x_(i+s) by w_s; reversing the filter first gives x_(i+s) * w_(F-1-s)."),
    M("Compare the order of the weights with the formula, for one window."),
)

LAST_CHANNEL = Lesson(
    M("Only the last input channel counts"),
    M("Each pass of the loop over the input channels replaces what the pass before had computed, where the results should be added up."),
    M("Look at the assignment inside the loop over the input channels."),
)

BIAS_REPEATED = Lesson(
    M("The bias is added more than once"),
    M("The bias stands inside a loop or a sum, so that it is added once for each pass instead of once for each output."),
    M("Count how often the line that adds the bias runs for one element of the output."),
)

INTEGER = Lesson(
    M("Fractions are cut off: the results go into an array of integers"),
    M("An array made from integers keeps integers: what is assigned to it loses its fraction. The example of the text has whole numbers only, so it does not show."),
    M("Look at the dtype of the array that the results are written into."),
)

SUM_TIMES_SUM = Lesson(
    M("Sums are multiplied where products should be summed"),
    M("The window and the filter are each summed up (or averaged) before they are multiplied. With equal weights, as in the example of the text, that makes no difference."),
    M("Check the shapes just before the sum: does each weight meet its own input?"),
)

F_OUTPUTS = Lesson(
    M("The number of outputs comes from the filter's length"),
    M("The loop over the output runs as often as the filter is long (or one less). In the example of the text that happens to be the right number."),
    M("Which sizes decide how many windows fit? Look at the range of the loop over the output."),
)

LAST_WINDOW = Lesson(
    M("The last window is left out"),
    M("The output is one shorter than it should be: the number of windows lacks its + 1."),
    M("Count the windows by hand for 4 inputs and a filter of 3."),
)

ALWAYS_PADDED = Lesson(
    M("The input is padded although no padding was asked for"),
    M("A padding of 1 is written into the class, so that the output is larger than the formula says."),
    M("Where does the amount of padding come from?"),
)

GROWS = Lesson(
    M("Results of earlier calls are still in front"),
    M("A list or array made by the constructor is appended to with each call, so that the second call returns the first results as well."),
    M("Where is the container for the results made, and how often?"),
)

RETURNS_NOTHING = Lesson(
    M("The result is computed but not returned"),
    M("The method ends without handing its result back, so the next layer would get None."),
    M("Look at the last line of the method."),
)

EXAMPLE_WEIGHTS = Lesson(
    M("The weights of the example are used instead of the layer's own"),
    M("The method reads a variable of the notebook; whatever weights the layer has, the result is that of the example's weights."),
    M("Which names in the method are neither arguments nor attributes of self?"),
)

WINDOWS_IGNORE_STRIDE = Lesson(
    M("The stride shrinks the output, but the windows still move by one"),
    M("The number of outputs is right, but output i is computed from the window at i instead of i * stride."),
    M("Where does the window of output 1 begin when the stride is 2?"),
)

STRIDE_IGNORED = Lesson(
    M("The stride has no effect on the output"),
    M("All windows are taken, as with a stride of 1."),
    M("Follow the stride from the constructor to the loop over the output."),
)

PADDING_IGNORED = Lesson(
    M("The padding has no effect on the output"),
    M("The output is that of the unpadded input."),
    M("Follow the padding from the constructor to the line that takes the windows."),
)

PADDING_ONLY_ENLARGES = Lesson(
    M("The padding enlarges the output, but the input is not padded"),
    M("The output has the right size, but its last values are never computed and the others stand too far to the front."),
    M("Which array should get zeros at its ends before the windows are taken?"),
)

DX_PADDED = Lesson(
    M("The gradient of the input still includes the padding"),
    M("dX is the gradient of the padded input; it is longer than the input that came in."),
    M("What shape should dX have, and which part of your array belongs to the input?"),
)

DX_CUT_ONE_SIDE = Lesson(
    M("The padding is cut off from the gradient at one end only"),
    M("dX has the right length, but the zeros had been added at both ends, so it is shifted by the padding."),
    M("At which index of the padded input does the real input begin?"),
)

EMPTY_SLICE = Lesson(
    M("The gradient of the input is empty when there is no padding"),
    M("A slice such as [p:-p] holds nothing when p is 0."),
    M("Print the shape of dX without padding."),
)

DX_IGNORES_STRIDE = Lesson(
    M("The gradient of the input ignores the stride"),
    M("Output i was computed from the window at i * stride, so its gradient belongs there; here it is put at i."),
    M("Put the gradients of two neighbouring outputs on a drawing of the input, with a stride of 2."),
)

DX_INDEX_UNDIVIDED = Lesson(
    M("The index of the output is not divided by the stride in the gradient of the input"),
    M("Input j meets weight f in the window that starts at j - f; that is the window of output (j - f) / stride."),
    M("Which output has the window that starts at 4 when the stride is 2, and which one does your line read?"),
)

DW_IGNORES_STRIDE = Lesson(
    M("The gradient of the weights ignores the stride"),
    M("Output i was computed from the window at i * stride; here its gradient is multiplied by the window at i."),
    M("Which inputs did output 1 see when the stride is 2?"),
)

DX_TAIL = Lesson(
    M("The end of the gradient of the input stays zero"),
    M("The loop over dX runs over as many positions as the output has, but the input has F - 1 more."),
    M("Over which array does the loop run, and which array does it fill?"),
)

MIXED_CHANNELS = Lesson(
    M("Input and output channels are mixed up by a reshape"),
    M("reshape keeps the order in memory; to let two axes change places takes a transposition. It happens to be right with one channel."),
    M("Fill W with numbers that name their place (channel, filter) and look where they are after each step."),
)

LAST_FILTER = Lesson(
    M("The gradient of the input counts the last output channel only"),
    M("Every output channel sends a share back to the input and the shares are added; here the last one replaces the others."),
    M("Look at the assignment inside the loop over the output channels."),
)

SAME_FOR_CHANNELS = Lesson(
    M("Every input channel gets the same gradient"),
    M("The sum runs over the input channels as well, which each have a gradient of their own."),
    M("Which axes does dX have, and which of them disappear in your sum?"),
)

OVERWRITTEN = Lesson(
    M("Where windows overlap, one share replaces the others"),
    M("An input that is in several windows gets a gradient from each of them; they have to be added, here the last one stays."),
    M("Look at the assignment by which a window's share is written into dX."),
)

FIRST_WINDOW = Lesson(
    M("The gradient of the weights pairs every output with the first window"),
    M("Weight s met input i + s for output i; here the i is left out."),
    M("Compare the index of the input with that of the formula for dW."),
)

ACCUMULATES = Lesson(
    M("A gradient is added to that of the calls before"),
    M("The array is made once and never cleared, so the second backward returns the sum of both."),
    M("When is the array set to zero: once for the layer, or once for each backward?"),
)

SAME_FOR_FILTERS = Lesson(
    M("Every filter gets the same gradient"),
    M("The gradient is summed over the output channels, which each belong to a filter of their own."),
    M("Which axis of dA says to which filter it belongs?"),
)

LAST_SAMPLE = Lesson(
    M("Only the last sample counts"),
    M("The gradient of a weight is the sum (or mean) over all samples of the batch; here the last one replaces the others."),
    M("Look at the assignment inside the loop over the samples."),
)

UPSTREAM_DROPPED = Lesson(
    M("The gradient from behind is left out"),
    M("Backward gives its own derivative only; the chain rule multiplies it by the gradient that comes in."),
    M("Where does the argument of backward appear in what is returned?"),
)

DB_POSITIONS = Lesson(
    M("dB is summed over the output channels instead of the positions"),
    M("Each output channel has a bias of its own, which is added at every position: its gradient is the sum over the positions."),
    M("Which shape must dB have? Which axis has to stay?"),
)

DB_PER_SAMPLE = Lesson(
    M("dB has one number for each sample"),
    M("The bias belongs to the output channel (or node): its gradient is summed over the samples, and that axis disappears."),
    M("Which shape does the bias have? Which axis has to stay?"),
)

DB_ONE_NUMBER = Lesson(
    M("dB is one number for all output channels or nodes"),
    M("Without an axis, a sum or a mean runs over everything; each output channel (node) has a bias and a gradient of its own."),
    M("Which axis has to stay when dA is summed up for dB?"),
)

DB_NOT_SUMMED = Lesson(
    M("dB is not summed over the positions"),
    M("The bias was added at every position, so its gradient is the sum over all of them."),
    M("Which shape does the bias have, and which has your dB?"),
)

DB_MEAN = Lesson(
    M("dB is a mean over the positions instead of a sum"),
    M("The bias was added at every position and every position sends its gradient back: they are added up."),
    M("Sum or mean: what does the formula for dB say?"),
)

LAST_COLUMN = Lesson(
    M("Only the last column of the output is filled"),
    M("The line that stores the result stands outside the loop over the columns."),
    M("Look at the indentation of the line that writes into the output."),
)

UNINITIALISED = Lesson(
    M("Part of the output was never written"),
    M("The array was made by np.empty, which holds whatever was in memory; elements that the loops never reach stay that way."),
    M("Print the indices that your loops write to, and look which are missing."),
)

FIRST_FILTER = Lesson(
    M("Every output channel is computed with the same filter"),
    M("The index of the output channel is missing at the weights."),
    M("Which weights does output channel 1 use?"),
)

SAMPLES_SUMMED = Lesson(
    M("The samples of the batch are added together"),
    M("The sum runs over the samples as well, so every sample gets the same output."),
    M("Which axes does the formula sum over?"),
)

TRANSPOSED = Lesson(
    M("Rows and columns of the output change places"),
    M("The values are right, but (i, j) stands where (j, i) should; for square images the shape does not tell."),
    M("Try an image that is wider than high."),
)

SQUARE_FILTER = Lesson(
    M("The filter is taken to be square"),
    M("The loop over the filter's columns uses the filter's height; in a wider filter the last columns are left out."),
    M("Which size does each of the two loops over the filter use?"),
)

DX_CROPPED = Lesson(
    M("The border of the gradient of the input is cut off"),
    M("The text prints the middle of dX only; the gradient has the shape of the input, border included."),
    M("Which shape must the gradient of the input have?"),
)

DX_VALID = Lesson(
    M("The gradient is not padded before it is convolved"),
    M("dX is too small: inputs at the edge are in fewer windows, but they are in some."),
    M("Which outputs does the very first input take part in?"),
)

AXIS_TOO_MANY = Lesson(
    M("The gradient of the input is not summed over the output channels"),
    M("The array keeps an axis for the output channels; an input gets the sum of what they all send back."),
    M("Compare the shape of dX with that of the input."),
)

DW_F_MINUS_ONE = Lesson(
    M("The gradient of the weights leaves most outputs out"),
    M("The loops run over as many outputs as the filter is long less one; every output takes part."),
    M("Over which sizes do the loops for dW run?"),
)

MIXED_SAMPLES = Lesson(
    M("Samples and channels are mixed up by a reshape"),
    M("dA is reshaped to one row for each output channel while the samples still come first in memory. It happens to be right for one sample."),
    M("Which axis has to come first before the reshape?"),
)

DW_ROTATED = Lesson(
    M("The gradient of the weights comes out reversed"),
    M("The values are right but stand in the place of the opposite weight: a flip that belongs to dX is made for dW, too."),
    M("Which of the gradients needs a flip, and why?"),
)

DB_SAMPLES_KEPT = Lesson(
    M("dB keeps an axis for the samples"),
    M("The same bias was used for every sample, so its gradient is summed over the batch, too."),
    M("Compare the shape of dB with that of the bias."),
)
