"""Would run in the grader, if the grader looked for modules here."""
import os

open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "hostile-was-here"), "w").close()
