"""Has files of strangers looked at by the virus scanner that the operator runs."""
