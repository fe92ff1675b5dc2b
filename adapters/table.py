"""The table of what each mall can and cannot do: for the shell and the README."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.contract import Abilities, Ability

Row = tuple[str, Callable[[Abilities], str]]


def _ability(found: Ability) -> str:
    return f"{'can' if found.able else 'cannot'}: {found.why} ({found.source}, {found.verified})"


def _quotas(mall: Abilities) -> str:
    return ", ".join(f"{name} {quota.per_s:g}" for name, quota in mall.quotas.items()) or "-"


def _credentials(mall: Abilities) -> str:
    lives = {kind.name: f" ({kind.life_days} days)" if kind.life_days else "" for kind in mall.credentials}
    return ", ".join(name + life for name, life in lives.items()) or "-"


ROWS: Sequence[Row] = (
    ("orders", lambda mall: _ability(mall.orders)),
    ("product list", lambda mall: _ability(mall.products)),
    ("stock can be read", lambda mall: _ability(mall.readable)),
    ("relative amounts", lambda mall: _ability(mall.relative_write)),
    ("lines in one write", lambda mall: str(mall.write_batch or "a whole file")),
    ("calls a second", _quotas),
    ("seconds to the buyer's page", lambda mall: f"about {mall.expected_delay_s:g}"),
    ("code field", lambda mall: mall.code_field),
    ("credentials", _credentials),
    ("quality", lambda mall: mall.quality),
)


def abilities_table(malls: Sequence[Abilities]) -> str:
    """Give the table in Markdown: a column a mall."""
    lines = ["| | " + " | ".join(mall.name_ja for mall in malls) + " |", "| --- " * (len(malls) + 1) + "|"]
    for title, give in ROWS:
        lines.append(f"| {title} | " + " | ".join(give(mall) for mall in malls) + " |")
    return "\n".join(lines)
