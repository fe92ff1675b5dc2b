"""How the switches of a mall are changed while it runs."""

from __future__ import annotations

from typing import Literal, get_args, get_origin, get_type_hints


class Switches:
    """What the ``Settings`` dataclass of a mall inherits."""

    def change(self, name: str, value: object) -> None:
        """Set one switch while the mall runs.

        Raises:
            ValueError: there is no such switch, or the value is of another kind.
        """
        hints = get_type_hints(type(self))
        if name not in hints:
            raise ValueError(f"no setting {name!r}; known: {', '.join(hints)}")
        hint = hints[name]
        choices = get_args(hint) if get_origin(hint) is Literal else ()
        if choices and value not in choices:
            raise ValueError(f"{name} is one of {', '.join(map(str, choices))}")
        kind: type = type(choices[0]) if choices else get_origin(hint) or hint
        fits = isinstance(value, (int, float) if kind is float else kind)
        if not fits or isinstance(value, bool) != (kind is bool):
            raise ValueError(f"{name} takes {kind.__name__}")
        setattr(self, name, value)
