"""Goes out, with a time limit, and comes back with an answer or one of the outside errors."""
