"""Connection checks and the renewal of credentials, for people at a shell."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from adapters.errors import ConfigError, LockHeldError
from adapters.secret import Secret
from bot.answers import Refused
from bot.cli import credentials
from bot.cli.returning import WAIT_S, Return, leads_here
from bot.cli.say import Commands, asked, config_option, language, open_bot, say, who

if TYPE_CHECKING:
    from adapters.contract import Clock
    from bot.answers import Checked, RenewalForm
    from bot.app import Bot


def add(commands: Commands) -> None:
    """Add the commands of this room."""
    check = config_option(
        commands.add_parser("check", help="log in to a shop, or to all, and read; writes nothing")
    )
    check.add_argument("shop", nargs="?")
    check.add_argument("--list", action="store_true", help="call nobody: list what is known")
    check.set_defaults(run=_check)
    renew = config_option(
        commands.add_parser("renew", help="enter a new credential; it is tried before it is used")
    )
    renew.add_argument("shop")
    renew.add_argument("kind", nargs="?", help="licence, refresh_token ...; usually the one that ends first")
    renew.add_argument("--paste", action="store_true", help="paste what follows a consent, wherever it leads")
    renew.add_argument("--date", help="its last day, YYYY-MM-DD")
    renew.add_argument("--issued", metavar="DATE", help="the day of its issue, where that is not today")
    renew.set_defaults(run=_renew)


# ---------------------------------------------------------------------- check


def _check(options: argparse.Namespace) -> int:
    if options.list:
        return credentials.list_rows(options)
    with open_bot(options) as bot:
        bot.restore_mapping()
        if options.shop:
            _refuse_missing(bot, _shop(bot, options.shop))
            return _checked(bot, options.shop)
        return max((_checked(bot, name) for name in bot.following.mapping().shops), default=0)


def _shop(bot: Bot, name: str) -> str:
    shops = bot.following.mapping().shops
    if name not in shops:
        raise ConfigError(f"no shop {name!r}; known: {', '.join(shops)}")
    return name


def _refuse_missing(bot: Bot, name: str) -> None:
    if missing := bot.actions.checking.missing(name):
        raise ConfigError(f"{name}: not set: {', '.join(missing)}; see 'tanaban credentials set'")


def _checked(bot: Bot, name: str) -> int:
    """Check one shop of several and say what came of it; gives the exit status."""
    if bot.actions.checking.is_archived(name):
        print(say("check.left_alone", shop=name))
        return 0
    if missing := bot.actions.checking.missing(name):
        print(say("check.none_set", shop=name, kinds=", ".join(missing)))
        return 1
    found = bot.actions.checking.check(name)
    for line in _said(found):
        print(line, file=sys.stdout if found.ok else sys.stderr)
    refused = any(kind.state.value == "refused" for kind in found.kinds)
    return 0 if found.ok and not refused else 1 if found.ok else 2


def _said(found: Checked) -> list[str]:
    took = f"{found.took_s:.1f}"
    if found.ok:
        lines = [say("check.ok", shop=found.shop, took=took, detail=found.detail)]
        for kind in found.kinds:
            label = kind.label_ja if language() == "ja" else kind.label_en
            state = say(f"kind_state.{kind.state.value}")
            lines.append(say("check.kind", label=label, state=state, note=kind.note).rstrip())
        return lines
    lines = [say("check.failed", shop=found.shop, took=took, detail=found.detail)]
    if found.key:
        lines.append(say("check.cause", text=say(f"error.{found.key}.cause")))
        lines.append(say("check.cure", text=say(f"error.{found.key}.cure", shop=found.shop)))
    if found.hint:
        lines.append(say("check.cure", text=say(f"hint.{found.hint}", shop=found.shop)))
    if found.address:
        lines.append(say("check.address", address=found.address))
    return [*lines, *([say("check.renew", shop=found.shop)] if found.cause == "auth" else [])]


# ---------------------------------------------------------------------- renew


def _renew(options: argparse.Namespace) -> int:
    with open_bot(options) as bot:
        bot.restore_mapping()
        form = bot.actions.renewal_form(_shop(bot, options.shop), options.kind, in_shell=True)
        ends, issued = _date(options.date), _date(options.issued)
        values = _consented(form, bot.clock, paste=options.paste) or _typed(form)
        if form.life_days and sys.stdin.isatty():
            ends = ends or _date(input(say("renew.date_ask")))
            issued = issued or (None if ends else _date(input(say("renew.issued_ask"))))
        arguments = {"shop": form.shop, "kind": form.kind}
        answer = asked(
            bot,
            "renew",
            arguments,
            lambda: bot.actions.renew(
                form.shop, form.kind, values, ends, who(), version=form.version, issued_on=issued
            ),
        )
        for kind, key in answer.refused.items():
            print(f"{kind}: {say(key)}", file=sys.stderr)
        if answer.refused:
            return 2
        print(say("renew.stored", shop=form.shop, mark=answer.fingerprint))
        return _tried(bot, form.shop)


def _date(text: str | None) -> date | None:
    text = (text or "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("renew_date_wrong") from None


def _consented(form: RenewalForm, clock: Clock, *, paste: bool) -> dict[str, Secret]:
    """Give what a consent leads to, heard by itself; nothing where it is to be pasted, or there is none."""
    if form.consent_url and not paste and leads_here(form.consent_url):
        with Return(form.consent_url, say("renew.consent_thanks")) as back:
            print(say("renew.consent_here", url=form.consent_url, minutes=f"{WAIT_S / 60:g}"), flush=True)
            return {form.fields[0].kind: Secret(back.wait(clock))}
    if form.consent_url:
        print(say("renew.consent", url=form.consent_url), flush=True)
    return {}


def _typed(form: RenewalForm) -> dict[str, Secret]:
    """Ask for the values, unseen; without a terminal they are the lines of standard input, in order."""
    kinds = [field.kind for field in form.fields]
    if sys.stdin.isatty():
        labels = [field.label_ja if language() == "ja" else field.label_en for field in form.fields]
        texts: Sequence[str] = [getpass.getpass(f"{label}: ") for label in labels]
    elif len(kinds) == 1:
        texts = [sys.stdin.read()]  # a key of several lines too
    else:
        texts = sys.stdin.read().splitlines()
    if len(texts) != len(kinds):
        raise Refused("renew_lines", count=str(len(kinds)), kinds=", ".join(kinds))
    return {kind: Secret(text.strip()) for kind, text in zip(kinds, texts, strict=True)}


def _tried(bot: Bot, shop: str) -> int:
    """Let the running bot try the values; where none runs, try them here, once."""
    try:
        result = bot.try_renewal(shop)
    except LockHeldError:
        print(say("renew.tried_by_bot"))
        return 0
    print(say(f"renew.{result.trial}", shop=shop, detail=result.detail))
    if result.near:
        print(say("renew.near", near=", ".join(result.near)))
    return 0 if result.trial != "failed" else 2
