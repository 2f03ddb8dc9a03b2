"""Phrases of fraud and advertising: what is asked for, what is promised, what is threatened, where it leads."""

from typing import Final

from streams.signals.person import words

CREDENTIALS: Final = (
    r"\b(?:enter|give|send|confirm|verify|provide|share|tell|submit|update|fill|type|need|needs|reply with|text|"
    r"input|validate|require|requires|hand over|read me|forward|with|supply|link|connect|insert|use)(?: (?:in|us|me|"
    r"your|ur|the|a|just|out|back|full|valid|bank|those|them|that|my|it|her|with|of|of your|all|wallet|for|and|or|"
    r"online|current|10|12|24|6|4|digit|login|credit|debit|billing|account|name|us with|"
    r"here)){0,6} (?:credit cards?|debit cards?|card (?:number|details|info|information|no)|cvv|cvc|pin(?: code|"
    r" number)?|passwords?|passcode|otp|(?:verification|security|login|digit|confirmation|sms|activation) code|ssn|"
    r"social security(?: number)?|bank (?:details|account|login|info|information|card)|account (?:number|no|details|"
    r"info|information|login)|login (?:details|info|credentials)|credentials|(?:seed|recovery|secret|backup|wallet|"
    r"24[ -]word|12[ -]word)(?: recovery)? (?:phrase|words|key|keys)|private keys?|seed ?phrase|billing (?:details|"
    r"information|info)|payment (?:details|information)|identity|card|wallet|date of birth)\b"
)
LURE: Final = words(
    r"(?:free|cash|claim|your|a|grand|big|the|special|exclusive|iphone|[0-9]+) (?:prizes?|rewards?|gift ?cards?|"
    r"vouchers?|bonus|iphone|ipad|crypto|bitcoin|btc|airdrop)",
    r"prizes?",
    r"(?:you(?:'ve| have|'re| are)?|u(?:'ve| have)?|has been|have been) (?:just |been |a |the |our |lucky )*(?:won|"
    r"winner|selected|chosen|awarded|lucky winner|approved)",
    r"claim (?:your|ur|it|now|the|this|a)",
    r"(?:lottery|jackpot|giveaway|sweepstakes?|inheritance|next of kin|beneficiary|unclaimed|airdrop)",
    r"(?:double|triple|multiply|10x) (?:your|ur) (?:money|bitcoin|btc|investment|crypto|income|eth)",
    r"(?:guaranteed|risk[- ]free|no risk|daily) (?:returns?|profits?|income|investment|approval|winner)",
    r"(?:free|easy|fast|quick|extra) (?:money|cash|bitcoin|crypto|gift)",
    r"(?:tax|pending|your) refund",
    r"congrat(?:s|ulations),? you",
    r"(?:earn|make) (?:up to |over )?(?:[$£€] ?)?[0-9][0-9,.]*k? ?(?:[$£€]|dollars|usd)? ?(?:a|per|every|/) ?(?:day|"
    r"week|hour|month)",
)
PRESSURE: Final = words(
    r"(?:account|card|package|parcel|delivery|payment|access|profile|wallet|subscription|"
    r"number)(?: [a-z]+){0,4} (?:suspended|locked|limited|blocked|restricted|disabled|deactivated|closed|on hold|"
    r"compromised|expired?|expires|deleted|terminated|frozen|declined|held)",
    r"(?:avoid|prevent) (?:account )?(?:suspension|closure|deactivation|termination|charges|penalt\w+|arrest|"
    r"legal action)",
    r"(?:unusual|suspicious|unauthori[sz]ed) (?:activity|login|sign[- ]?in|access|transaction)",
    r"(?:within|in the next) [0-9]+ ?(?:hours?|hrs?|minutes?)",
    r"(?:final|last) (?:notice|warning|reminder|chance|attempt)",
    r"act (?:now|fast|immediately)",
    r"(?:arrest warrant|legal action|will be arrested)",
    r"(?:urgent|immediately|asap)",
)
MONEY: Final = (
    r"[$£€₹] ?[0-9]|\b[0-9][0-9.,]* ?(?:k |million |thousand )?(?:dollars?|usd|bucks|pounds?|gbp|euros?|eur|btc|"
    r"bitcoins?|eth|usdt|rupees|naira|quid)\b"
    r"|\b(?:credit cards?|gift ?cards?|bitcoins?|crypto|wire transfer|western union|cash ?app|paypal|venmo|"
    r"moneygram|usdt|processing fee|transfer fee)\b"
)
LINK: Final = (
    r"\bhttps?\b|\bwww\.|\b[a-z0-9-]+\.(?:com|net|org|info|xyz|top|site|online|club|shop|live|icu|link|click|vip|"
    r"win|ru|cn|tk|ml|io|me|ly|gg|app|biz|co|uk)\b|\b(?:click|tap|follow) (?:here|the link|this link|on the link|"
    r"below|link)\b|\blink in (?:my )?bio\b"
)
# Every phrase above but money and links holds one of these: what holds none is not read for them.
TRIGGER: Final = (
    r"\b(?:card|cvv|cvc|pin|pass|otp|code|ssn|social|bank|account|login|cred|seed|phrase|words|key|private|billing|"
    r"payment|ident|wallet|date of|prize|reward|gift|voucher|bonus|iphone|ipad|crypto|bitcoin|btc|air|won|win|"
    r"select|chosen|award|lucky|approv|claim|lotter|jackpot|give|sweep|inherit|next of|benef|unclaim|double|triple|"
    r"multipl|10x|guarant|risk|no risk|daily|free|easy|fast|quick|extra|refund|tax|congrat|(?:earn|make) (?:up|over|"
    r"[$£€0-9])|package|parcel|deliver|access|profile|subscr|number|avoid|prevent|unusual|suspic|unauth|within|"
    r"in the next|final|last|act|arrest|legal|urgent|immed|asap)"
)
