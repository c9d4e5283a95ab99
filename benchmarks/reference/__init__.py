"""The list as bare as Django can show it: no sessions, no walls, no look; the limit for ours."""
