"""One file a rule: a question to the Book whose answers are findings."""
