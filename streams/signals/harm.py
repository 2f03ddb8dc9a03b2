"""Phrases of violence: threats, wishes, attacks on places and crowds, and talk of kills."""

from typing import Final

from streams.signals.person import ADVERBS, MEANS_TO, WHOM, YOU_ARE, words

# Deeds that are violent whomever they are done to.
_DEED: Final = (
    r"(?:kill|murder|stab|strangle|slaughter|butcher|behead|lynch|rape|punch|slap|shoot|execute|assassinate|torture|"
    r"drown|choke|throttle|skin|gut|shank|maim|cripple|hurt|injure|batter|bash|smack|smash|whip|decapitate|"
    r"disembowel|dismember|kneecap|hang|poison|run over|beat up|mess up|fuck up|end|waste|jump|harm|attack|unalive|"
    r"scalp|bury)"
)
_PART: Final = (
    r"(?:face|head|skull|neck|throat|teeth|jaw|nose|legs?|arms?|knees?|kneecaps|bones?|fingers?|ribs|ass|arse|eyes?|"
    r"brains?|guts?|back|heart|tongue|stomach|spine|hands?|chest)"
)
_WHOSE: Final = r"(?:your|ur|his|her|their|that bitch'?s)"

THREAT: Final = (
    rf"\b{MEANS_TO} (?:(?:[a-z']+ ){{1,6}}and (?:then )?)?{ADVERBS}(?:cut (?:you|u|him|her)(?: up| open)? ?(?:$|"
    rf"[.!?,])|{_DEED} (?:the (?:shit|hell|life|fuck|crap) out of )?{WHOM}\b|(?:break|smash|cut(?: off)?|slit|kick|"
    rf"crush|rip(?: off| out)?|tear(?: off| out)?|knock(?: out)?|bash|snap|crack|cave(?: in)?|blow(?: off| out)?|"
    rf"punch|beat|stomp(?: on)?|gouge(?: out)?|split|wring|twist|shoot|stab|whoop|"
    rf"whip) (?:in )?(?:both )?(?:of )?{_WHOSE} (?:fucking |goddamn |damn |stupid |ugly |fat |little |"
    rf"pretty )*{_PART}\b|(?:beat|kick|smack|knock|slap|kill|stomp|choke) the (?:living )?(?:shit|hell|life|fuck|"
    rf"crap|daylights)(?: right)? out of {WHOM}\b|(?:beat|hit|knock|kick|strike) {WHOM} (?:up|to death|to a pulp|"
    rf"out cold|senseless|unconscious|with (?:a|my)|in (?:the|your|his|her) {_PART}|so hard|until|till)\b|(?:burn|"
    rf"blow up|torch|set fire to|firebomb|shoot up|bomb|destroy) {_WHOSE} (?:fucking |whole |entire )*(?:house|home|"
    rf"car|place|family|office|shop|store|church|apartment)\b|(?:burn|set) {WHOM} (?:alive|on fire)\b|put (?:a|one|"
    rf"some|two|three) (?:bullets?|knife|hole|holes) (?:in|into|through)\b|(?:take|track|hunt) {WHOM} (?:down|"
    rf"out)(?: for good| like)\b|make (?:sure )?{WHOM} (?:bleed|suffer|scream in pain|wish you were dead|die|"
    rf"disappear forever))"
    rf"|\bi (?:will|'ll|am going to|'m gonna|'m going to) (?:have|get|send) (?:you|him|her) (?:killed|shot|beaten|"
    rf"hurt|murdered)\b"
    rf"|\b(?:you(?:'re| are|re)?|u|ur) (?:all )?(?:going to|gonna|gon|will|about to) (?:(?:all|be|get) )*(?:shot|"
    rf"stabbed|killed|murdered|raped|beaten|hurt|bleed|die tonight|die tomorrow|die for this|die today|die soon)\b"
    rf"|\bprepare to die\b|\b(?:hands over|money),? or (?:i'll|i will|you) (?:shoot|die|kill|stab)\b"
)
# Nothing is named, yet something is meant.
MENACE: Final = words(
    r"watch your back",
    r"(?:sleep|better sleep) with one eye open",
    r"(?:i|we) know where (?:you|u) (?:live|work|sleep|are)",
    r"(?:i|we)(?:'ll| will|'m going to| am going to| 'm gonna|'m gonna) (?:find|get|come for|hunt|track|end|ruin|"
    r"destroy) (?:you|u)(?: down)?(?: for this|,? bitch| one day| wherever)",
    r"(?:i'm|im|i am|we're|we are) (?:coming|out) (?:for|to get) (?:you|u|your family|your kids)",
    r"you(?:'re| are|re| r)? (?:so |a )?dead (?:man|meat|to us|if|when|after|once|tomorrow|tonight)",
    r"you(?:'re| are) dead ?(?:$|[!.])",
    r"you(?:'ll| will|'re going to|'re gonna| are going to) (?:regret|pay for) (?:this|that|what|it|ever|crossing)",
    r"your days are numbered",
    r"you won'?t (?:live|survive|make it out|see) (?:to|the|another|long|this|alive|tomorrow)",
    r"(?:you )?better (?:run|hide|pray|watch (?:out|your))",
    r"say goodbye to your (?:family|kids|life|legs|teeth)",
    r"(?:i|we)(?:'ll| will) be waiting (?:for you )?(?:outside|at your)",
    r"(?:snitches get stitches|catch these hands|you(?:'re| are) next on)",
    r"(?:accidents|bad things|something bad) (?:will|can|could|might|may) happen(?: to (?:you|your))",
)
# Death and suffering wished for.
_ILL: Final = (
    r"(?:die|dies|dead|suffer|rot|burn|choke|bleed out|drown|hang|perish|(?:be|get|gets|are|is) (?:[a-z]+ )?(?:shot|"
    r"killed|hanged|hung|stabbed|raped|murdered|lynched|executed|beaten|gassed|burned|burnt|slaughtered|"
    r"exterminated|hit by|run over|cancer|aids|covid|put down|put to death|wiped out)|have been (?:aborted|shot|"
    r"drowned|killed)|not be alive|not exist|catch (?:cancer|aids)|never wake up|crash and)"
)
WISH: Final = (
    rf"\b(?:i|we) (?:really |honestly |just |sincerely |fucking )*(?:hope|wish|pray|want|"
    rf"would love) (?:that )?(?:you|u|he|she|they|your [a-z]+|all of you|all of them|these [a-z]+|"
    rf"those [a-z]+)(?: all| both| guys| and your family)?(?: would| will| to| could| just| were| was)* {_ILL}\b"
    rf"|\bhope (?:you|u|they|he|she) (?:all |just |fucking |and your family )*{_ILL}\b"
    rf"|\b(?:you|u|they|he|she|all [a-z]+|all (?:of )?(?:them|the|you|those|these)(?: [a-z]+)?|these [a-z]+|"
    rf"those [a-z]+|the [a-z]+s|every [a-z]+|people like you) (?:all |really |just |both )*(?:should|deserves? to|"
    rf"need to|needs to|ought to|must|have to|can go|can all go) (?:all |just |fucking |really |go )*{_ILL}\b"
    rf"|(?:^|[.!?,;:] ?|\bjust |\bplease |\bso |\bgo )(?:die|rot|burn|choke|suffer),? (?:you|u|bitch|all of you|"
    rf"already)\b"
    rf"|\b(?:die|rot|burn|choke|suffer) (?:(?:in (?:a|the) )?(?:fire|car crash|hell|prison|pain)|slowly|already|"
    rf"in hell|like a dog)"
    rf"|\bdrop dead\b|\bgo (?:and |fucking |to )?die\b|\bi want (?:you|him|her|them) dead\b|\bwhy (?:don't|dont|"
    rf"won't) you (?:just |all )*die\b|\bworld (?:would|will|'d) be (?:so much |much |a )?better (?:off |"
    rf"place )*(?:without|if) you\b"
    rf"|\b(?:no ?one|nobody) (?:would|will|'d) (?:even )?(?:miss|mourn|cry for) you\b"
    rf"|\b{YOU_ARE} better (?:off )?dead\b"
    rf"|^(?:just )?die,? [a-z]+ ?[.!]*$|\bdeath to (?:all|the|you)\b"
)
# Somebody is told to do it.
_KILL_YOURSELF: Final = (
    r"(?:kill (?:yourself|your ?self|ur ?self|urself|yourselves|yo self)|kys|hang yourself|shoot yourself|"
    r"neck yourself|end yourself|slit your (?:own )?(?:wrists?|throat)|drink (?:some )?bleach|off yourself|"
    r"end your (?:own )?life|unalive yourself|cut yourself|jump off (?:a|the) (?:bridge|cliff|building|roof)|"
    r"jump in front of (?:a|the) (?:train|bus|car)|commit suicide|eat a bullet|blow your brains out)"
)
URGING: Final = (
    rf"\b(?:go|just|please|pls|should|better|now|(?:need|have|got|ought|deserve|want you|like you) to|gonna|then|"
    rf"hope you|you|u|so|or|lol|bitch|loser|idiot|why don'?t you|do us (?:all )?a favou?r and|"
    rf"do everyone a favou?r and|do the world a favou?r and) {_KILL_YOURSELF}\b"
    rf"|(?:^|[.!?,;:\"] ?){_KILL_YOURSELF}\b"
)
_PLACE: Final = (
    r"(?:school|schools|mosque|mosques|church|churches|synagogue|synagogues|temple|mall|airport|station|stadium|"
    r"concert|parade|embassy|hospital|parliament|capitol|white house|crowd|crowds|market|festival|train|trains|"
    r"subway|metro|university|campus|college|courthouse|pride|marathon|city|nightclub|club|cinema|theater|theatre|"
    r"plane|planes|airplane|power plant|bridge|congress|kindergarten|polling (?:place|station)|office|building|"
    r"workplace|classroom|walmart)"
)
ATTACK: Final = (
    rf"\b{MEANS_TO} {ADVERBS}(?:shoot up|blow up|bomb|massacre|burn down|open fire (?:on|at|in|inside)|gun down|"
    rf"detonate (?:[a-z]+ ){{1,4}}(?:in|at|inside|near)|(?:plant|leave|set off) a bomb (?:in|at|under|on|inside|"
    rf"near)|drive (?:[a-z]+ ){{1,3}}into|set fire to|kill (?:everyone|everybody|as many(?: [a-z]+){{0,4}} as (?:i|"
    rf"we) can|all of them) (?:in|at|inside)) (?:(?:a|an|the|that|this|my|our|your|some|whole|entire|local|his|"
    rf"their|packed|crowded|high|middle|elementary|primary|train|bus|metro|police|power|shopping|jewish|gay|muslim|"
    rf"christian|black|federal|government|of|people|in|at|one) )*{_PLACE}\b"
    rf"|\b{MEANS_TO} {ADVERBS}(?:attack|storm) (?:(?:a|an|the|that|this|my|our|your|some|whole|local|his|their|"
    rf"crowded|jewish|muslim|christian|black|gay|high|elementary|primary) )*(?:schools?|mosques?|church|churches|"
    rf"synagogues?|temple|airport|concert|parade|embassy|hospital|parliament|capitol|crowd|festival|kindergarten|"
    rf"pride|nightclub)\b"
    rf"|\bthere(?: is|'s|s| are) (?:a )?bombs? (?:planted )?(?:in|at|under|inside|on) (?:the|this|your|our|"
    rf"a) (?:[a-z]+ )?{_PLACE}\b"
    rf"|\b(?:i|we)(?:'ve| have)? (?:planted|placed|hidden|hid|put) (?:a|the|several|two|"
    rf"three) (?:[a-z]+ )?(?:bombs?|explosives?)\b"
    rf"|\b(?:join|joining|fight for|pledge(?:d)? (?:my )?allegiance to|support|recruiting for|"
    rf"donate to) (?:the )?(?:isis|isil|daesh|al[ -]?qa?eda|islamic state|boko haram|atomwaffen|the caliphate)\b"
    rf"|\bjoin (?:our|the) (?:jihad|holy war|race war|caliphate)\b"
    rf"|\b(?:how (?:to|do i|can i)|teach you (?:how )?to|guide to|instructions (?:to|for|on how to|on)|steps to|"
    rf"recipe (?:to|for)) (?:make|build|making|building|construct) (?:a |an )?(?:pipe |nail |dirty |car |"
    rf"fertilizer |homemade )*(?:bombs?|explosives|explosive vest|ied|suicide vest|nerve gas|ricin|sarin)\b"
    rf"|\b(?:mass shooting|massacre|suicide bombing|terror(?:ist)? attack) (?:tomorrow|tonight|today|at noon|"
    rf"this (?:week|friday|monday))\b"
)
# Nothing among gamers, severe alone.
KILLS: Final = (
    r"\b(?:get|getting|got|need|want|some|more|rack(?:ing)? up|few|many|lots of|for|easy|my|first|free) (?:(?:some|"
    r"a|few|more|easy|the|lot|of|free|quick|good|serious|fresh) )*kills\b"
    rf"|\b{MEANS_TO} {ADVERBS}(?:kill|murder|slaughter|shoot|hunt|execute|stab)(?: down)? (?:(?:a|some|many|as|few|"
    rf"these|those|those|more|"
    r"the|all|bunch|of|innocent|random) )*(?:people|someone|somebody|anyone|anybody|everyone|everybody|them all|"
    r"you all|humans|men|women|enemies|strangers|cops|children|kids|noobs|bitches|fools)\b"
    r"|\b(?:on a|go(?:ing)? on a|my|the) (?:killing spree|murder spree|shooting spree|rampage)\b"
    r"|\b(?:everyone|everybody|you all|they all|all of you|all of them) (?:must|will|is going to|are going to|gonna|"
    r"is gonna|should) die\b"
    r"|\b(?:out|thirst\w*|hungry|ready) for blood\b"
)
# Not on a screen: where somebody lives, whom they love.
REAL: Final = words(
    r"irl",
    r"(?:in|for) real life",
    r"(?:in|at|to|outside|near) (?:your|ur|his|her|their) (?:house|home|door|address|apartment|school|work|job|"
    r"workplace|street)",
    r"where (?:you|u|he|she|they) (?:live|lives|work|works|sleep|sleeps)",
    r"(?:your|ur) (?:home )?(?:address|street|family|kids|children|daughter|son)",
    r"(?:my|your) real name",
    r"(?:doxx?|doxxed|swatt?|swatted|swatting)",
    r"[0-9]{1,5} [a-z]+ (?:street|st|road|rd|avenue|ave|lane|drive|blvd)",
    r"(?:bring|got|have|buy|bought) (?:a|my|the) (?:gun|knife|rifle|glock) (?:to|and)",
)
# Asked whether somebody means to harm others.
ASKS_HARM: Final = (
    rf"\b(?:are|r|will|do|would) (?:you|u) (?:really |actually |seriously )*(?:going to|gonna|planning to|want to|"
    rf"wanna|about to)? ?(?:really |actually )?(?:{_DEED}|beat|blow up|shoot up|bomb) (?:him|her|them|me|us|people|"
    rf"someone|somebody|everyone|that|the|your|up)\b"
)
# Every phrase above holds one of these: what holds none is not read for them.
TRIGGER: Final = (
    r"\b(?:kill|murder|stab|strang|slaughter|butcher|behead|lynch|rap|punch|slap|shoot|shot|execut|assassin|tortur|"
    r"drown|chok|throttl|skin|gut|shank|maim|crippl|hurt|injur|batter|bash|smack|smash|whip|decapitat|disembowel|"
    r"dismember|kneecap|hang|hung|poison|run over|beat|mess up|fuck up|end|wast|jump|harm|attack|unaliv|scalp|"
    r"bur[ynin]|break|cut|slit|kick|crush|rip|tear|knock|snap|crack|cave|blow|stomp|goug|split|wring|twist|whoop|"
    r"hit |strike|torch|set fire|set (?:you|him|her|them|off)|firebomb|bomb|destroy|bullet|put (?:a|one|some|two|"
    r"three) |track|hunt|bleed|suffer|die|dead|death|watch|one eye|know where|find (?:you|u)|get (?:you|u)|come for|"
    r"coming for|ruin|out (?:for|to)|regret|pay for|number|won'?t|better|goodbye|waiting|snitch|catch|next on|"
    r"happen|rot|perish|cancer|aids|covid|gassed|exterminat|put down|wiped|abort|exist|wake up|crash|world|miss|"
    r"mourn|cry for|kys|neck|bleach|off yourself|suicid|brains|massacre|gun|open fire|detonat|plant|drive|storm|"
    r"explosi|join|jihad|fight for|pledg|support|recruit|donate|ied|vest|gas|ricin|sarin|terror|rampage|spree|blood|"
    r"irl|real (?:life|name)|doxx?|swatt?|slic)"
)
