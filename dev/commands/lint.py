"""`make lint`: every linter on everything, after a proof that it looks."""

from dev import lint, prepare, readme
from dev.messages import say, step, warn


def main() -> int:
    """Run all linters; none ends the command before the others had their say."""
    prepare.tools("lint")
    failed = []
    for name in lint.TOOLS:
        lint.check_canary(name)
        step(name)
        if not lint.look(name):
            failed.append(name)
    if readme.stale():
        warn("A README.rst differs from its fragments: run `python -m dev.readme`")
        failed.append("readme")
    if failed:
        warn(f"Findings by {', '.join(failed)}")
        return 1
    say(f"{len(lint.TOOLS)} linters found nothing, and each found its canary.")
    return 0
