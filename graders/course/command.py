"""`scratchgrade mark`, `why`, `rubric`, `late`, `regrade` and `publish`: options in, a decision or a sentence out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from graders.batch.command import grade_missing, terminated_as_interrupted
from graders.batch.outputs.files import new
from graders.batch.outputs.gradebook import number
from graders.batch.run import alone_in, whoever
from graders.batch.store import Row, Store
from graders.course import edited, history, impact, lateness, marking, rubrics
from graders.course.lateness import Terms
from graders.course.marking import Wish
from graders.course.opening import language_of, store_of, student
from graders.course.publishing import must_be_graded, noted, publish, waits
from graders.course.regrading import changed_by, proposed
from graders.course.renewing import put_aside, renewed, written
from graders.course.sending import Plan, Sending, Step, Wanted
from graders.errors import UsageError
from graders.ledger.model import Decision
from graders.messages import Language, M, Message, clean
from graders.options import fields
from graders.report.report import replace_file
from graders.systems import canvas, moodle
from graders.systems.canvas import Canvas
from graders.systems.model import System
from graders.systems.moodle import Moodle
from graders.systems.tokens import token_for

DONE, WOULD_CHANGE, STOPPED = 0, 1, 3


def run(options: argparse.Namespace) -> int:
    """Do what the command says; 0 done, 1 where something would change and doesn't yet."""
    commands = {
        "mark": _mark, "why": _why, "rubric": _rubric, "late": _late, "regrade": _regrade,
        "publish": _publish,
    }  # fmt: skip
    with store_of(options.folder) as store:
        return commands[options.command](options, store)


def _language(options: argparse.Namespace, store: Store) -> Language:
    """What was asked for, else the language that most of the class has."""
    asked = getattr(options, "lang", "auto")
    if asked != "auto":
        return "ja" if asked == "ja" else "en"
    return language_of(store)


def _by(options: argparse.Namespace) -> str:
    """Who decides."""
    return clean(options.by, 100) or whoever()


# -- marks -----------------------------------------------------------------------------------------


def _mark(options: argparse.Namespace, store: Store) -> int:
    by = _by(options)
    language = _language(options, store)
    if options.table is not None:
        return _mark_from(options, store, by, language)
    if options.worth is not None:
        item, points = _worth(options.worth)
        decisions = marking.worth(store, item, points, by, options.reason)
    else:
        if not options.student:
            raise UsageError(M("say whose mark it is, or --worth ITEM=N, or --from FILE"))
        row = student(store, options.student)
        decisions = [_decision(options, store, row, by)]
    kept = store.ledger.add(decisions)
    for one in kept:
        print(_told(store, one, language), flush=True)
    _renew(options.folder, store, language)
    return DONE


def _decision(options: argparse.Namespace, store: Store, row: Row, by: str) -> Decision:
    """What is decided about a student's work."""
    judges = options.criterion or options.without or options.none_met or options.adjust is not None
    if not judges:
        if options.undo:
            return marking.undo(store, row, options.item, by)
        wish = Wish(options.item, options.points, options.back, options.reason, options.comment)
        return marking.decision(store, row, wish, by)
    if options.undo or options.back or options.points is not None:
        raise UsageError(M("one thing at a time: criteria, or --points, --back or --undo"))
    if options.none_met and (options.criterion or options.without):
        raise UsageError(M("--none-met says that no criterion is met: name none beside it"))
    mark = row.marks.items.get(options.item)
    met = {one.id for one in mark.met} if mark is not None and not options.none_met else set()
    for name in options.without:
        if name not in met:
            raise UsageError(M("{item}: {id} is not met", item=options.item, id=name))
    adjusted = options.adjust
    if adjusted is None:
        adjusted = mark.adjusted if mark is not None and not options.none_met else 0.0
    ids = frozenset(met - {*options.without} | {*options.criterion})
    found = rubrics.Finding(options.item, ids, adjusted, options.reason, options.comment)
    if not ids and not adjusted and not options.none_met:
        back = Wish(options.item, None, True, options.reason, options.comment)
        return marking.decision(store, row, back, by)  # nothing is left: it waits again
    return rubrics.judged(store, row, found, by)


def _worth(text: str) -> tuple[str, float]:
    item, _, points = text.partition("=")
    try:
        return item.strip(), float(points)
    except ValueError:
        raise UsageError(
            M("--worth {text}: say ITEM=N, for example model_survey=5", text=text)
        ) from None


def _told(store: Store, one: Decision, language: Language) -> str:
    """A decision that is kept, and the mark that comes of it."""
    if one.kind == "worth":
        said = M("#{n}: {item} is worth {points} points for everybody in {sprint}", n=one.number,
                 item=one.item, points=number(one.points or 0), sprint=one.sprint)  # fmt: skip
        return said.in_language(language)
    row = store.row(one.who.id)
    mark = row.marks.items.get(one.item)
    whole = f"{number(row.marks.score)} / {number(row.marks.max_score)}"
    if mark is None and one.kind == "undo":
        return M("#{n}: #{other} is taken back", n=one.number, other=one.takes_back).in_language(
            language
        )
    if mark is None or one.kind == "comment":
        return M("#{n}: the comment is kept", n=one.number).in_language(language)
    said = M("#{n}: {id}, {item}: {points} / {most} (graded {graded}); {whole} in all",
             n=one.number, id=row.id, item=one.item, points=number(mark.points),
             most=number(mark.most), graded=number(mark.graded.points), whole=whole)  # fmt: skip
    return said.in_language(language)


def _mark_from(options: argparse.Namespace, store: Store, by: str, language: Language) -> int:
    if options.student:
        raise UsageError(M("--from FILE has its students in it: name none beside it"))
    changes, left = edited.changes(store, options.table, by, options.reason)
    for said in left:
        _note(said, language)
    for change in changes:
        one = change.decision
        if one.item:
            print(
                f"{change.row.id}, {one.item}: {change.before or '-'} -> {number(one.points or 0)}"
            )
        else:
            print(f"{change.row.id}: {clean(one.comment, 200)}")
    if not options.apply:
        said = M("changes: {n}; nothing is kept yet: --apply keeps them", n=len(changes))
        print(said.in_language(language))
        return WOULD_CHANGE if changes else DONE
    kept = store.ledger.add([change.decision for change in changes])
    print(M("decisions kept: {n}", n=len(kept)).in_language(language), flush=True)
    _renew(options.folder, store, language)
    return DONE


def _renew(folder: Path, store: Store, language: Language) -> None:
    for said in renewed(folder, store):
        _note(said, language)


def _write(folder: Path, store: Store, decided: bool = False) -> None:
    whole = written(folder, store, decided)
    for said in put_aside(folder, whole):
        _note(said, whole.language)


def _note(message: Message, language: Language) -> None:
    print(f"note: {message.in_language(language)}", file=sys.stderr, flush=True)


# -- history ---------------------------------------------------------------------------------------


def _why(options: argparse.Namespace, store: Store) -> int:
    row = student(store, options.student)
    if options.item and options.item not in row.marks.items:
        known = list(row.marks.items) or [
            graded.id for like in [store.like(s) for s in sorted({r.sprint for r in store.rows()})]
            if like is not None for graded in like.graded
        ]  # fmt: skip
        if options.item not in known:
            raise UsageError(marking.no_such_item(row, options.item, known))
    for line in history.history(store, row, options.item, _language(options, store)):
        print(line)
    return DONE


# -- rubrics ---------------------------------------------------------------------------------------


def _rubric(options: argparse.Namespace, store: Store) -> int:
    by, language = _by(options), _language(options, store)
    if options.apply and options.source is None:
        raise UsageError(M("--apply goes with --from FILE"))
    if options.to is not None:
        try:
            replace_file(options.to, rubrics.exported(store))
        except OSError as error:
            raise UsageError(
                M(
                    "{folder}: can't be written ({why})",
                    folder=str(options.to),
                    why=str(error.strerror),
                )
            ) from error
        return DONE
    if options.source is None:
        for sprint, item in rubrics.places(store):
            rubric = rubrics.rubric_of(store, sprint, item)
            if rubric.criteria:
                print(f"{sprint}, {item}:", end=" ")
                print("\n".join(rubrics.told(rubric, language)))
        return DONE
    decisions = rubrics.imported(store, options.source, by, options.reason)
    told = impact.Told(
        rubrics.changes(store, decisions), language, len(list(store.rows())), 0,
        [history.what_of(one) for one in decisions], [], "rubric",
    )  # fmt: skip
    _show(options, told)
    if not options.apply:
        _would_change(options, told)
        if decisions and not told.changes:
            print(M("nothing is laid down yet: --apply does it").in_language(language))
        return WOULD_CHANGE if decisions else DONE
    store.ledger.add(decisions)
    print(
        M("applied; `scratchgrade why` tells what counted before").in_language(language), flush=True
    )
    _renew(options.folder, store, language)
    return DONE


# -- grading again ---------------------------------------------------------------------------------


def _regrade(options: argparse.Namespace, store: Store) -> int:
    by = _by(options)
    language = _language(options, store)
    if options.workers is not None and not 1 <= options.workers <= 1_000:
        raise UsageError(f"--workers {options.workers}: must be from 1 to 1000")
    asked = fields(vars(options))
    with (
        terminated_as_interrupted(),
        proposed(
            options.folder, store, changed_by(asked), options.submissions, options.layout
        ) as new_,
    ):
        try:
            grade_missing(new_.graded, options)
        except KeyboardInterrupt:
            total, done = new_.graded.store.counts()
            print(
                f"stopped: {done} of {total} are graded; the same command goes on", file=sys.stderr
            )
            return STOPPED
        changes = new_.changes(options.never_lower)
        total, _ = new_.graded.store.counts()
        told = impact.Told(changes, language, total, new_.unchanged, new_.rules, new_.left)
        _show(options, told)
        if not options.apply:
            if store.unwritten():  # somebody decided something meanwhile
                _write(options.folder, store, decided=True)
            return _would_change(options, told)
        new_.apply(changes, by)
        _write(options.folder, store)
        print(M("applied; `scratchgrade why` tells what counted before").in_language(language))
    return DONE


def _show(options: argparse.Namespace, told: impact.Told) -> None:
    """Show the impact here, and write all of it."""
    for line in impact.lines(told, max(options.show, 0)):
        print(line)
    with new(options.folder / "impact.csv", bom=True) as file:
        impact.write_table(told, file)
    with new(options.folder / "impact.html") as file:
        impact.write_page(told, file)


def _would_change(options: argparse.Namespace, told: impact.Told) -> int:
    if not told.changes:
        return DONE
    said = M("nothing counts yet: --apply lets it; all of it is in {file}",
             file=str(options.folder / "impact.html"))  # fmt: skip
    print(said.in_language(told.language))
    return WOULD_CHANGE


# -- late ------------------------------------------------------------------------------------------


def _late(options: argparse.Namespace, store: Store) -> int:
    by, language = _by(options), _language(options, store)
    terms = Terms(*(getattr(options, field) for field in Terms.__dataclass_fields__))
    reason = marking.text_of(options.reason, "--reason")
    if bool(options.extend) + options.lift + (not terms.empty) > 1:
        raise UsageError(M("one thing at a time: a rule, --lift or --extend"))
    if options.extend:
        decisions = [lateness.extended(store, given, by, reason) for given in options.extend]
    elif options.lift:
        decisions = [lateness.lifted(store, options.sprint, by, reason)]
    elif not terms.empty:
        decisions = [lateness.laid_down(store, options.sprint, terms, by, reason)]
    else:
        for said in lateness.standing(store):
            print(said.in_language(language))
        return DONE
    rows = list(store.rows(more=decisions))
    rules = [history.what_of(one) for one in decisions]
    told = impact.Told(
        lateness.changes(store, decisions), language, len(rows), 0, rules,
        list(lateness.unknown_said(rows)), "late",
    )  # fmt: skip
    _show(options, told)
    if not options.apply:
        _would_change(options, told)
        if not told.changes:
            print(M("nothing is laid down yet: --apply does it").in_language(language))
        return WOULD_CHANGE
    store.ledger.add(decisions)
    print(
        M("applied; `scratchgrade why` tells what counted before").in_language(language), flush=True
    )
    _renew(options.folder, store, language)
    return DONE


# -- handing out -----------------------------------------------------------------------------------


def _publish(options: argparse.Namespace, store: Store) -> int:
    language = _language(options, store)
    if options.to is not None:
        return _send(options, store, language)
    if options.at or options.token_file or options.sprint or options.scale or options.apply:
        raise UsageError(
            M("--at, --token-file, --sprint, --scale and --apply go with --to canvas or moodle")
        )
    done = publish(options.folder, store, _by(options), options.note)
    if done.outstanding:
        _note(waits(done.outstanding), language)
    for said in done.put_aside:
        _note(said, done.language)
    said = M("published {at}: {n} marks; from now on only people's decisions, new hand-ins and "
             "`regrade --apply` change them", at=done.publication.at, n=done.marks)  # fmt: skip
    print(said.in_language(language))
    return DONE


def _system(options: argparse.Namespace) -> System:
    """The assignment that marks are sent to."""
    if not options.at:
        raise UsageError(M("--to {system}: say with --at the assignment's address, as the browser shows it",
                           system=options.to))  # fmt: skip
    if options.to == "canvas":
        return Canvas(options.at, *token_for(canvas.VARIABLE, options.token_file))
    return Moodle(options.at, *token_for(moodle.VARIABLE, options.token_file))


def _send(options: argparse.Namespace, store: Store, language: Language) -> int:
    """Show what would be sent, or send it and note that it was handed out."""
    system = _system(options)
    with alone_in(options.folder):
        must_be_graded(store)
        sending = Sending(store, system, Wanted(options.sprint, options.scale))
        print(sending.whole().in_language(language), flush=True)
        if outstanding := [plan.row.id for plan in sending.plans if plan.row.marks.waiting]:
            _note(waits(outstanding), language)
        if not options.apply:
            for plan in sending.plans:
                if plan.step is not Step.THERE:
                    print(plan.told(language))
            if not sending.count(Step.SEND):
                return DONE
            print(M("nothing is sent yet: --apply sends it").in_language(language))
            return WOULD_CHANGE
        return _sent(options, store, sending, system, language)


def _sent(
    options: argparse.Namespace, store: Store, sending: Sending, system: System, language: Language
) -> int:
    def say(plan: Plan, more: Message | None) -> None:
        text = plan.told(language)
        print(f"{text}; {more.in_language(language)}" if more is not None else text, flush=True)

    for plan in sending.plans:
        if plan.step in (Step.KEPT, Step.LEFT):
            say(plan, None)
    by = _by(options)
    stand: list[Row] = []
    try:
        with terminated_as_interrupted():
            for row in sending.send(by, say):
                stand.append(row)  # each, whatever breaks it off
    except KeyboardInterrupt:
        print("stopped: what was sent is kept; the same command goes on", file=sys.stderr)
        return STOPPED
    finally:
        if stand:  # these were told, whatever broke it off
            done = noted(options.folder, store, by, options.note or system.place, stand)
            for said in done.put_aside:
                _note(said, done.language)
    said = M("no mark of the class stands in {system}", system=system.name)
    if stand:
        said = M(
            "published: {n} marks of the class stand in {system}", n=len(stand), system=system.name
        )
    print(said.in_language(language))
    return DONE
