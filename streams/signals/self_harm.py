"""Phrases of self-harm: intent in the first person, despair, questions, and talk of the past, of recovery, of help."""

from typing import Final

from streams.signals.person import words

_END: Final = (
    r"(?:kill(?:ing)? my ?self|end(?:ing)? (?:it all|my (?:own )?life|it tonight|it now|it all tonight|"
    r"everything tonight|it once and for all|myself)|hang(?:ing)? myself|shoot(?:ing)? myself|drown(?:ing)? myself|"
    r"hurt(?:ing)? myself|cut(?:ting)? (?:myself|my wrists?)|slit(?:ting)? my (?:own )?wrists?|tak(?:e|"
    r"ing) my (?:own )?life|commit(?:ting)? suicide|overdos(?:e|ing)|jump(?:ing)? (?:off|from|in front of)(?: (?:a|"
    r"the|this|my))? (?:[a-z]+ )?(?:bridge|roof|building|balcony|train|cliff|window)|(?:swallow(?:ing)?|tak(?:e|"
    r"ing)) (?:all (?:of )?|every one of )(?:the|these|my|those) (?:[a-z]+ )?(?:pills|meds|tablets)|unaliv(?:e|"
    r"ing) myself|burn(?:ing)? myself|starv(?:e|ing) myself|kms|off(?:ing)? myself|self[ -]?harm(?:ing)?|"
    r"blow(?:ing)? my brains out)"
)
_SO: Final = (
    r"(?:(?:really|just|actually|seriously|literally|so|honestly|still|only|truly|finally|probably|definitely|badly|"
    r"constantly|always|fucking|also|now) )*"
)
INTENT: Final = (
    rf"\bi {_SO}(?:want|wanna|need|plan|intend|have decided|decided|am ready|have|mean|long|feel like|have a plan|"
    rf"have plans|made a plan)(?: to)? {_SO}(?:{_END}|die(?: tonight| now| today| so bad| so badly| anymore)?|"
    rf"be dead|not be (?:here|alive)|never wake up|not wake up|not exist|disappear forever|stop existing)(?: ?(?:$|"
    rf"[.,!?;:)]|and|but|because|bc|cause|so|please|i|every|all|right|tonight|tomorrow|today|now|anymore|soon|this|"
    rf"by|with|or|again|when|since|after|more|alone))"
    rf"|\bi(?:'m|m| am|'ll| will|ll|'ve been| have been)? {_SO}(?:going to|gonna|gunna|about to|gon|will|might|may|"
    rf"planning to|planning on|thinking (?:about|of)|considering|ready to|tempted to|contemplating|want to|wanna|"
    rf"need to) {_SO}{_END}\b"
    rf"|\bi(?:'ll| will|ll) {_SO}(?:be (?:dead|gone) (?:by|tomorrow|soon|tonight|forever|before|in the morning)|"
    rf"{_END})\b"
    rf"|\b(?:gonna|going to) {_SO}{_END}\b"
    r"|\bgoing to end it(?: all| tonight| now| today| soon)? ?(?:$|[.,!?;])|\bi(?:'m| am|m) ending it(?: all|"
    r" tonight| now| today)? ?(?:$|[.,!?;])"
    r"|\bi (?:can'?t|cannot|can not|dont want to|don't want to|do not want to) (?:go on(?: (?:living|like this|"
    r"anymore|any more|any longer|without (?:him|her|you)))*|live (?:like this )?(?:anymore|any ?more|any longer)|"
    r"keep living|live|be alive|exist|be here|wake up|be alive|exist)(?: (?:anymore|any ?more|any longer))? ?(?:$|"
    r"[.!?,;])"
    r"|\bi (?:just |already |have )?(?:took|swallowed|downed|taken) (?:(?:a|the|my|of|these|those) )*(?:all|whole|"
    r"entire|bottle|every|too many|bunch|handful|[0-9]{2,3}) (?:(?:of|the|my|bottle|those|these|one|mom's|"
    r"sleeping) )*(?:pills|meds|tablets|medication|paracetamol|tylenol|xanax|ibuprofen|antidepressants)\b"
    r"|(?:^|[.!?,] ?|\bi'?m |\bi am )(?:cutting|hurting|burning) myself (?:right now|again|tonight|now|as i)\b"
    r"|\bi(?:'m| am|m) (?:standing |sitting )?(?:on|at) (?:the|a) (?:ledge|edge of (?:the|a|this) (?:roof|bridge|"
    r"building|cliff))\b"
    r"|\bi(?:'m| am|m) (?:feeling |really |so |actively |very )*suicidal\b"
    r"|\b(?:my|a|this is my|writing my) suicide (?:note|letter|plan)\b"
    r"|\b(?:by the time you read this|if you(?:'re| are) reading this)[, ]+(?:i|i'll|i will|it)(?:'ll| will|"
    r"'m)? (?:(?:be|am|is|too|already) )*(?:dead|gone|late)\b"
    r"|\bi have (?:the|a|my) (?:gun|rope|noose|pills|knife|razor|blade) (?:ready|in my hand|right here|next to me|"
    r"on my lap|with me and)\b"
)
DESPAIR: Final = words(
    r"this is my (?:last|final) (?:message|post|night|goodbye|words|tweet)",
    r"goodbye (?:cruel )?world",
    r"i (?:can'?t|cannot|can not) (?:take|handle|do|bear|stand) (?:it|this|life) (?:anymore|any ?more|any longer)",
    r"(?:no|any) (?:reason|point)(?: for me)? (?:to|in) (?:live|living|going on|go on)",
    r"i (?:wish|wished) i (?:was|were) (?:dead|never born|not alive)",
    r"i wish i (?:had never been|was never|were never|hadn't been) born",
    r"(?:i'?m|i am|i'?d be|i would be) better off dead",
    r"(?:everyone|everybody|they|you|the world|my family)(?:'d| would|'ll| will)? (?:all )?(?:be|is|"
    r"are)? ?better off without me",
    r"(?:nobody|no one|noone) (?:would|will|'d) (?:even )?(?:miss|notice|care)(?: (?:me|if i))",
    r"(?:i|i've|i have) (?:lost|given up|gave up)(?: all)?(?: on)? (?:hope|life|living)",
    r"life (?:is not|isn'?t|isnt) worth (?:living|it)",
    r"i hate (?:my life|being alive|myself)(?: so much)?",
    r"i (?:don'?t|dont|do not) want to (?:be here|exist|live|be alive)",
    r"i (?:cut|burned|burnt|hurt) myself (?:again|tonight|today|last night|every)",
    r"i want (?:it|everything|the pain) to (?:end|stop|be over)",
    r"i(?:'m| am|m) (?:done|so done|finished) with (?:life|living|everything)",
)
_YOU_END: Final = (
    r"(?:kill(?:ing)? (?:yourself|urself|your self)|end(?:ing)? (?:it all|it|your (?:own )?life)|"
    r"hurt(?:ing)? (?:yourself|urself)|harm(?:ing)? (?:yourself|urself)|cut(?:ting)? (?:yourself|urself)|"
    r"commit(?:ting)? suicide|tak(?:e|ing) your (?:own )?life|hang(?:ing)? yourself|overdos(?:e|ing)|die|dying|"
    r"suicide|jump(?:ing)?|self[ -]?harm(?:ing)?|tak(?:e|ing) (?:all )?(?:the|those|your) pills)"
)
ASKS_INTENT: Final = (
    rf"\b(?:are|r) (?:you|u) (?:(?:really|actually|seriously|still|planning|going|gonna|thinking|to|about|on|of|"
    rf"considering|feeling|gon|tempted|ok or|trying|wanting) )*(?:{_YOU_END}|suicidal)\b"
    rf"|\b(?:do|have|will) (?:you|u) (?:(?:really|actually|still|want|wanna|to|been|think|thinking|plan|planning|"
    rf"about|of|have|a plan|going|feel|thoughts) )*(?:{_YOU_END}|suicidal)\b"
    r"|\bdid you (?:take|swallow) (?:(?:all|the|those|any|your|of) )*(?:pills|meds|tablets)\b"
    r"|\b(?:you(?:'re| are)|u r) (?:not )?(?:going to|gonna|thinking of|thinking about) (?:kill(?:ing)? yourself|"
    r"hurt(?:ing)? yourself|do(?:ing)? something stupid)[^.!?]{0,40}\?"
)
# Long ago, got over, or said by who helps.
RECOVERY: Final = words(
    r"(?:i|we) used to (?:[a-z]+ ){0,3}(?:cut|self[ -]?harm|die|hurt|kill|be suicidal|be depressed|starve)",
    r"(?:suicide|self[ -]?harm) (?:prevention|hotline|helpline|awareness|survivors?|lifeline|rates?|statistics|"
    r"support)",
    r"(?:in|my|of|through|for) recovery",
    r"(?:recovered|recovering) from",
    r"(?:years?|months) (?:ago|clean|free|sober|back|later)",
    r"when i was (?:[0-9]+|younger|a (?:kid|teen|teenager|child)|in (?:school|college|high school))",
    r"(?:last|past) year",
    r"(?:i'?m|i am|doing|feel|feeling|got) (?:so |much |a lot )*better now",
    r"glad (?:i|you) (?:didn'?t|survived|made it|am still here|are still here)",
    r"(?:reach out|talk to someone|call 988|988|samaritans|therapist said|you(?:'re| are) not alone|get help|"
    r"crisis line)",
    r"please (?:don'?t|do not) (?:[a-z]+ ){0,2}(?:kill|hurt|harm|cut|do it|end)",
)
# Every phrase above holds one of these: what holds none is not read for them.
TRIGGER: Final = (
    r"\b(?:kill|kms|end|myself|my ?self|yourself|urself|hang|shoot|drown|hurt|harm|cut|slit|life|gun|ledge|edge|"
    r"rope|noose|knife|razor|blade|last|final|goodbye|suicid|overdos|jump|swallow|take all|took|taking|taken|pills|"
    r"meds|unaliv|burn|starv|off|self|blow|die|dying|dead|be here|be gone|gone|wake|exist|disappear|can'?t|cannot|"
    r"live|living|alive|downed|by the time you|reading this|ready|anymore|any ?more|reason|point|born|without me|"
    r"miss|notice|hope|worth|pain|done with|finished with|recover|hotline|helpline|ago|younger|was a |last year|"
    r"past year|years?|months?|better now|glad|reach out|talk to|call 988|988|samaritan|therapist|not alone|"
    r"get help|crisis|want it|want everything)"
)
