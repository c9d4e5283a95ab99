"""Everything that waits for a person: the queue, one of it beside its evidence, and every act."""
