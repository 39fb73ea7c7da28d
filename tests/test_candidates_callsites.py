"""Which definitions may answer an item, likeliest first, and how the notebook calls them."""

from pathlib import Path

import pytest

from graders.binding.callsites import CallSites
from graders.binding.candidates import (
    MAX_CANDIDATES,
    backward_of,
    broken_candidate,
    forward_of,
    function_candidates,
    function_pairs,
    home_of,
    layer_candidates,
    method_candidates,
    methods_for,
    setter_of,
)
from graders.binding.definitions import Definition, read_definitions
from graders.binding.lexicon import lexicon
from graders.submission import Cell, Section, Submission
from tests.built_in import built_in_sprints

CNN1 = built_in_sprints()["cnn1"]
DNN = built_in_sprints()["dnn"]
METHODS = """
    def __init__(self, filter_size, initializer, optimizer):
        self.W = initializer.W(filter_size)
    def forward(self, x): return x
    def backward(self, dA): return dA
"""


def submission(*cells: tuple[int, str]) -> Submission:
    """A submission of (problem, source) cells; problem 0 is none."""
    made = tuple(
        Cell(i, source, Section("", (problem,) if problem else ()))
        for i, (problem, source) in enumerate(cells)
    )
    return Submission(Path("x.ipynb"), "notebook", "", made, "", "en")


def definitions(*cells: tuple[int, str]) -> list[Definition]:
    """What the cells define."""
    return read_definitions(submission(*cells))[0]


def candidates(item: str, *cells: tuple[int, str]) -> list[tuple[str, int]]:
    """(name, cell) of the layers that may answer the item."""
    found = layer_candidates(CNN1.item(item), definitions(*cells))
    return [(c.definition.name, c.definition.cell) for c in found]


# -- layers --------------------------------------------------------------------------------------


def test_the_definition_of_the_own_section_comes_first() -> None:
    cells = [(4, f"class Conv1d:{METHODS}"), (0, f"class Conv1d:{METHODS}")]
    assert candidates("conv1d", *cells) == [("Conv1d", 0), ("Conv1d", 1)]


def test_the_later_of_two_equals_comes_first() -> None:
    cells = [(4, f"class Conv1d:{METHODS}"), (4, f"class Conv1d:{METHODS}")]
    assert candidates("conv1d", *cells) == [("Conv1d", 1), ("Conv1d", 0)]


def test_the_nearer_name_comes_first() -> None:
    cells = [(0, f"class MyCNN:{METHODS}"), (0, f"class Conv1D:{METHODS}")]
    assert candidates("conv1d", *cells) == [("Conv1D", 1), ("MyCNN", 0)]


def test_a_class_of_another_name_answers_in_its_own_section() -> None:
    assert candidates("simple_conv1d", (1, f"class FC:{METHODS}")) == [("FC", 0)]
    assert candidates("simple_conv1d", (3, f"class FC:{METHODS}")) == []


@pytest.mark.parametrize(
    "source",
    [
        "class Conv1d:\n    pass",
        "class Conv1d:\n    def backward(self, dA): pass",
        "class Conv1d:\n    def fit(self, X, y): pass\n    def forward(self, x): pass",
        "def conv1d(x, w, b): pass",
        "class Relu:\n    def forward(self, x): self.x = x\n    def backward(self, dA): pass",
    ],
)
def test_what_can_be_no_such_layer_is_left_out(source: str) -> None:
    assert candidates("conv1d", (4, source)) == []


def test_a_two_dimensional_layer_is_not_taken_by_its_name() -> None:
    assert candidates("conv1d", (0, f"class Conv2d:{METHODS}".replace("filter_size", "n"))) == []


def test_there_are_never_too_many() -> None:
    cells = [(4, f"class Conv1d:{METHODS}")] * 40
    assert len(candidates("conv1d", *cells)) == MAX_CANDIDATES


@pytest.mark.parametrize(
    "name",
    ["forward", "forward_prop", "_forward", "feed_forward", "fp", "fwd", "__call__", "convolve"],
)
def test_forward_has_many_names(name: str) -> None:
    ((definition),) = definitions((0, f"class A:\n    def {name}(self, x): return x"))
    method = forward_of(definition)
    assert method is not None
    assert method.name == name


@pytest.mark.parametrize("name", ["backward", "back_prop", "backpropagation", "bp", "_backward"])
def test_backward_has_many_names(name: str) -> None:
    ((definition),) = definitions((0, f"class A:\n    def {name}(self, d): return d"))
    method = backward_of(definition)
    assert method is not None
    assert method.name == name
    assert forward_of(definition) is None


PAIRS = [
    ("run", "run_back"), ("apply", "apply_grad"), ("calc", "back_calc"),
    ("compute", "compute_grad"), ("output", "backward"), ("forward", "calc_grad"),
]  # fmt: skip


def methods(item: str, body: str, name: str = "Conv1d") -> tuple[str | None, str | None]:
    """Names of the methods that a class of that name answers the item with."""
    sprint = CNN1 if item.endswith("conv1d") else DNN
    (definition,) = definitions((0, f"class {name}:\n    def __init__(self, w, b): pass\n{body}"))
    forward, backward = methods_for(sprint.item(item), definition)
    return (forward.name if forward else None, backward.name if backward else None)


def defined(*heads: str) -> str:
    """Methods with these heads that do nothing."""
    return "\n".join(f"    def {head}: pass" for head in heads)


@pytest.mark.parametrize(("forward", "backward"), PAIRS)
def test_a_class_of_the_name_has_its_only_two_methods_for_a_pair(
    forward: str, backward: str
) -> None:
    heads = [f"{forward}(self, x)", f"{backward}(self, g)", "update(self, lr)", "_in(self, x)"]
    for order in (heads, heads[::-1]):
        assert methods("conv1d", defined(*order)) == (forward, backward)
        assert methods("relu", defined(*order), "MyReLU") == (forward, backward)
        assert candidates("conv1d", (0, "class Conv1d:\n" + defined(*order))) == [("Conv1d", 0)]


def test_the_parameter_tells_where_the_names_do_not() -> None:
    assert methods("fc", defined("pull(self, dout)", "push(self, x)"), "FC") == ("push", "pull")
    assert methods("fc", defined("pull(self, q)", "push(self, p)"), "FC") == (None, None)


def test_a_gradient_without_parameters_is_of_softmax_only() -> None:
    body = defined("run(self, x, t)", "run_back(self)")
    assert methods("softmax", body, "Softmax") == ("run", "run_back")
    assert methods("relu", body, "Relu") == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        defined("run(self, x)"),
        defined("run_back(self, d)"),
        defined("run(self, x)", "run_back(self, d)", "walk(self, x)"),
        defined("run(self, x)", "run_back(self, d)", "train(self, x)"),
        defined("predict(self, x)", "gradient_of(self, x)"),
        defined("run_grad(self, x)", "run_back(self, d)"),
    ],
)
def test_what_is_no_clear_pair_is_none(body: str) -> None:
    assert methods("fc", body, "FC")[0] is None


def test_the_only_two_methods_of_another_class_are_no_pair() -> None:
    body = defined("run(self, x)", "run_back(self, d)")
    assert methods("conv1d", body, "Relu")[0] is None
    assert methods("relu", body, "Other") == (None, None)
    assert candidates("conv1d", (4, f"class Relu:\n{body}")) == []


def test_a_helper_that_the_class_calls_is_none_of_the_two() -> None:
    body = "    def run(self, x): return self.wider(x)\n" + defined(
        "wider(self, x)", "run_back(self, d)"
    )
    assert methods("conv1d", body) == ("run", "run_back")


def test_a_method_that_takes_the_weights_is_a_setter() -> None:
    with_setter, without = definitions(
        (0, "class A:\n    def set_params(self, w, b): pass"),
        (0, "class B:\n    def set_rate(self, lr): pass\n    def __init__(self, w): pass"),
    )
    method = setter_of(with_setter)
    assert method is not None
    assert method.name == "set_params"
    assert setter_of(without) is None


def test_a_name_is_at_home_with_the_item_that_it_fits_best() -> None:
    layers = [CNN1.item("simple_conv1d"), CNN1.item("conv1d")]
    named = definitions(*((0, f"class {n}: pass") for n in ("SimpleConv1d", "Conv1d", "Other")))
    assert [home_of(d, layers) for d in named] == ["simple_conv1d", "conv1d", None]


# -- functions and methods -----------------------------------------------------------------------


def test_functions_are_found_by_section_and_by_name() -> None:
    found = definitions(
        (0, "def helper(n): pass"), (2, "def solve(n, f, p, s): pass"),
        (0, "def output_size(n, f): pass"), (0, "class output_size: pass"),
    )  # fmt: skip
    spec = CNN1.item("conv1d_out_size")
    names = [c.definition.name for c in function_candidates(spec, found)]
    assert sorted(names) == ["output_size", "solve"]


def test_methods_are_found_by_their_names_later_classes_first() -> None:
    body = "    def output_size(self, n): pass\n    def forward(self, x): pass"
    found = definitions((0, f"class A:\n{body}"), (0, f"class B:\n{body}"))
    pairs = method_candidates(CNN1.item("conv1d_out_size"), found)
    assert [(d.name, m.name) for d, m in pairs] == [("B", "output_size"), ("A", "output_size")]


@pytest.mark.parametrize(
    ("item", "forward", "backward"),
    [
        ("fc", "dense_forward", "dense_backward"), ("fc", "dense", "d_dense"),
        ("fc", "dense", "dDense"), ("fc", "dense", "ddense"), ("fc", "dense", "dense_grad"),
        ("fc", "dense_fw", "dense_bw"), ("fc", "forward_dense", "backward_dense"),
        ("relu", "relu", "drelu"), ("relu", "relu", "dReLU"), ("relu", "relu", "d_relu"),
        ("relu", "relu", "relu_d"), ("relu", "relu", "relu_prime"), ("relu", "relu", "delta_relu"),
        ("relu", "double_relu", "double_relu_derivative"), ("tanh", "tanh", "dtanh"),
        ("sigmoid", "my_sigmoid", "dsigmoid"), ("softmax", "softmax", "dsoftmax"),
    ],
)  # fmt: skip
def test_a_function_and_its_derivative_are_a_pair(item: str, forward: str, backward: str) -> None:
    cells = [(0, f"def {forward}(x, w, b): pass"), (0, f"def {backward}(dout, w, cache): pass")]
    for found in (definitions(*cells), definitions(*reversed(cells))):
        (pair,) = function_pairs(DNN.item(item), found)
        methods = pair.definition.methods
        assert (methods["forward"].name, methods["backward"].name) == (forward, backward)


@pytest.mark.parametrize(("item", "word"), [("fc", "dense"), ("relu", "double_relu")])
def test_a_name_that_begins_with_d_is_no_derivative(item: str, word: str) -> None:
    found = definitions((0, f"def {word}(x, w, b): pass"), (0, f"def {word}_layer(x, w, b): pass"))
    assert list(function_pairs(DNN.item(item), found)) == []
    cells = (0, f"class A:\n    def {word}(self, x): pass\n    def {word}_back(self, d): pass")
    if not DNN.item(item).weights:
        forward, backward = methods_for(DNN.item(item), definitions(cells)[0])
        assert forward is not None
        assert backward is not None
        assert (forward.name, backward.name) == (word, f"{word}_back")


@pytest.mark.parametrize("name", ["dropout", "draw", "data", "dot", "delta", "distance"])
def test_other_functions_that_begin_with_d_answer_nothing(name: str) -> None:
    found = definitions(
        (0, f"def {name}_forward(x, w): pass"), (0, f"def {name}_backward(d): pass")
    )
    for item in ("fc", "relu", "tanh", "sigmoid", "softmax"):
        assert list(function_pairs(DNN.item(item), found)) == []


def test_a_class_that_does_not_compile_is_named_for_its_item() -> None:
    source = f"class SimpleConv1d:{METHODS}    x = = 1\n"
    _, broken = read_definitions(submission((1, source)))
    entry = broken_candidate(CNN1.item("simple_conv1d"), broken)
    assert entry is not None
    assert (entry.name, entry.cell) == ("SimpleConv1d", 0)
    assert broken_candidate(CNN1.item("conv1d_out_size"), broken) is None


@pytest.mark.parametrize(("other", "found"), [("Conv1d", False), ("FC", True), (None, True)])
def test_a_class_that_compiles_comes_before_a_broken_one_of_another_item(
    other: str | None, found: bool
) -> None:
    source = f"class SimpleConv1d:{METHODS}    x = = 1  # pad\n"
    _, broken = read_definitions(submission((1, source)))
    whole = definitions((2, f"class {other}:{METHODS}")) if other else []
    entry = broken_candidate(CNN1.item("conv1d_padding"), broken, whole)
    assert (entry is not None) is found
    assert broken_candidate(CNN1.item("simple_conv1d"), broken, whole) is not None


# -- the lexicon ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("weight", "W w weight weights f_w Filter kernel w_"), ("bias", "b B bias biases b_"),
        ("padding", "pa pad padding P"), ("stride", "s st stride straid S strides"),
        ("filter_size", "b_size F f_size filter_size FS filter_info kernel_size ksize"),
        ("in_channels", "in_channels n_in_channels input_channel in_ch C n_ch"),
        ("out_channels", "out_channels n_out_channels output_channels out_ch n_filters FN"),
        ("initializer", "initializer initialiser init"), ("optimizer", "optimizer optimiser opt"),
        ("lr", "lr learning_rate eta alpha"), ("sigma", "sigma std"), ("input", "x X Z input data"),
        ("upstream", "dA dout delta delta_a dY da dx grad error"),
    ],
)  # fmt: skip
def test_names_have_the_roles_that_students_give_them(role: str, names: str) -> None:
    assert [n for n in names.split() if role not in lexicon().roles(n)] == []
    assert all(lexicon().is_a(n, role) for n in names.split())


@pytest.mark.parametrize("name", ["qqq", "", "_", "__", "日本語", "x" * 10_000])
def test_any_name_has_a_list_of_roles(name: str) -> None:
    assert isinstance(lexicon().roles(name), list)
    assert lexicon().is_a(name, "no such role") is False


# -- call sites ----------------------------------------------------------------------------------


def test_call_sites_name_the_arguments_as_the_parameters() -> None:
    work = submission(
        (0, "class Conv1d:\n    def __init__(self, f, init, opt, s=1): pass"),
        (0, "layer = Conv1d(3, SimpleInitializer(0.01), opt=SGD(lr), s=2)"),
    )
    ((definition), *_) = read_definitions(work)[0]
    (site,) = CallSites(work).of(definition, definition.constructor)
    assert site.cell == 1
    assert site.arguments == {
        "f": "3", "init": "SimpleInitializer(0.01)", "opt": "SGD(lr)", "s": "2",
    }  # fmt: skip


def test_calls_after_the_definition_count_before_earlier_ones() -> None:
    cell = "class A:\n    def __init__(self, n): pass"
    work = submission((0, cell), (0, "A(1)"), (0, cell), (0, "A(2)"), (0, "A(3)"))
    first, second = read_definitions(work)[0]
    sites = CallSites(work)
    assert [s.arguments["n"] for s in sites.of(second, second.constructor)] == ["2", "3"]
    assert sites.expression(first, first.constructor, "n") == "1"
    assert sites.expression(second, second.constructor, "n") == "2"
    assert sites.expression(second, second.constructor, "other") is None
    assert sites.of(second, None) == []


def test_earlier_calls_are_better_than_none() -> None:
    work = submission((0, "A(1)"), (0, "class A:\n    def __init__(self, n): pass"))
    ((definition),) = read_definitions(work)[0]
    assert CallSites(work).expression(definition, definition.constructor, "n") == "1"


def test_what_means_something_else_elsewhere_is_no_expression() -> None:
    work = submission(
        (0, "class A:\n    def __init__(self, n, m=1, *rest, **more): pass"),
        (0, "class B:\n    def __init__(self): self.a = A(self.n, m=2)"),
        (0, "A(*values)\nA(n=5, **options)"),
    )
    definition = read_definitions(work)[0][0]
    sites = CallSites(work)
    assert sites.expression(definition, definition.constructor, "n") == "5"
    assert sites.expression(definition, definition.constructor, "m") == "2"


def test_loop_variables_are_no_expression() -> None:
    work = submission(
        (0, "class A:\n    def __init__(self, n): pass"),
        (0, "layers = [A(i) for i in range(3)]\nfor k in (1, 2):\n    A(k)\nA(7)"),
    )
    definition = read_definitions(work)[0][0]
    assert CallSites(work).expression(definition, definition.constructor, "n") == "7"


def test_a_call_with_an_endless_argument_is_read() -> None:
    work = submission(
        (0, "class A:\n    def __init__(self, n): pass"), (0, "A(" + " + ".join(["1"] * 700) + ")")
    )
    definition = read_definitions(work)[0][0]
    found = CallSites(work).expression(definition, definition.constructor, "n")
    assert found is None or found.startswith("1 + 1")
