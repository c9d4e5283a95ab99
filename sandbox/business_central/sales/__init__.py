"""Sales documents that are not posted yet, and what their actions do."""
