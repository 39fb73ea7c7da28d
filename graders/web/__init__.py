"""What the pages of `review` and of `serve` have in common: how they are served, and what every answer carries."""
