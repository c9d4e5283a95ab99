"""A person's own page: who they are, how they sign in, which mails they get."""
