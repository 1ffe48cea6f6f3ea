"""Why a task cannot go on now."""


class EffectHeldError(Exception):
    """Another worker is at the effect of ``key``, for at most ``seconds`` more."""

    def __init__(self, key: str, *, seconds: float) -> None:
        super().__init__(f"Another worker is at {key!r}, for at most {seconds:.1f} s more.")
        self.seconds = seconds
