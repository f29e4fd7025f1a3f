"""`make lint`: every linter on everything, after a proof that it looks."""

from dev import lint, prepare
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
    if failed:
        warn(f"Findings by {', '.join(failed)}")
        return 1
    say(f"{len(lint.TOOLS)} linters found nothing, and each found its canary.")
    return 0
