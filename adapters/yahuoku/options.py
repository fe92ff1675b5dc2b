"""The settings of a Yahoo!オークション shop, checked before anything is opened."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.contract import ShopSettings
from adapters.options import wrong

CROSS_LISTED, AUCTION = "cross_listed", "auction"


@dataclass(frozen=True)
class Options:
    """What the operator chose for one shop; README.md tells what each is for."""

    mode: str
    template: str
    pieces_max: int


def read_options(settings: ShopSettings) -> Options:
    """Read a shop's options.

    Raises:
        ConfigError: one has a wrong value.
    """
    options = settings.options
    mode = options.get("mode", CROSS_LISTED)
    if mode not in (CROSS_LISTED, AUCTION):
        raise wrong(settings, "mode", f"must be {CROSS_LISTED} or {AUCTION}")
    template = options.get("template", "")
    if not isinstance(template, str):
        raise wrong(settings, "template", "must be the path of a file")
    pieces_max = options.get("pieces_max", 1)
    if type(pieces_max) is not int or pieces_max < 1:
        raise wrong(settings, "pieces_max", "must be a whole number from 1")
    return Options(str(mode), template, pieces_max)
