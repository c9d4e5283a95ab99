"""Real programs, real kills and a bad network, while buyers pay and write down what they saw."""
