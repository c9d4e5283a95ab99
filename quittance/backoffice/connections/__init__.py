"""The connections: how they are, what they can do, where payments are booked."""
