"""Optimisers, initialisers and mini-batches: what is said about each mistake."""

from graders.messages import M
from graders.misconceptions import Lesson

# fmt: off

UPHILL = Lesson(
    M("The step goes up the gradient"),
    M("The weights have to move against the gradient, so that the loss falls."),
    M("Look at the sign of the update."),
)

NO_RATE = Lesson(
    M("The learning rate is left out"),
    M("The step is the gradient itself."),
    M("Where does the learning rate appear in update?"),
)

RATE_TWICE = Lesson(
    M("The learning rate is multiplied twice"),
    M("The step is the gradient times the square of the learning rate."),
    M("Is the gradient scaled by the learning rate before update does it again?"),
)

BIAS_NOT_UPDATED = Lesson(
    M("The bias is not updated"),
    M("Only W moves; B stays as it was initialised."),
    M("Which arrays does update change?"),
)

REPLACED = Lesson(
    M("The weights are replaced by the step"),
    M("The step should be subtracted from the weights that are there."),
    M("Which operator does the update use?"),
)

SCALAR_BIAS = Lesson(
    M("One number is subtracted from every bias"),
    M("Without an axis the mean runs over the nodes as well; each node has a bias and a gradient of its own."),
    M("Along which axis is the gradient of the bias averaged?"),
)

H_FROM_ONE = Lesson(
    M("H starts at 1 instead of 0"),
    M("The first steps come out too small, since 1 is added to the squares of the gradients."),
    M("What does H start as? Where a gradient is 0 the step must be 0, too: a small number inside or beside the root keeps 0/0 away."),
)

H_DIVIDED = Lesson(
    M("The step is divided by the batch size, but H holds the gradient undivided"),
    M("Step and H must use the same gradient; otherwise every step is too small by the batch size."),
    M("Which gradient goes into H and which into the step?"),
)

H_MULTIPLIED = Lesson(
    M("H holds the mean gradient, but the step uses the sum"),
    M("Step and H must use the same gradient; otherwise every step is too large by the batch size."),
    M("Which gradient goes into H and which into the step?"),
)

PLAIN_BIAS = Lesson(
    M("The bias takes a plain SGD step"),
    M("AdaGrad keeps an H for the bias, too, and divides its step by the root of it."),
    M("Compare the line for W with the line for B."),
)

PLAIN = Lesson(
    M("The step is that of SGD: H is not used"),
    M("AdaGrad divides each step by the root of the summed squares."),
    M("Where does H appear in the update?"),
)

H_OVERWRITTEN = Lesson(
    M("H is overwritten in each step instead of added to"),
    M("With the latest square alone, every step is the learning rate times a sign."),
    M("Look at the assignment to H."),
)

BIAS_H_OVERWRITTEN = Lesson(
    M("The bias's H is overwritten in each step"),
    M("W is right; for the bias the squares are not added up."),
    M("Compare the line for the H of W with that for the H of B."),
)

H_ONE_NUMBER = Lesson(
    M("H is one number for the whole array"),
    M("Each weight has an H of its own, from its own gradient."),
    M("Which shape has H?"),
)

NO_ROOT = Lesson(
    M("The step is divided by H instead of its root"),
    M("AdaGrad divides by sqrt(H)."),
    M("Compare with the formula of AdaGrad."),
)

UNIFORM = Lesson(
    M("The values are uniform instead of Gaussian"),
    M("np.random.rand draws from 0 to 1: never negative, with a mean of 0.5."),
    M("Which function draws from a Gaussian of mean 0?"),
)

EVEN = Lesson(
    M("The values are uniform instead of Gaussian"),
    M("They are spread evenly between two bounds; of a Gaussian, values near 0 are the most frequent."),
    M("Which function draws from a Gaussian of mean 0?"),
)

CUT_OFF = Lesson(
    M("The Gaussian is cut off on both sides"),
    M("Values far from 0 are left out, so that the others spread less than the formula says."),
    M("Which call leaves values out, and does the text ask for it?"),
)

SIGNLESS = Lesson(
    M("The weights have lost their signs"),
    M("They are a Gaussian's absolute values, so that their mean is not 0."),
    M("Which call takes the signs away?"),
)

OTHER_DISTRIBUTION = Lesson(
    M("The values are not drawn from a Gaussian"),
    M("Apart from mean and standard deviation, they follow another distribution."),
    M("Which function draws from a Gaussian of mean 0?"),
)

IS_HE = Lesson(
    M("The 2 of He's formula is there"),
    M("The spread is that of He's formula."),
    M("Compare the two formulas."),
)

VARIANCE = Lesson(
    M("Standard deviation and variance are mixed up"),
    M("The factor before the Gaussian is the standard deviation, the root of the variance."),
    M("Print the standard deviation of what is drawn and compare it with the formula."),
)

SIGMA_IGNORED = Lesson(
    M("Sigma is not used"),
    M("The values have a standard deviation of 1."),
    M("Where does sigma appear in the method that draws?"),
)

CONSTANT = Lesson(
    M("Every weight is the same number"),
    M("One number is drawn for the whole array; with equal weights all nodes learn the same."),
    M("How many numbers does the call draw?"),
)

SIGMA_LEFT = Lesson(
    M("An extra factor sigma is left in"),
    M("The spread follows from the number of nodes alone; the factor 0.01 of the simple initialiser is multiplied in as well."),
    M("Which factors stand before the Gaussian?"),
)

FAN_OUT = Lesson(
    M("The nodes behind the layer are counted instead of those before it"),
    M("The formula's n is the number of inputs of a node."),
    M("Which of the two numbers of nodes does the method use?"),
)

BOTH_FANS = Lesson(
    M("The nodes on both sides are counted"),
    M("There is such a form of Xavier's rule, but the sprint's formula uses the nodes before the layer alone."),
    M("Compare with the formula of the text."),
)

IS_XAVIER = Lesson(
    M("The 2 of He's formula is missing"),
    M("The spread is that of Xavier's formula."),
    M("Compare the two formulas."),
)

DIVIDES = Lesson(
    M("It divides by the standard deviation instead of multiplying with it"),
    M("The more nodes there are, the wider the weights spread, where they should spread less."),
    M("Should the weights become larger or smaller with more nodes, and which do yours?"),
)

LAST_BATCH = Lesson(
    M("The smaller last batch is left out"),
    M("The number of batches is rounded down, so samples that fill no whole batch never come."),
    M("How many batches of 20 do 50 samples give?"),
)

ANSWERS_APART = Lesson(
    M("X and y are not shuffled together"),
    M("A sample comes with the answer of another one."),
    M("Which order is used for X, and which for y?"),
)

REPLACEMENT = Lesson(
    M("Samples are drawn with replacement"),
    M("Some come twice in a pass and others never."),
    M("Does the order hold every index exactly once?"),
)

SEED = Lesson(
    M("The order does not follow the seed"),
    M("Two objects with the same seed give different orders."),
    M("Where is the seed used?"),
)
