"""The portal's look and whose name it writes in: a draft, its preview, and what was before."""
