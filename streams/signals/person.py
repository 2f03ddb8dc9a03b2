"""Who speaks of whom: pieces that the phrases of several signals are made of. All in RE2's syntax, lower case."""

from typing import Final

# What the author means to do. `i` and `we` only: smoking, too, will kill you.
MEANS_TO: Final = (
    r"(?:(?:i|we) (?:will|shall|swear i will|swear i'll|swear to god i'll|must|wanna|want to|need to|have to|should|"
    r"might|may|could|plan to|intend to|promise to|would love to|came to|wish i could)|(?:i|we)'(?:ll|d love to|"
    r"d like to)|(?:i|we)(?:'m|'re|m| am| are)? (?:(?:so|really|just|actually|literally|seriously|all|both|now|"
    r"personally) )*(?:going to|gonna|gunna|goin to|about to|coming to|gon|finna|fixing to|ready to|planning to|"
    r"tempted to)|(?:^|[.!?,;] ?)(?:gonna|going to|will|about to|planning to)|i ?'?m+a|imma|ima|(?:^|[.!?,;] ?|"
    r"\bbut |\band |\bthen |\bor )ill|(?:someone|somebody) (?:should|needs to|has to|ought to|better|please)|"
    r"let'?s(?: go| all)?|let us|lemme|let me)"
)
# Words between the intent and the deed.
ADVERBS: Final = (
    r"(?:(?:fucking|literally|just|personally|really|actually|come(?: over)?(?: and| to)?|go(?: and| to)?|"
    r"find you and|hunt you down and|get a gun and|get up and|so|slowly|gladly|happily|finally|definitely|one day|"
    r"be the one to|have to|be|try to|show up and|drive over and|love to|and|seriously|soon|tonight) )*"
)
WHOM: Final = (
    r"(?:you|u|ya|y'all|yall|him|her|them|your|ur|his|their|everyone|everybody|every(?: single)? one|all of (?:you|"
    r"them)|(?:that|this|these|those|the|my|any) (?:[a-z]+ )?(?:bitch|bitches|guy|man|woman|girl|boy|bastard|"
    r"bastards|fucker|fuckers|people|teacher|boss|wife|husband|ex|neighbou?r|cop|cops|family|kid|kids|girlfriend|"
    r"boyfriend|asshole|fool|jews|muslims|immigrants|blacks|gays))"
)
# `you are`, as it is written.
YOU_ARE: Final = (
    r"(?:you(?:'re| are| r|re|'r|s are| guys are| all are)?|your|ur|u(?: r| are|'re)?|y(?:'all|all|ou all)(?: are)?)"
)
# What may stand between `you are` and an insult.
VERY: Final = (
    r"(?:(?:a|an|one|as|such|so|the|too|really|just|absolute(?:ly)?|complete(?:ly)?|total(?:ly)?|utter(?:ly)?|"
    r"fucking|fuckin|freaking|damn|goddamn|bloody|fat|dumb|dirty|lying|little|big|huge|old|all|both|being|very|most|"
    r"biggest|bit|kind of|kinda|pretty|always|still|literally|actually|honestly|truly|quite|simply|like|bunch of|"
    r"piece of|pieces of|nothing but|just a|sad|poor|pure|real|right|proper|of|acting|sound|look|looking|cheap|lazy|"
    r"only|stupid|ugly|pathetic|worthless|disgusting|useless|filthy|miserable|sorry|ignorant|vile|nasty|entitled|"
    r"arrogant|spoiled|selfish|delusional|irrelevant) )*"
)


def words(*alternatives: str) -> str:
    """Return a pattern for whole words or phrases."""
    return rf"\b(?:{'|'.join(alternatives)})\b"
