"""The buyer's announced bank transfers: how to make each, and what became of it."""
