"""The checks: cases are drawn, calls are made, arrays are compared. Verdicts come from here."""
