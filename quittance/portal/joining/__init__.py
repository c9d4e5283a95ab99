"""Where people ask to come in by themselves: a mailbox, what they know, and what became of it."""
