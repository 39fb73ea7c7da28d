"""Every class and function that a submission defines, in every version, read without running it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from graders.submission import Cell, Section, Submission
from graders.submission.magics import cell_magic, run_files
from graders.submission.parsing import compiled, parse

_OF_ARRAYS = frozenset(dir(np.ndarray))
# Names are matched with many patterns, which take the square of a name's length or worse.
_LONGEST_NAME = 100
_FRAMEWORK = re.compile(r"[\w.]+\.(Module|Model|Layer|Sequential|Chain|LightningModule)")
_DEFINED = re.compile(r"^(class|def)\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a callable, without `self`. `default` is source text, None if required."""

    name: str
    default: str | None = None
    keyword_only: bool = False
    role: str = ""  # fixed by an instructor; its name says the rest


@dataclass(frozen=True)
class Callable_:
    """A function or method: its parameters and its source as a tree."""

    name: str
    parameters: tuple[Parameter, ...]
    node: ast.FunctionDef | ast.AsyncFunctionDef = field(repr=False, compare=False)
    static: bool = False  # called on the class, without an instance
    calls: Mapping[str, Callable_] = field(
        default_factory=dict, repr=False, compare=False
    )  # of a function: those before it that it calls, by name

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(p.name for p in self.parameters)

    @property
    def required(self) -> tuple[Parameter, ...]:
        """Parameters without a default."""
        return tuple(p for p in self.parameters if p.default is None and not p.keyword_only)


@dataclass(frozen=True)
class Definition:
    """A class or function as one cell defined it. `order` counts definitions in a notebook."""

    name: str
    cell: int
    section: Section
    order: int
    kind: str  # class, function, or pair: a forward and a backward function
    methods: dict[str, Callable_] = field(repr=False, compare=False)  # of a class; inherited too
    function: Callable_ | None = field(default=None, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)
    bases: tuple[str, ...] = ()
    cells: dict[str, int] = field(default_factory=dict, repr=False, compare=False)  # of a pair
    handed: dict[str, str] = field(default_factory=dict, compare=False)  # functions, by parameter
    fixed: str = ""  # the item for which an instructor has fixed how it is called

    def method(self, name: str) -> Callable_ | None:
        """The method with that name, own or inherited."""
        return self.methods.get(name)

    @property
    def constructor(self) -> Callable_ | None:
        """`__init__`, if the class has one."""
        return self.methods.get("__init__")

    @functools.cached_property
    def tree(self) -> ast.Module:
        """Its source as a tree, which others share."""
        return parse(self.source) or ast.Module([], [])

    def __hash__(self) -> int:
        return hash((self.name, self.cell, self.order))


@dataclass(frozen=True)
class Broken:
    """A class or function in a cell that does not compile: all that can be said is its name and its text."""

    name: str
    cell: int
    section: Section
    source: str = field(repr=False)
    kind: str = "class"  # class or function


def unparse(node: ast.AST) -> str:
    """Source of a node; "..." for one that is nested too deeply to be written out."""
    try:
        return ast.unparse(node)
    except (RecursionError, ValueError):
        return "..."


def names_in(tree: ast.AST | None) -> set[str]:
    """Every plain name in a piece of code."""
    if tree is None:
        return set()
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def _parameters(
    node: ast.FunctionDef | ast.AsyncFunctionDef, drop_first: bool
) -> Iterator[Parameter]:
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults))
    defaults += node.args.defaults
    for i, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        if i == 0 and drop_first:
            continue
        yield Parameter(argument.arg[:_LONGEST_NAME], None if default is None else unparse(default))
    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        yield Parameter(
            argument.arg[:_LONGEST_NAME], None if default is None else unparse(default), True
        )


def _callable(node: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> Callable_:
    decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
    first = [*node.args.posonlyargs, *node.args.args][:1]
    named_self = bool(first) and first[0].arg in ("self", "cls", "slef", "this", "_self")
    static = in_class and ("staticmethod" in decorators or not (named_self or _uses_first(node)))
    drop = in_class and not static
    return Callable_(node.name, tuple(_parameters(node, drop)), node, static)


def _is_dataclass(node: ast.ClassDef) -> bool:
    """True for ``@dataclass``, ``@dataclass(...)`` and ``@dataclasses.dataclass``."""
    plain = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    names = {d.attr if isinstance(d, ast.Attribute) else getattr(d, "id", "") for d in plain}
    return "dataclass" in names


def _written_constructor(node: ast.ClassDef, inherited: Callable_ | None) -> Callable_:
    """The constructor that a dataclass is given: a parameter for each field, in their order."""
    fields = {p.name: p for p in inherited.parameters} if inherited is not None else {}
    for part in node.body:
        if not (isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)):
            continue
        kind, value = unparse(part.annotation), part.value
        default = None if value is None else unparse(value)
        if isinstance(value, ast.Call) and unparse(value.func).endswith("field"):
            given = {k.arg: unparse(k.value) for k in value.keywords if k.arg}
            if given.get("init") == "False":
                continue
            default = given.get("default", given.get("default_factory"))
        if "ClassVar" not in kind:
            fields[part.target.id] = Parameter(part.target.id, default)
    self_alone = ast.arguments([], [ast.arg("self")], None, [], [], None, [])
    empty = ast.FunctionDef("__init__", self_alone, [ast.Pass()], [])
    return Callable_("__init__", tuple(fields.values()), ast.fix_missing_locations(empty))


def _uses_first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True if the first parameter is used like an instance, ``first.attribute``, and not like an
    array, ``first.max()``.
    """
    names = [a.arg for a in [*node.args.posonlyargs, *node.args.args]][:1]
    return any(
        isinstance(n, ast.Attribute)
        and isinstance(n.value, ast.Name)
        and n.value.id in names
        and (isinstance(n.ctx, ast.Store) or n.attr not in _OF_ARRAYS)
        for n in ast.walk(node)
    )


def read_definitions(submission: Submission) -> tuple[list[Definition], list[Broken]]:
    """All definitions in the order of the cells, and what stands in cells that do not compile."""
    found: list[Definition] = []
    broken: list[Broken] = []
    latest: dict[str, Definition] = {}
    modules = _companion_modules(submission)
    for cell in submission.cells:
        if _written_by(cell, modules):
            continue
        for module in _run_by(cell, modules):
            for member in _members(module, cell, None, "", latest):
                if len(member.name) <= _LONGEST_NAME:
                    found.append(replace(member, order=len(found)))
                    latest[member.name] = found[-1]
        tree = compiled(cell)
        if tree is None:
            for match in _DEFINED.finditer(cell.source):
                kind = "class" if match[1] == "class" else "function"
                name = match[2][:_LONGEST_NAME]
                broken.append(Broken(name, cell.index, cell.section, cell.source, kind))
            continue
        for node in statements_in(tree.body):
            more = [
                *_nested(node, cell, latest),
                _definition(node, cell, latest),
                *_imported(node, cell, modules, latest),
            ]
            for definition in more:
                if definition is not None and len(definition.name) <= _LONGEST_NAME:
                    numbered = replace(definition, order=len(found))
                    found.append(numbered)
                    latest[definition.name] = numbered
    return _with_later_bases(submission, found), broken


def _with_later_bases(submission: Submission, found: list[Definition]) -> list[Definition]:
    """The definitions, of which classes have what they inherit from one in another file that is read after theirs: the
    order of a package's files is not that in which they are imported.
    """
    files = {cell.index: cell.file for cell in submission.cells}
    if len(set(files.values())) < 2:
        return found
    classes: dict[str, list[Definition]] = {}
    for definition in found:
        if definition.kind == "class":
            classes.setdefault(definition.name, []).append(definition)
    completed = []
    for definition in found:
        later = [
            classes[base][0] for base in definition.bases
            if len(classes.get(base, ())) == 1
            and classes[base][0].order > definition.order
            and files.get(classes[base][0].cell) != files.get(definition.cell)
        ]  # fmt: skip
        inherited = {n: m for base in reversed(later) for n, m in base.methods.items()}
        methods = {**inherited, **definition.methods}
        completed.append(replace(definition, methods=methods) if later else definition)
    return completed


def own_names(submission: Submission, definitions: Iterable[Definition]) -> frozenset[str]:
    """What the submission itself defines, its files and folders, and what its imports call those."""
    files = [
        file for cell in submission.cells for file in (cell.file, *(cell.folders or "").split("."))
    ]
    files += [part for name, _ in submission.modules for part in _dotted(name).split(".")]
    names = {file.rpartition("/")[2].removesuffix(".py") for file in files} - {""}
    called = {
        alias.asname
        for cell in submission.cells
        if (tree := compiled(cell)) is not None
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname and names.intersection(alias.name.split("."))
    }
    return frozenset(names | called | {d.name for d in definitions})


def on_framework(definition: Definition, own: frozenset[str]) -> bool:
    """True for ``class Net(nn.Module)``, ``keras.Model`` and the like, which are not from scratch;
    `own`: see `own_names`.
    """
    if definition.kind != "class":
        return False
    bases = [unparse(b) for n in definition.tree.body[:1]
             if isinstance(n, ast.ClassDef) for b in n.bases]  # fmt: skip
    ours = {base for base in bases if own & {base, base.split(".")[0]}}
    return any(_FRAMEWORK.fullmatch(base) and base not in ours for base in bases)


def _companion_modules(submission: Submission) -> dict[str, ast.Module]:
    """Trees of the Python files that lie beside a notebook, by the name they are imported by."""
    trees = ((_dotted(name), parse(text)) for name, text in submission.modules)
    return {name: tree for name, tree in trees if tree is not None}


def _dotted(file: str) -> str:
    """The name by which a Python file is imported."""
    plain = file.replace("\\", "/").removeprefix("./").removesuffix(".py")
    return plain.replace("/", ".").removesuffix(".__init__")


def _written_by(cell: Cell, modules: dict[str, ast.Module]) -> bool:
    """Add the module that a cell writes, ``%%writefile layers.py``; False if it writes none."""
    magic = cell_magic(cell.source)
    if magic is None or magic.name not in ("writefile", "file"):
        return False
    *options, file = magic.arguments.split() or [""]
    tree = parse(magic.body)
    if tree is None or not file.strip("'\"").endswith(".py"):
        return False
    name = _dotted(file.strip("'\""))
    if name in modules and {"-a", "--append"} & set(options):
        tree = ast.Module([*modules[name].body, *tree.body], [])
    modules[name] = tree
    return True


def _run_by(cell: Cell, modules: dict[str, ast.Module]) -> Iterator[ast.Module]:
    """The modules that a cell runs in the notebook's names: ``%run layers.py``."""
    for file in run_files(cell.source):
        if _dotted(file) in modules:
            yield modules[_dotted(file)]


def _imported(
    node: ast.stmt, cell: Cell, modules: dict[str, ast.Module], known: Mapping[str, Definition]
) -> Iterator[Definition]:
    """Definitions that an import brings in from a companion file; `known`: those before it, which may be
    what the file's classes are made from.
    """
    if isinstance(node, ast.ImportFrom) and node.module in modules:
        wanted = {a.name: a.asname or a.name for a in node.names}
        prefix, tree = "", modules[node.module]
        yield from _members(tree, cell, wanted if "*" not in wanted else None, prefix, known)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name in modules:
                prefix = (alias.asname or alias.name) + "."
                yield from _members(modules[alias.name], cell, None, prefix, known)


def _members(
    tree: ast.Module,
    cell: Cell,
    wanted: dict[str, str] | None,
    prefix: str,
    known: Mapping[str, Definition],
) -> Iterator[Definition]:
    latest = dict(known)
    for node in statements_in(tree.body):
        definition = _definition(node, cell, latest)
        if definition is None:
            continue
        latest[definition.name] = definition
        if wanted is None or definition.name in wanted:
            name = prefix + (definition.name if wanted is None else wanted[definition.name])
            function = definition.function
            if function is not None:  # it is called by the name that the import gives it
                function = replace(function, name=name)
            yield replace(definition, name=name, function=function)


def statements_in(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Top-level statements, those inside if, try and with included."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from statements_in([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handled = [part for handler in node.handlers for part in handler.body]
            yield from statements_in([*node.body, *handled, *node.orelse, *node.finalbody])
        elif isinstance(node, ast.With):
            yield from statements_in(node.body)


def _nested(node: ast.stmt, cell: Cell, latest: dict[str, Definition]) -> Iterator[Definition]:
    """Classes inside a class, ``Network.Dense``: what a student wrote as one program."""
    if not isinstance(node, ast.ClassDef):
        return
    beside = dict(latest)
    for part in statements_in(node.body):
        definition = _definition(part, cell, beside) if isinstance(part, ast.ClassDef) else None
        if definition is not None:
            beside[definition.name] = definition
            yield replace(definition, name=f"{node.name}.{definition.name}")


def _called(node: ast.AST, latest: Mapping[str, Definition]) -> dict[str, Callable_]:
    """The functions of the submission that a function calls by their names."""
    found = (
        latest.get(n.func.id)
        for n in ast.walk(node)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    )
    return {d.name: d.function for d in found if d is not None and d.function is not None}


def _definition(node: ast.stmt, cell: Cell, latest: dict[str, Definition]) -> Definition | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = replace(_callable(node, False), calls=_called(node, latest))
        return Definition(
            node.name, cell.index, cell.section, 0, "function", {}, function, unparse(node)
        )
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Lambda)
        and isinstance(node.targets[0], ast.Name)
    ):
        name = node.targets[0].id
        body: list[ast.stmt] = [ast.Return(node.value.body)]
        as_function = ast.FunctionDef(name, node.value.args, body, [], lineno=node.lineno)
        return Definition(
            name, cell.index, cell.section, 0, "function", {}, _callable(as_function, False),
            unparse(node),
        )  # fmt: skip
    if isinstance(node, ast.ClassDef):
        methods: dict[str, Callable_] = {}
        bases = tuple(b.id for b in node.bases if isinstance(b, ast.Name))
        # ``operations.Operation`` is the submission's class of that name, if it has one.
        named = [
            b.attr if isinstance(b, ast.Attribute) else getattr(b, "id", "") for b in node.bases
        ]
        for base in reversed(named):
            if base in latest:
                methods.update(latest[base].methods)
        if _is_dataclass(node):
            methods["__init__"] = _written_constructor(node, methods.get("__init__"))
        for part in node.body:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and (
                len(part.name) <= _LONGEST_NAME
            ):
                methods[part.name] = _callable(part, True)
        return Definition(
            node.name, cell.index, cell.section, 0, "class", methods, None,
            unparse(node), bases,
        )  # fmt: skip
    return None
