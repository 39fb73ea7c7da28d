"""Small edits of the student's own code that would make a wrong answer right, tried and proved."""
