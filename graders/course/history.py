"""The history of a mark: what was handed in, what was checked with what, who decided what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from graders.batch.outputs.gradebook import number
from graders.batch.store import Grading, Row, Store
from graders.course.rubrics import told
from graders.grading import Request
from graders.ledger.late import LateRule
from graders.ledger.model import CLASS_WIDE, Decision
from graders.ledger.rubric import Judged, Rubric
from graders.messages import Language, M, Message, clean
from graders.report.criteria import BY_HAND, signed
from graders.report.late import due_said, late_said, rule_said
from graders.report.words import STATUS
from graders.times import kept_shown, shown

_DIGEST = 12  # digits of a hash that tell it from others
_MESSAGES = 3


def history(store: Store, row: Row, item: str, language: Language) -> Iterator[str]:
    """The lines of it. `item`: "" for the whole submission."""

    def say(message: Message) -> str:
        return message.in_language(language)

    yield from _now(row, item, language)
    yield say(M("handed in"))
    attempts = store.attempts(row.who)
    late = row.marks.lateness
    zone = late.due.tzinfo if late is not None else None
    for one in attempts:
        said = [one.seen_at, f"sha256 {one.files[:_DIGEST]}", clean(one.shown, 120)]
        said += [say(M("attempt {n}", n=one.attempt))] if one.attempt else []
        said += (
            [say(M("handed in {at}", at=kept_shown(one.submitted, zone)))] if one.submitted else []
        )
        said += [say(M("late"))] if one.late else []
        said += [say(M("counts now"))] if one.files == row.files else []
        yield "  " + ", ".join(said)
    if not attempts and not row.shown:
        yield "  " + say(M("nothing was handed in"))
    elif not attempts:
        yield "  " + say(M("not known: it was graded by an earlier version"))
    yield say(M("graded"))
    ids = list(dict.fromkeys([*(one.id for one in attempts), row.id]))
    for grading in store.gradings(ids):
        yield from _grading(store, grading, grading.key == row.key, item, language)
    yield say(M("decided"))
    about = {one.number for one in store.marking().about(row.who)}
    decisions = [
        one for one in store.ledger.decisions()
        if (one.number in about or (one.kind in CLASS_WIDE and one.sprint in ("", row.sprint)))
        and (not item or one.item in ("", item))
    ]  # fmt: skip
    for decision in decisions:
        yield from decided(decision, language)
    if not decisions:
        yield "  " + say(M("nothing, by anybody"))
    told = store.ledger.publications(row.who)
    sent = [one for one in store.ledger.sent() if one.done and one.who.is_same(row.who)]
    if told or sent:
        yield say(M("published"))
    for publication in told:
        yield "  " + ", ".join(filter(None, [publication.at, publication.by, publication.note]))
    for mark in sent:
        yield "  " + ", ".join([mark.at, mark.by, f"{mark.place}: {number(mark.mark)}"])


def _now(row: Row, item: str, language: Language) -> Iterator[str]:
    name = row.student.name
    who = ", ".join(filter(None, [name if name != row.id else "", row.student.number,
                                  row.student.email]))  # fmt: skip
    title = f"{row.id} ({who})" if who else row.id
    if not item:
        known = f"{number(row.marks.score)} / {number(row.marks.max_score)}"
        yield f"{title}: {known if row.marks.known else row.reason_in(language)}"
        yield from ("  " + said.in_language(language) for said in _late(row))
        return
    mark = row.marks.items.get(item)
    if mark is None:
        yield f"{title}: {item}: {row.reason_in(language) or '-'}"
        return
    text = f"{title}: {item}: {number(mark.points)} / {number(mark.most)}"
    word = STATUS[mark.graded.status].in_language(language)
    if mark.by is not None:
        said = M("decided by a person").in_language(language)
        text += f", {said} (#{mark.by.number})"
    elif mark.changed:
        text += f", {M('kept from an earlier grading').in_language(language)}"
    else:
        text += f", {word}"
    yield text
    if mark.by is not None and mark.by.kind == "criteria":
        rubric = mark.rubric or Rubric()
        for one in mark.met:
            yield f"  {signed(rubric.effect(one))} {one.text(language)} ({one.id})"
        if mark.adjusted:
            yield f"  {signed(mark.adjusted)} {BY_HAND.in_language(language)}"


def _late(row: Row) -> Iterator[Message]:
    """What was taken off the sum, and why; or why nothing was."""
    told = row.marks.late
    if told is None:
        return
    said = late_said(told)
    if said is not None:
        yield M("{earned} earned; {late}", earned=number(row.marks.earned), late=said)
    elif row.untimed:
        yield M(
            "{due}; when it was handed in is not known, so it is never late", due=due_said(told)
        )
    else:
        yield M("{due}; handed in {at}: not late", due=due_said(told),
                at=shown(datetime.fromisoformat(told["handed_in"])))  # fmt: skip


def _grading(
    store: Store, grading: Grading, counts: bool, item: str, language: Language
) -> Iterator[str]:
    said = [grading.graded_at or "?"]
    found = next((i for i in grading.report["items"] if i["id"] == item), None)
    if grading.status != "graded":
        said.append(clean(grading.reason, 300))
    elif found is not None:
        word = STATUS[found["status"]].in_language(language)
        said.append(f"{number(found['score'])} / {number(found['max_score'])} {word}")
    else:
        said.append(f"{number(grading.score)} / {number(grading.max_score)}")
    said += [f"sha256 {grading.files[:_DIGEST]}"] if grading.files else []
    if counts:
        said.append(M("counts now").in_language(language))
    yield "  " + ", ".join(said)
    for line in _with_what(store, grading):
        yield f"    {line}"
    for at, how, by in grading.counted:
        counted = M("counted since {at} ({how}, {by})", at=at, how=how, by=by)
        yield f"    {counted.in_language(language)}"
    if found is not None:
        texts = [
            f"{c['facet']}: {c['message']}"
            for c in found["checks"] if c["status"] in ("failed", "error")
        ]  # fmt: skip
        for text in (texts or [found["message"]])[:_MESSAGES]:
            if text:
                yield f"    {clean(text, 300)}"


_OPTIONS = ("sprint", "course", "strict", "budget", "seed", "feedback", "cost", "require_isolation")


def _with_what(store: Store, grading: Grading) -> Iterator[str]:
    """Versions, rules and options of a grading."""
    told = store.settings(grading.settings)
    runtime, report = grading.report["runtime"], grading.report
    parts = [f"Scratch Grader {told['version']}"] if "version" in told else []
    parts += [f"{name} {runtime[key]}" for name, key in (("Python", "python"), ("NumPy", "numpy"))
              if runtime.get(key)]  # fmt: skip
    parts += [f"seed {report['seed']}"] if grading.status == "graded" else []
    if parts:
        yield ", ".join(parts)
    rules = [f"specs {digest[:_DIGEST]}" for digest in str(told.get("specs", "")).split()]
    policy = report.get("policy")
    rules += [f"policy {policy['name']} {policy['sha256'][:_DIGEST]}"] if policy else []
    rules += [f"{n} {told[n][:_DIGEST]}" for n in ("overrides", "plugin", "mnist") if told.get(n)]
    rules += [
        f"--{n.replace('_', '-')} {told[n]}"
        for n in _OPTIONS if told.get(n) and told[n] != getattr(Request, n)
    ]  # fmt: skip
    if told and rules:
        yield ", ".join(rules)


def decided(one: Decision, language: Language) -> Iterator[str]:
    """The lines that tell a decision."""
    what = what_of(one)
    files = f" (sha256 {one.files[:_DIGEST]})" if one.files else ""
    yield f"  #{one.number} {one.at} {one.by}: {what.in_language(language)}{files}"
    if one.kind == "rubric":
        yield from (f"    {line}" for line in told(Rubric.of(one.terms), language))
    if one.kind == "criteria":
        found = Judged.of(one.terms)
        yield from (f"    {met.id}: {met.text(language)}" for met in found.met)
        if found.adjusted:
            yield f"    {signed(found.adjusted)} {BY_HAND.in_language(language)}"
    if one.reason:
        yield f"    {M('Reason').in_language(language)}: {one.reason}"
    if one.comment:
        yield f"    {M('Comment').in_language(language)}: {one.comment}"


def what_of(one: Decision) -> Message:
    """What a decision decides, in one sentence."""
    if one.kind == "late":
        rule = LateRule.of(one.terms)
        if rule is None:
            return M("no due date any more")
        told = rule.told()
        return M("{due}; {rule}", due=due_said(told), rule=rule_said(told))
    if one.kind == "extension":
        until = shown(datetime.fromisoformat(one.terms))
        return M("{id}: due {due}", id=one.who.id, due=until)
    return {
        "points": M("{item}: {points} points", item=one.item, points=number(one.points or 0)),
        "back": M("{item}: back to the grader's points", item=one.item),
        "floor": M("{item}: no less than {points} points", item=one.item,
                   points=number(one.points or 0)),
        "criteria": M("{item}: by its rubric, {points} points", item=one.item,
                      points=number(one.points or 0)),
        "rubric": M("{item}: another rubric", item=one.item),
        "worth": M("{item}: worth {points} points", item=one.item, points=number(one.points or 0)),
        "undo": M("takes #{n} back", n=one.takes_back),
        "comment": M("a comment on {item}", item=one.item) if one.item else M("a comment"),
    }[one.kind]  # fmt: skip
