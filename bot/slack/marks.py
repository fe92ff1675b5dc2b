"""The mark of each state, and how many shops one message lists."""

from __future__ import annotations

from bot.answers import ShopState

MARKS = {
    ShopState.OK: "🟢",
    ShopState.OFF: "⚪",
    ShopState.PAUSED: "⏸",
    ShopState.PENDING: "🔑",
    ShopState.BLOCKED: "🔴",
    ShopState.NOT_SET: "🔴",
    ShopState.FAILING: "🟠",
    ShopState.ARCHIVED: "⚫",
}
MOST_SHOPS = 20
"""Shops that one message lists; a message holds 50 blocks."""
