"""Facts that an administrator's public reason may let break a rule."""

from typing import Any, ClassVar


class Reasoned:
    """A fact with an override reason. A correction may keep the one of the version before it, in
    the same words, while it leaves what that one was given for: the fields of `REASON_FOR`.
    """

    REASON_FOR: ClassVar[tuple[str, ...]]  # columns
    override_reason: Any

    def gives_reason(self, older: "Reasoned | None") -> bool:
        """Whether its reason is its own, in other words than the version before it gave."""
        return bool(self.override_reason) and (
            older is None or older.override_reason != self.override_reason
        )

    def changed_from(self, older: "Reasoned") -> list[str]:
        """The columns in which it is not what the reason of an older version was given for."""
        return [name for name in self.REASON_FOR if getattr(self, name) != getattr(older, name)]
