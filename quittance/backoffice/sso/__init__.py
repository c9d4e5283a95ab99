"""Single sign-on: which identity provider vouches for whose people."""
