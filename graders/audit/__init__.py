"""How strong a spec is: it must pass every right answer and fail every known mistake and mutant."""
