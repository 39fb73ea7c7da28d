"""Answers in writing: numbers and shapes, looked for in text, comments and output."""
