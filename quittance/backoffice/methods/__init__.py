"""What the AR team sees of the ways to pay that customers keep, and the proof of each."""
