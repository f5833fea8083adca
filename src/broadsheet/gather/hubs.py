"""WebSub (W3C Recommendation, 2018) as data: what a feed offers, what a hub is asked and asks back, and signatures. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from broadsheet.errors import FeedError
from broadsheet.gather.elements import absolute
from broadsheet.gather.feeds import read_feed
from broadsheet.gather.values import Feed, Hints
from broadsheet.models import Page, SourceState, Subscription

LEASE = timedelta(days=10)  # asked for; the hub decides
LONGEST_LEASE = timedelta(days=365)
ANSWER_WITHIN = timedelta(hours=1)  # a hub that has not verified by then is asked again
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]*))", re.I)
_LONGEST_CHALLENGE = 4096
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})


def offered(page: Page, hints: Hints) -> tuple[str, str]:
    """The hub that delivers a feed, and the address it knows it by: from Link headers, else as the feed says; else empty."""
    links = _links(page.headers.get("link", ""), page.final_url)
    hub = links.get("hub") or hints.hub
    return (hub, links.get("self") or hints.self_url or page.final_url) if hub else ("", "")


def _links(header: str, base: str) -> dict[str, str]:
    """The first address of each relation in a Link header (RFC 8288)."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(header[:8192]):
        if match := _REL.search(parameters):
            for relation in (match[1] or match[2]).lower().split():
                found.setdefault(relation, absolute(target, base))
    return found


def token_for(key: bytes, source: str) -> str:
    """The secret part of a source's callback address: nobody who does not know ``key`` can guess it."""
    return hmac.new(key, b"websub callback " + source.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def secret_for(key: bytes, source: str) -> str:
    """What the hub signs its deliveries with."""
    return hmac.new(key, b"websub secret " + source.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def wanted(states: Iterable[SourceState], known: Mapping[str, Subscription], key: bytes, now: datetime) -> list[Subscription]:
    """The subscriptions to ask for now; ``known`` by their tokens.

    Those of sources that offer a hub and have none, or one at another hub; those of which less than a quarter of the usual
    lease is left; and those whose hub has not verified for an hour that it was asked.
    """
    found = []
    for state in states:
        if not state.hub or state.retired:
            continue
        token = token_for(key, state.url)
        new = Subscription(token=token, source=state.url, hub=state.hub, topic=state.topic, secret=secret_for(key, state.url))
        old = known.get(token)
        if old is None or (old.hub, old.topic) != (new.hub, new.topic):
            found.append(new)
        elif _to_renew(old, now):
            found.append(old)
    return found


def _to_renew(subscription: Subscription, now: datetime) -> bool:
    if subscription.asked_at is not None and now < subscription.asked_at + ANSWER_WITHIN:
        return False
    return subscription.expires_at is None or subscription.expires_at - now < LEASE / 4


def request_form(subscription: Subscription, callback: str, mode: str = "subscribe") -> dict[str, str]:
    """What a hub is sent (section 5.1). ``callback`` is the address at which our own server is reached, with its last slash."""
    form = {"hub.callback": callback + quote(subscription.token), "hub.mode": mode, "hub.topic": subscription.topic}
    if mode == "subscribe":
        form |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": subscription.secret}
    return form


class Answer(NamedTuple):
    """What a hub is answered; ``after`` is the subscription to keep and ``feed`` what was delivered, where there is one."""

    status: int
    text: str = ""
    after: Subscription | None = None
    feed: Feed | None = None


def verification(subscription: Subscription | None, query: Mapping[str, str], now: datetime) -> Answer:
    """The answer to a hub that asks whether we meant what we asked for, or that refuses it (sections 5.2 and 5.3)."""
    if subscription is not None and query.get("hub.mode") == "denied":
        own = query.get("hub.topic") == subscription.topic
        return Answer(200, after=denied(subscription, query, now) if own else None)
    confirmed = verified(subscription, query, now)
    challenge = query.get("hub.challenge", "")
    if confirmed is None or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return Answer(404)
    return Answer(200, challenge, confirmed)


def delivery(subscription: Subscription | None, content: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
    """The answer to a delivery (section 7); ``headers`` have lower-case names. 410 ends the subscription at the hub."""
    if subscription is None or subscription.expires_at is None or subscription.expires_at <= now:
        return Answer(410)
    if not signed(content, headers.get("x-hub-signature", ""), subscription.secret):
        return Answer(202)  # as if it were: who guesses learns nothing
    try:
        return Answer(202, feed=read_feed(content, subscription.topic, headers.get("content-type", "")))
    except FeedError as error:
        return Answer(202, after=replace(subscription, problem=f"what the hub delivered {error}"))


def verified(subscription: Subscription | None, query: Mapping[str, str], now: datetime) -> Subscription | None:
    """The subscription after a hub asked whether we meant it (section 5.3), or None when we did not.

    Only what was asked for within the hour, or holds already, is confirmed, and only for the topic that was asked for.
    """
    if subscription is None or query.get("hub.mode") != "subscribe" or query.get("hub.topic") != subscription.topic:
        return None
    if subscription.asked_at is None or now > subscription.asked_at + ANSWER_WITHIN:
        return None
    seconds = query.get("hub.lease_seconds", "")
    lease = timedelta(seconds=int(seconds[:9])) if seconds.isdecimal() and seconds.isascii() else LEASE
    return replace(subscription, asked_at=None, expires_at=now + min(lease, LONGEST_LEASE), problem="")


def denied(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Subscription:
    """The subscription after its hub refused it (section 5.2); it is asked for again after a lease's time."""
    reason = " ".join(query.get("hub.reason", "").split())[:200] or "no reason given"
    return replace(subscription, asked_at=None, expires_at=now + LEASE, problem=f"the hub refuses: {reason}")


def signed(content: bytes, header: str, secret: str) -> bool:
    """Whether ``X-Hub-Signature`` (``sha256=...``) was made with our secret (section 7.1)."""
    method, _, signature = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    right = hmac.new(secret.encode(), content, method.lower()).hexdigest()
    return hmac.compare_digest(right.encode(), signature.strip().lower().encode())
