"""Phrases that put somebody down: playful and serious insults, ridicule, small digs."""

from typing import Final

from streams.signals.person import VERY, YOU_ARE, words

_MILD: Final = (
    r"(?:nerds?|nerdy|dorks?|dorky|silly|noobs?|newbs?|goofs?|goofy|goofball|dummy|dummies|doofus|weirdos?|weird|"
    r"geeks?|dumbo|drama queen|crybaby|bozos?|goober|potato|knucklehead|dingus|dweeb|turkey|muppet|numpty|wally|"
    r"clumsy|slowpoke|lazybones|dinosaur|chicken|scrub|scrubs|sore loser|party pooper|cheater|brat|rascal|meanie|"
    r"clowns?|goose|boring|lame|annoying|nosy|grumpy|bossy|cheeky|monkey head|lousy|rude|wuss|softie|basic)"
)
_STRONG: Final = (
    r"(?:idiots?|idiotic|morons?|moronic|stupid|losers?|retards?|retarded|bitch(?:es)?|whores?|sluts?|cunts?|"
    r"assholes?|arseholes?|bastards?|dick ?heads?|scum|scumbags?|trash|garbage|worthless|pathetic|disgusting|ugly|"
    r"pigs?|dumb ?ass(?:es)?|dumb|mother ?fuckers?|pricks?|twats?|wankers?|imbeciles?|freaks?|cowards?|jerks?|"
    r"faggots?|fags?|fatso|fatty|dicks?|cocksuckers?|shit ?heads?|piece of shit|pieces of shit|shit|crap|vermin|"
    r"cockroach(?:es)?|subhuman|parasites?|degenerates?|creeps?|perverts?|psycho|skanks?|hoe|hoes|lowlifes?|"
    r"braindead|brain dead|brainless|useless|vile|repulsive|filth|filthy|a disgrace|disgrace|cow|rat|snake|hag|"
    r"tramp|bimbo|half-?wits?|cretins?|simpletons?|ignorant|ignoramus|nutjobs?|fool|fools|gimp|tease|hideous|pos|"
    r"sob|bastard|douche(?:bag)?s?|jackass(?:es)?|tosser|bellend|bugger)"
)
_END: Final = (
    r"(?: ?$| ?[.,!?;:)(]| (?:lol|lmao|and|haha\w*|xd|for|like|who|that|because|cause|if|when|just|go|i|you|u|"
    r"nobody|no|so|ever|a lot|at|with|about|but|though|tbh|af|bro|dude|man|http|[^ -~]))"
)

# Aimed at whoever is spoken to, friendly as they go.
INSULT_MILD: Final = (
    rf"\b{YOU_ARE} {VERY}{_MILD}\b|\bwhat (?:a|an) (?:little |big |total |complete )?{_MILD}\b"
    rf"|\b(?:hey|hi|hello|ok|okay|bye|oh|lol|haha|shut up|come on|you|u|ya|night|morning|yes|no|thanks) ,?(?:you |"
    rf"u |ya |little |big |silly )*(?:nerd|dork|silly|noob|goof|goofball|dummy|doofus|weirdo|geek|dumbo|clown|dweeb|"
    rf"dingus|numpty|muppet|goose){_END}"
    r"|\b(?:you|u) (?:really |all |guys |just |still |kinda )*(?:suck|stink|smell)\b(?: at| so| lol|$| ?[.!?,])"
)
# Aimed at whoever is spoken to, meant to hurt.
INSULT_STRONG: Final = (
    rf"\b{YOU_ARE} {VERY}{_STRONG}{_END}"
    rf"|\b(?:you|u|ya|yo|hey|listen|ok|okay|bye|stfu|shut up|die|goodbye|yes|no|thanks|whatever|screw you|fuck you|"
    rf"fuck off|oi|move|stupid|dumb|ugly|fat|lying|dirty) ,?(?:you |u |ya |fucking |stupid |dumb |ugly |little |"
    rf"fat |absolute |total |complete |filthy |dirty |worthless |lying |old |damn |goddamn |bloody |sick |"
    rf"shit )*(?:idiots?|morons?|losers?|retards?|bitch(?:es)?|whore|slut|cunts?|assholes?|arsehole|bastards?|"
    rf"dick ?head|scum|scumbag|dumb ?ass|mother ?fuckers?|prick|twat|wanker|imbecile|freaks?|coward|jerk|faggot|fag|"
    rf"shit ?head|piece of shit|pig|fuckers?|cow|skank|creep|pervert|fool){_END}"
    rf"|\bwhat (?:a|an) (?:[a-z]+ ){{0,3}}{_STRONG} (?:you|u)\b"
    r"|^(?:idiot|moron|loser|bitch|whore|slut|cunt|asshole|bastard|scum|motherfucker|imbecile|retard|"
    r"faggot) ?[.!?]*$"
    r"|\b(?:fuck|screw|damn) (?:you|u|ya|yourself|urself|off|your (?:mother|mom|family))\b|\bgo fuck yourself\b|"
    r"(?:^|[.!?,;] ?|\byou |\bjust |\bso )piss off\b|\bstfu\b"
    r"|\bshut (?:the (?:fuck|hell) up|your (?:fucking |stupid |dumb |ugly |big )*(?:mouth|face|trap))\b|"
    r"\beat shit\b|\bkiss my ass\b"
    r"|\bi (?:really |fucking |hate |just )*(?:hate|despise|loathe|detest) (?:you|u|your (?:guts|face))(?: ?$|"
    r" ?[.,!?;]| so| and| bitch| with| all| lol| haha)"
    r"|\b(?:you|u) (?:make me sick|disgust me|are beneath|are nothing|aren'?t worth)\b|"
    r"\bwhat the fuck is wrong with you\b"
)
# Shut out, or held up to scorn, before others.
RIDICULE: Final = (
    r"\b(?:nobody|no ?one|none of us|not one person|we don'?t|they don'?t|people don'?t|literally nobody|"
    r"who) (?:here |really |even |actually |ever |in (?:this|the|our) [a-z]+ |would |will |could |can |at [a-z]+ |"
    r"would ever |else )*(?:likes?|wants?|cares? (?:about|for)|loves?|needs?|respects?|invited|stand|stands|takes?|"
    r"miss|misses|date|believes) (?:you|u|ya|your opinion|your kind|someone like you|to hear from you|"
    r"to be (?:around|friends with|near) you|you (?:here|around|seriously))(?: ?$| ?[.,!?;:)]| (?:here|around|and|"
    r"so|anyway|lol|either|because|in|at|go|get|just|loser|bitch|seriously|you|haha\w*|anymore))"
    r"|\b(?:everyone|everybody|we|they|the whole [a-z]+|all of us|people) (?:all |here |in (?:this|the|our) [a-z]+ |"
    r"really |just |always |fucking )*(?:hates?|laugh(?:s|ing)?(?: at| about)|is laughing at|are laughing at|"
    r"can'?t stand|thinks? (?:you|u)(?: are|'re|r)|despises?|makes? fun of|is sick of|are (?:all )?sick of|"
    r"talks? about how|is tired of) (?:you|u|ugly|a (?:joke|loser|freak|creep)|stupid|weird|pathetic|annoying|gross|"
    r"disgusting|dumb|crazy|fat|how (?:ugly|stupid|fat|annoying|weird) you)\b"
    rf"|\b{YOU_ARE} {VERY}(?:joke|embarrassment|a nobody|nothing|waste of (?:space|time|air|oxygen|skin|life)|"
    rf"mistake|burden|failure|laughing ?stock|"
    r"not (?:wanted|welcome)(?: here)?|unwanted|unlovable|embarrassing(?: yourself)?|a disappointment|"
    r"disappointment)(?: to everyone| to us| to your family| here)?(?: ?$| ?[.,!?;:)]| (?:and|go|to|lol|here|just|"
    r"everyone|nobody))"
    r"|\b(?:you|u) (?:(?:really|still|clearly|obviously|will|'ll|literally|just) )*(?:have|got|'ve got|have got|"
    r"ain't got|don'?t have any|will never have|will die with) (?:no |any |zero )?(?:friends|life)(?: ?$|"
    r" ?[.,!?;:)]| (?:and|go|lol|because|here|at all|anyway))"
    r"|\b(?:you|u) (?:don'?t|dont|do not) belong (?:here|with us|in this|among)\b|\bgo back to (?:your (?:cave|hole|"
    r"country)|where you (?:came|come) from)\b"
    r"|\bget lost,? (?:loser|nobody|you|freak|weirdo)\b|\bno wonder (?:you(?:'re| are| have)?|your|nobody|no one|"
    r"everyone|he|she|they) (?:no|so|all|always|a|likes?|loves?|left|dumped|hates?|alone|single|single|friends?|"
    r"have)\b|\b(?:we|i) (?:all )?(?:voted|want|wanted) you (?:out|gone)\b"
    r"|\blook at (?:you|this (?:loser|freak|idiot|clown|fat [a-z]+)),? (?:so |how |everyone|lol|haha\w*|you)|"
    r"\b(?:everyone|everybody) look at (?:this|her|his|the) (?:ugly|fat|stupid|loser|freak|weird)\w*\b|"
    r"\byou should be ashamed of (?:your (?:face|body|self)|yourself|how you look)\b"
    r"|\byour? (?:face|body|teeth|hair|nose|voice) (?:is|are|looks?) (?:so |really |fucking |like )*(?:ugly|"
    r"disgusting|gross|hideous|a joke|shit|trash|garbage|a pig)"
)
DISMISSAL: Final = (
    r"(?:^|[.!?,;:] ?)(?:please |just )?(?:go away|get lost|get out of here|leave us alone|shut up|be quiet|"
    r"buzz off|beat it)\b"
    r"|\byou(?:'re| are) not (?:wanted|welcome|invited)\b"
)
# Small on its own; what counts is that it is done again and again.
DIG: Final = words(
    r"nice of you to (?:finally |at last |even )?(?:show up|join|reply|answer|bother|notice|care|turn up|come|help|"
    r"remember)",
    r"(?:did|do|can|could|have) (?:you|u) (?:even|ever) (?:read|try|think|listen|know|look|check|bother|understand|"
    r"care|been|tried|learn|played|lift|open)",
    r"(?:(?:so|very|how) )?typical(?: you| of you)?(?: ?$| ?[.!,])",
    r"(?:nobody|no ?one) (?:asked|was talking to you|was asking you|needs your)(?: you| for your| for)?",
    r"who (?:even )?asked(?: you| for)?",
    r"maybe (?:you should )?(?:just )?(?:think|try|read|listen|learn|check|look|stop|google|start|"
    r"next time)(?: [a-z]+){0,3} (?:before|first|next|for once|it|harder|more|post|posting|talking|it out|again|you|"
    r"time)",
    r"(?:as|like) (?:usual|always|ever),? (?:you|with you|late|wrong|from you)",
    r"here (?:you|we) go again",
    r"of course you (?:would|did|do|are|didn'?t|don'?t|can'?t|couldn'?t|think|forgot|missed)",
    r"(?:not|hardly|i'm not|no one is) surprised(?: you| coming from| it's you)?",
    r"bless your (?:little )?heart",
    r"(?:you )?(?:wouldn'?t|don'?t|won'?t|can'?t|couldn'?t) (?:understand|know|get it|even)(?: anyway| anything|"
    r" the| that| this| if)?",
    r"(?:cry|cope|keep crying|stay mad|touch grass|get a life|grow up|get over (?:it|yourself)|cry about it|"
    r"cope harder|skill issue)",
    r"imagine (?:being|thinking|believing|needing) (?:you|that|this|so|like)",
    r"no offen[cs]e,? but",
    r"(?:even (?:a|my) (?:child|kid|toddler|dog|grandma|grandmother|five year old|5 year old|monkey|bot)|a (?:child|"
    r"toddler|monkey) (?:could|can))",
    r"(?:how hard (?:is|can) it|was that (?:so|really) hard)",
    r"(?:congrats|congratulations|well done|good job|great job|bravo|wow) (?:on |for )?(?:finally|reading|figuring|"
    r"managing|noticing|genius|einstein|captain|sherlock)",
    r"not (?:everyone|all of us|everybody) (?:is|are|has|have) (?:as )?(?:slow|lazy|that|so|time)",
    r"(?:someone|somebody)(?:'s| is) (?:sensitive|upset|mad|grumpy|slow|jealous|bitter|salty)(?: today)?",
    r"keep telling yourself",
    r"(?:we all|everyone|everybody) (?:know|knows|saw|sees|noticed) (?:what you|how you|you|why you|that you)",
    r"oh (?:great|look|no|good|wonderful|joy),? (?:it'?s )?(?:you|him|her) (?:again)",
    r"(?:look who|you again|still you|not you again)(?:'s| is)?(?: finally| here| back)?",
    r"(?:learn to|try) (?:read|spell|write|type|count|reading|spelling|thinking|google|harder)",
    r"(?:trying|try) too hard",
    r"(?:you )?clearly (?:didn'?t|don'?t|haven'?t|can'?t|never|have no)",
    r"(?:you|u) (?:always|never) (?:get|have|miss|say|mess|screw|forget|ruin|understand|listen|"
    r"do)(?: [a-z]+){0,3} (?:wrong|this|it|everything|up|late|excuses?|point)",
    r"whatever you say",
    r"(?:another|one more) (?:brilliant|genius|great|dumb|bad|useless) (?:idea|take|comment|opinion|post|"
    r"question)(?: from you| of yours)?",
    r"coming from you",
    r"is that (?:really )?(?:the best you|all you)(?: can|'ve| have)?",
    r"(?:must be|sounds) (?:hard|exhausting|tough|sad) (?:being|to be) (?:you|that|so)",
    r"(?:what|such) a (?:surprise|shock|shame)",
    r"(?:you )?(?:had|have) one job",
    r"(?:something|anything|it|that|one thing|job|effort) (?:right|useful|good)? ?for once",
    r"are (?:you|u) always (?:this|so|that|like this)",
    r"use your (?:brain|head|eyes|words)",
    r"(?:not that|as if|like) (?:you|u) (?:would|could|can|will|ever|know|care|understand)(?: know| understand|"
    r" care| help| do)?",
    r"oh look,? (?:it|he|she|who|the|mr|miss)",
    r"good luck with that",
    r"(?:try to|can'?t you|can you) keep up",
    r"(?:fine|better|great|happy|quiet) (?:here )?(?:before|until|without) you(?: joined| came| showed up|"
    r" got here)?",
    r"some of us (?:actually|have|do|can|are|work|read)",
    r"(?:that'?s|how|so) (?:cute|adorable|sweet|precious)(?: that)? you(?:'re| think| believe| tried)",
    r"(?:wasn'?t|isn'?t|weren'?t|not) (?:talking|speaking) to you",
    r"(?:did|does|is) your (?:mom|mommy|mother|dad|daddy|mama)",
    r"must be nice to (?:have no|be so|not|never)",
    r"even (?:from|for|by) you",
    r"from you of all people",
    r"thanks for nothing",
    r"(?:do|did) we (?:really )?(?:need|have) to (?:explain|hear|listen|wait)(?: [a-z]+){0,3} (?:you|again)",
)
# Coarse words, whomever they are meant for.
COARSE: Final = (
    r"\b(?:fuck\w*|motherfuck\w*|mother fucker\w*|shit\w*|bullshit|bitch\w*|cunts?|whores?|sluts?|assholes?|"
    r"arseholes?|bastards?|dick ?heads?|pricks?|twats?|wankers?|faggots?|fags?|niggers?|niggas?|kikes?|spics?|"
    r"chinks?|trann(?:y|ies)|retards?|retarded|dykes?|cocksuckers?|scum\w*|piss\w*)\b"
)
