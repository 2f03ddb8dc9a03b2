"""What goes wrong when an interface is called: a reason from a closed set, and what is to be done about it."""

from typing import Literal

Reason = Literal[
    # of the moment
    "throttled",
    "timeout",
    "unreachable",
    "unavailable",
    "garbled",  # an answer that breaks the protocol: empty, cut off, a page of a proxy
    # of the content, or of the answer to it
    "invalid_request",
    "too_large",
    "unsupported_language",
    "unsupported_format",
    "invalid_object",  # the service cannot read it where it lies: gone, or not shared with it
    "changed",  # other bytes lie there now
    "undecodable",
    "prose",  # words instead of the asked form
    "cut_off",  # ended by the limit of tokens
    "wrong_tool",
    "several_tools",
    "wrong_stop",  # ended for a reason that is none of an answer
    "empty_answer",
    # of the content: model, provider or guardrail will not judge it
    "guardrail_intervened",
    "content_filtered",
    "refused",
    # of the deployment
    "access_denied",
    "no_credentials",
    "not_found",
    "not_shared",  # objects that we can read, and the service cannot
    "quota_exceeded",
    "redirected",
    "host_not_allowed",  # within a private network, and not named by policy and setting
    "address_not_allowed",  # the host's name leads into a network that it may not
    "misconfigured",
    # of our own limits: nothing was called
    "budget_exhausted",
    "circuit_open",
    "deadline_passed",
]
# retry: again, while attempts and time last. item: only this content, go on. refusal: the same, and it is hostile more
# often than not. deployment: every content will meet it. limit: not called at all.
Kind = Literal["retry", "item", "refusal", "deployment", "limit"]


class Fault(Exception):
    """A call that brought no answer; the text is the reason alone, never what was sent or what came back."""

    def __init__(self, reason: Reason, kind: Kind, after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.kind: Kind = kind
        self.after = after  # seconds that the other side asks to be left alone
