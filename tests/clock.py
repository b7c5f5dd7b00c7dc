"""Time for tests."""


class Clock:
    """The `Clock` port standing still: `at`, in seconds since 1970, until a test moves it."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        """Where it was put."""
        return self.at
