"""The words of the pages."""

from __future__ import annotations

from graders.messages import Language, M

_WORDS = {
    "class": M("Class"),
    "students": M("Students"),
    "student": M("Student"),
    "copies": M("Near-identical code"),
    "publish": M("Hand out"),
    "skip": M("To the content"),
    "sections": M("Pages"),
    "mean": M("Mean"),
    "median": M("Median"),
    "distribution": M("Distribution of scores"),
    "problems": M("Problems"),
    "problem": M("Problem"),
    "optional": M("(optional)"),
    "difficulty": M("Mean share of the points"),
    "discrimination": M("Discrimination"),
    "measures": M(
        "Discrimination: the correlation, over students, of the share of a problem's points with the "
        "share of all other points. Near 0 or below, a problem does not tell the strong from the weak."
    ),
    "plot": M("Mean share of the points (to the right) and discrimination (upwards), by the problem's number"),
    "waiting": M("Waits for a person"),
    "waits": M("waits for a person"),
    "nobody_waits": M("Nobody waits for a person."),
    "unpriced": M("not said yet what it is worth"),
    "begin": M("Begin"),
    "mistakes": M("Commonest mistakes"),
    "mistake": M("Mistake"),
    "have_it": M("Students who have it"),
    "none": M("none"),
    "score": M("Score"),
    "status": M("Status"),
    "submission": M("Submission"),
    "sprint": M("Sprint"),
    "late": M("late"),
    "decided": M("decided by a person"),
    "page": M("their page"),
    "history": M("history"),
    "history_of": M("History of the mark"),
    "hidden": M("Names are hidden."),
    "show_names": M("Show names"),
    "hide_names": M("Hide names"),
    "before": M("Previous"),
    "after": M("Next"),
    "next_waiting": M("Next who waits"),
    "handed_in": M("What was handed in"),
    "rest": M("All else that was handed in"),
    "as_graded": M(
        "The file that was graded is not there any more: here is the code as it was graded, without prose "
        "and outputs."
    ),
    "nothing": M("There is nothing to show."),
    "output": M("Output"),
    "picture": M("A picture that was put out"),
    "text": M("Prose"),
    "code": M("Code"),
    "report": M("What the grader found"),
    "mark": M("The mark"),
    "points": M("Points"),
    "full": M("All of them"),
    "zero": M("None"),
    "reason": M("Reason"),
    "comment": M("Comment for the student"),
    "bank": M("Comments to choose from"),
    "own": M("diagnosed here"),
    "save_next": M("Save, and on to the next"),
    "save": M("Save"),
    "back": M("The grader's points again"),
    "undo": M("Take the last decision back"),
    "take_back": M("Take it back"),
    "decisions": M("Decisions"),
    "no_decisions": M("Nobody has decided anything about it."),
    "worth": M("What is it worth for the class?"),
    "worth_save": M("Keep"),
    "rubric": M("Rubric"),
    "make_rubric": M("Make a rubric"),
    "change_rubric": M("Change the rubric"),
    "rubric_means": M(
        "Each change is kept as a decision. Where it changes marks of those to whom a criterion was applied, "
        "they are shown first. What is gone counts no more; whoever had nothing else waits for a person again."
    ),
    "way": M("How criteria count"),
    "criteria": M("Criteria"),
    "applied_to": M("applied to"),
    "change": M("Change"),
    "delete": M("Delete"),
    "add": M("Add"),
    "new_criterion": M("A new criterion"),
    "in_japanese": M("In Japanese"),
    "in_english": M("In English"),
    "to_problem": M("To the problem"),
    "rubric_before": M("As it was before the last change"),
    "none_met": M("None of them is met"),
    "nth": M("By its number"),
    "adjusted": M("Points on top, or off"),
    "apart": M("Points were given without the rubric. A criterion takes their place."),
    "applies": M("applies or removes a criterion"),
    "impact": M("What would change"),
    "nothing_yet": M("Nothing of it counts yet."),
    "let_count": M("Let it count"),
    "leave_it": M("Leave it as it is"),
    "points_before": M("Points before"),
    "points_after": M("Points afterwards"),
    "more": M("Further students"),
    "regrade": M("Grade again"),
    "regrade_means": M(
        "`scratchgrade regrade DIR` grades the class by another policy, other specs or a new version. Here is what "
        "that would change. What people decided stays."
    ),
    "nothing_proposed": M("nothing is proposed: `scratchgrade regrade` proposes another grading"),
    "look_again": M("Look again"),
    "never_lower": M("Nobody loses points"),
    "may_lower": M("Points may be lost"),
    "said_before": M("before"),
    "said_now": M("now"),
    "asks": M("What was asked for"),
    "shortcuts": M("Keys"),
    "keys_on": M("Single keys work on this page"),
    "saves": M("saves, in a field as well"),
    "leaves": M("leaves a field"),
    "choose": M("chooses a comment"),
    "alike_means": M(
        "Names, comments and formatting do not count, nor does what most submissions share. "
        "It is a reason to look, not a proof."
    ),
    "groups": M("Groups"),
    "note": M("To whom, where"),
    "published": M("Handed out"),
    "never": M("Nothing was handed out yet."),
    "publish_means": M(
        "Notes what counts now as handed out. From then on only people's decisions, new hand-ins and "
        "`regrade --apply` change a mark."
    ),
    "all": M("All of them again"),
    "who_has": M("Who has this mistake:"),
    "title": M("Review"),
    "error": M("That did not work"),
    "again": M("Back to the class"),
}  # fmt: skip


def words(language: Language) -> dict[str, str]:
    """The words by what they are for."""
    return {name: message.in_language(language) for name, message in _WORDS.items()}
