"""The renewal modal, and the messages about a renewal. Pure; no value ever enters here."""

from __future__ import annotations

from datetime import timedelta

from bot.answers import RenewalForm
from bot.messages import knows, span
from bot.slack.blocks import (
    Block,
    Message,
    actions,
    context,
    date_input,
    escape,
    link,
    modal,
    plain,
    section,
    text_input,
)
from bot.slack.voice import Voice

CALLBACK = "renew"
EXPIRY_BLOCK, ISSUED_BLOCK = "expires_on", "issued_on"
_FIELD = "value:"


def field_block(kind: str) -> str:
    """Give the block id of a field."""
    return f"{_FIELD}{kind}"


def field_of(block_id: str) -> str | None:
    """Give the kind that a block id stands for, None if it is no field."""
    return block_id.removeprefix(_FIELD) if block_id.startswith(_FIELD) else None


def renewal_modal(form: RenewalForm, voice: Voice) -> Block:
    """Build the form: the steps at the mall, the warning, the fields, the expiry."""
    blocks: list[Block] = [section(_head(form, voice)), section(_steps(form, voice))]
    links = [(voice("renewal.consent_open"), "open:consent", form.consent_url)]
    links.append((voice("renewal.open_page"), "open:page", form.page_url))
    if opened := [link(*found) for found in links if found[2]]:
        blocks.append(actions(*opened))
    blocks.append(section(voice("renewal.visible")))
    blocks += [
        text_input(field_block(field.kind), field.label_ja if voice.lang == "ja" else field.label_en)
        for field in form.fields
    ]
    if form.life_days:
        issued = voice("renewal.issued"), voice("renewal.issued_hint", days=form.life_days)
        blocks.append(date_input(ISSUED_BLOCK, *issued, form.today))
        blocks.append(date_input(EXPIRY_BLOCK, voice("renewal.expiry"), voice("renewal.expiry_hint")))
    if form.activation_s:
        blocks.append(context(voice("renewal.activation", span=_activation(form, voice))))
    metadata = {"shop": form.shop, "kind": form.kind, "version": form.version}
    title, submit, close = voice("renewal.title"), voice("renewal.submit"), voice("renewal.close")
    return {**modal(title, submit, close, blocks, metadata), "callback_id": CALLBACK}


def _head(form: RenewalForm, voice: Voice) -> str:
    where = f"*{_where(form, voice)}*"
    if form.expires_at is None:
        return where
    return f"{where}\n{voice('renewal.expires_now', at=voice.at(form.expires_at, 'day'))}"


def _where(form: RenewalForm, voice: Voice) -> str:
    mall = voice.label(form.mall_ja, form.mall_en)
    return voice("renewal.shop", mall=mall, shop=escape(form.shop))


def _activation(form: RenewalForm, voice: Voice) -> str:
    return span(timedelta(seconds=form.activation_s), voice.lang)


def _steps(form: RenewalForm, voice: Voice) -> str:
    kind = "consent" if form.consent_url else form.kind
    lines = [f"{i}. {step}" for i, step in enumerate(steps(form.mall, kind, voice), 1)]
    return "\n".join([f"*{voice('renewal.steps')}*", *lines])


def steps(mall: str, kind: str, voice: Voice) -> list[str]:
    """Give the steps of a renewal at a mall, in order; general ones where none are written."""
    stems = (f"renewal.{mall}.{kind}", f"renewal.{mall}.any")
    stem = next((stem for stem in stems if knows(f"{stem}.1")), "renewal.any")
    found: list[str] = []
    while knows(key := f"{stem}.{len(found) + 1}"):
        found.append(voice(key))
    return found


def label(form: RenewalForm, voice: Voice) -> str:
    """Name what is renewed: the fields' labels, joined."""
    names = (voice.label(field.label_ja, field.label_en) for field in form.fields)
    return voice("list.join").join(names)


def renewal_pending(form: RenewalForm, fingerprint: str, who: str, voice: Voice) -> Message:
    """Tell that new values were received and are on trial."""
    name, where, person = label(form, voice), _where(form, voice), voice.person(who)
    mark = escape(fingerprint)
    line = voice("renewal.pending", where=where, label=name, fingerprint=mark, who=person)
    wait = voice("renewal.pending_wait", span=_activation(form, voice)) if form.activation_s else ""
    return plain([line, wait])


def renewal_refused(shop: str, reason: str, who: str, voice: Voice) -> Message:
    """Tell by message why a renewal was refused, when the modal is closed already."""
    where, person = escape(shop), voice.person(who)
    return plain([voice("renewal.refused_here", where=where, who=person, reason=reason)])
