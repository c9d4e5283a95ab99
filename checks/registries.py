"""No file names the host of a package registry: who installs chooses where packages come from."""

from __future__ import annotations

import subprocess
from pathlib import Path

# Written in two parts, so that this file does not find itself.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb.debian", "org"),
        ("archive.ubuntu", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy.golang", "org"),
        ("registry.docker", "io"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
)


def complaints(root: Path) -> list[str]:
    """One line for each place that names such a host, in files that git has or would take."""
    patterns = [part for host in HOSTS for part in ("-e", host)]
    grep = ["git", "-C", str(root), "grep", "--untracked", "-n", "-I", "-i", "-F", *patterns]
    found = subprocess.run(grep, capture_output=True, text=True, check=False)
    if found.returncode > 1:
        return [found.stderr.strip() or "git grep failed"]
    return [line[:200] for line in found.stdout.splitlines()]
