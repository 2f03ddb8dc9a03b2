"""Phrases of sex: explicit words, advances, and words that say somebody is a minor."""

from typing import Final

from streams.signals.person import words

_ORGAN: Final = (
    r"(?:cocks?|dicks?|penis|pussy|pussies|vagina|cunt|tits|titties|boobs|boobies|clit|nipples?|balls|asshole|"
    r"arsehole|butthole|rectum|ass|butt|booty|breasts?|anus)"
)
EXPLICIT: Final = words(
    r"cocks?|dicks?|penis(?:es)?|puss(?:y|ies)|vaginas?|tits|titties|boobs|boobies|clit|clitoris|nipples|cum|"
    r"cumming|cumshot|jizz|blow ?jobs?|hand ?jobs?|hard ?on|boner|erection|orgasms?|masturbat\w+|jerk(?:ing)? off|"
    r"jack(?:ing)? off|wank(?:ing)?|deep ?throat\w*|gang ?bang\w*|threesome|anal sex|oral sex|cyber ?sex|porn\w*|"
    r"horny|nudes|dildo|vibrator|rim ?job|creampie|milf|fap(?:ping)?|doggy ?style|missionary position|bdsm|"
    r"sexual intercourse|erotic\w*|semen|butthole|rectum|hentai|fuck (?:me|her|him) (?:hard|harder|good|deep|all|in|"
    r"from|like|senseless)|make (?:me|you|her|him) (?:cum|moan|wet)|my (?:wet|throbbing|hard|big|huge) (?:cock|dick|"
    r"pussy|one)|(?:suck|lick|ride|eat)(?:ing|ed|s)? (?:my|your|his|her|on my|on your) (?:[a-z]+ )?(?:cock|dick|"
    r"pussy|balls|tits|nipples|toes|ass|clit|asshole)|moan(?:ed|ing|s)?|thrust(?:ing|ed|s)?|naked body"
)
ADVANCE: Final = (
    rf"\b(?:send|show|give|sent|post|trade|share|want|see)(?: me| us| to)? (?:(?:some|a|your|ur|more|of|you|hot|"
    rf"sexy|the|nice|pics?|pictures?|photos?|videos?|with|no|wet|naked|nude|that|an|little|hard|big|"
    rf"fat) )*(?:nudes?|naked|no clothes|underwear|panties|bra|feet pics|{_ORGAN}|body|blow ?job|sex)\b"
    r"|\b(?:(?:do|would|will|did|can|could) (?:you|u)|can (?:i|we)|could i|may i|let me|let'?s|i(?:'d)? (?:really |"
    r"so |just |even |still |also )*(?:want|wanna|would love|love|like|need|wish|wanto)|we should|wanna|want to|"
    r"come|i(?:'m| am) (?:going to|gonna)|i(?:'ll| will)|you will|i wish i could|i bet you|if you|u|you) (?:(?:to|"
    r"like|love|want|wanna|would|really|me|you|u|over|and|come|just|please|so|badly|go|could|see|watch|her|him|with|"
    r"even|hard|for|some) )*(?:have sex|fuck (?:me|you|u|her|him|with)|kiss (?:you|u|me|your)|sleep with (?:me|you|"
    r"u)|make love|bang (?:you|me|her|him)|hook ?up|suck (?:me|my|your|on|it|cock|dick)|lick (?:me|my|your|it|you)|"
    r"touch (?:you|me|your|my|yourself)|shag|get naked|make out|see you naked|spank (?:you|me|your)|ride (?:me|my)|"
    r"taste (?:you|your)|undress|strip|screw (?:me|you)|feel your|get laid|bend (?:you|over)|fuck ?(?:$|[?.!]))"
    r"|\btake (?:it|them|off|those|your|ur) (?:all )?(?:off|your clothes|ur clothes|your (?:shirt|top|bra|pants|"
    r"panties|dress)|clothes off)\b"
    r"|\bwhat (?:are|r) (?:you|u) wearing\b|\b(?:are|r) (?:you|u) (?:naked|horny|a virgin|wet|hard|turned on|"
    r"single and|sexy|hot)\b"
    r"|\b(?:sit|cum|come) (?:on|in) my (?:face|lap|dick|cock|mouth|bed)\b|\bin my bed\b|\b(?:your|ur) (?:sexy|hot|"
    r"naked|tight|cute little) (?:body|ass|butt|legs|lips|self|hole|little)\b|\b(?:sleep|have sex|cuddle|sext|"
    r"cyber) with me\b|\bbra size\b|\bsex with (?:you|u)\b"
    r"|\bhow big (?:is|are) (?:your|ur)\b|\b(?:you|u)(?:'re| are|r)? (?:so |such a |really |very |fucking |"
    r"a )*(?:sexy|hot|fuckable|tease|sexy bitch)\b"
    r"|\b(?:be|become) (?:my|your) (?:sex slave|lover|sugar (?:baby|daddy|mommy)|slut)\b|\bi(?:'m| am|"
    r"m) (?:so )?horny\b|\bfuck me ?(?:$|[.!?,])"
)
# Pictures that nobody may ask of a minor, or offer.
NUDES: Final = words(
    r"nudes?|naked (?:pics?|pictures?|photos?|selfies?|videos?)|(?:pics?|pictures?|photos?|videos?) (?:naked|nude|"
    r"topless)"
)
MINOR: Final = (
    r"\b(?:[1-9]|1[0-7]) ?-?(?:years?|yrs?|yr)[ -]?olds?\b|\b(?:[3-9]|1[0-7]) ?(?:yo|y/o|y\.o)\b"
    r"|\b(?:i'?m|i am|she'?s|she is|he'?s|he is|you'?re|you are|ur|is|age|aged|turned|turning|when (?:i|she|he) was|"
    r"only|even|be) (?:only |just |like |still )*(?:[5-9]|1[0-7])(?: ?[.,!?;)]+| (?:and|but|so|btw|lol|years?|yrs?|"
    r"f|m|female|male)\b| ?$)"
    r"|\bhow old [^.!]{0,30}\b(?:[5-9]|1[0-7])\b"
    r"|\b(?:six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)[ -]years?[ -]olds?\b"
    r"|\b(?:under ?age\w*|under (?:18|16|15|14)|pre-?teens?|tweens?|toddlers?|infants?|kindergart\w+|"
    r"middle school(?:er|ers)?|elementary school|grade school|(?:[1-9]|1[0-2])(?:st|nd|rd|th) grad(?:e|er|ers)|"
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth) grad(?:e|er|ers)|little (?:sister|"
    r"brother|girl|boy|cousin|niece|nephew)s?|school ?girls?|school ?boys?|jail ?bait|loli|lolicon|shota|"
    r"young (?:girl|boy|teen)s?|(?:a|an|the|my|your|her|his|with|of|small|little|young) (?:child|children|kid|kids)|"
    r"children|minors|a minor(?: ?[.,!?;)]+| ?$)|cp (?:links?|pics|vids?|videos?|trade|pack)|teenage (?:girl|"
    r"boy)s?)\b"
)
_CHILDREN: Final = (
    r"(?:kids?|child|children|minors?|little (?:girls?|boys?)|under ?age(?: \w+)?|pre-?teens?|toddlers?|infants?|"
    r"lolis?)"
)
_DEAL: Final = (
    r"(?:trad(?:e|ing)|sell(?:ing)?|buy(?:ing)?|got|have|send(?:ing)?|shar(?:e|ing)|want|wants|looking for|need|"
    r"dm (?:me )?for|post(?:ing)?|download(?:ing)?|any(?:one|body)? (?:got|have|has)|i (?:love|like|watch)|"
    r"swap(?:ping)?|collect(?:ing)?|offer(?:ing)?|paying for)"
)
# Offers and requests that can mean nothing else.
CHILD: Final = words(
    rf"{_DEAL} (?:(?:some|a|the|your|my|more|any|good|hot|new|free|pics?|vids?|videos?|links?|of|to|for|"
    rf"me) )*(?:cp (?:links?|pics?|vids?|videos?|pack|packs|folder)|child (?:porn\w*|nudes)|kiddie porn\w*|(?:loli|"
    rf"shota|preteen|pre-teen|underage|toddler|infant|kid) (?:porn\w*|nudes|sex|vids?|girls? (?:porn\w*|nudes)))",
    r"cp (?:links?|pics|vids?|videos?|packs?) (?:for sale|here|dm|in dm|available|trade|cheap)",
    rf"(?:nudes|naked pics?|naked pictures) of (?:(?:a|my|some|your|the|young|little) )*{_CHILDREN}",
    rf"(?:i(?:'d| would| really| also| secretly)* (?:like|love|enjoy|want|wanna|wish|need|had|have|"
    rf"fantasi[sz]e about|dream of)|looking for|anyone (?:want|into))(?: to)? (?:[a-z]+ ){{0,2}}sex with (?:(?:a|an|"
    rf"my|some|your|the|young|little|with) )*{_CHILDREN}",
    r"(?:pics?|pictures?|photos?|videos?|vids?) of (?:(?:some|your|hot|sexy|cute|real) )*(?:under ?age|pre-?teen|"
    r"jailbait|loli|shota)\w*",
    r"(?:pics?|pictures?|photos?|videos?|vids?) of (?:(?:my|a|an|the|her|his|some|your|our|these|cute|little|young|"
    r"hot) )*(?:(?:[1-9]|1[0-7]) ?-?(?:yo|years?[ -]olds?|yr[ -]olds?)|kids?|child|children|daughter|son|niece|"
    r"nephew|toddlers?|little girls?|little boys?|schoolgirls?)(?: [a-z]+){0,2} (?:naked|nude|topless|undressing|"
    r"masturbating)",
)
# Every phrase above holds one of these: what holds none is not read for them.
TRIGGER: Final = (
    r"\b(?:cock|dick|penis|puss|vagina|cunt|tit|boob|clit|nipple|ball|ass|arse|butt|rect|booty|breast|anus|cum|jizz|"
    r"blow ?job|hand ?job|hard|boner|erection|orgasm|masturbat|jerk|jack|wank|deep ?throat|gang ?bang|threesome|"
    r"anal|oral|cyber|porn|horny|nude|naked|dildo|vibrator|rim|creampie|milf|fap|doggy|missionary|bdsm|sex|erotic|"
    r"semen|hentai|fuck|make (?:me|you|her|him|love|out)|suck|lick|ride|riding|moan|thrust|kiss|sleep|bang|hook|"
    r"touch|shag|spank|tast|undress|strip|screw|feel your|laid|bend|take (?:it|them|off|those|your|ur)|wearing|"
    r"virgin|wet|turned|single|hot|my (?:face|lap|mouth|bed)|cuddle|bra\b|how big|my big|tease|lover|sugar|slut|"
    r"clothes|underwear|pant|feet|body|years?\b|yr|yo\b|y/o|[5-9]\b|1[0-7]\b|under ?age|under 1|pre-?teen|tween|"
    r"toddler|infant|kinder|middle school|element|grad|little|school|jail|loli|shota|young|child|kid|minor|cp|teen)|"
    r"[0-9]yo\b"
)
