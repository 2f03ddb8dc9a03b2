"""How it is said: aimed at somebody, in play, in a hurry, in somebody else's words, in other people's lives."""

from typing import Final

from streams.signals.person import words

DIRECTED: Final = r"\b(?:you|u|your|ur|you'?re|yours|yourself|urself|y'?all|ya|yall|thou|thee)\b|(?:^|[ ,.])@[a-z0-9_]"
PLAYFUL: Final = (
    r"\b(?:lo+l+|lmf?ao+|rofl|roflmao|(?:ha){2,}h?|(?:he){2,}h?|a?ha ?ha\w*|jk|j/k|just kidding|kidding|just joking|"
    r"only joking|joking|xd+|xo+|love (?:you|u|ya)|luv (?:you|u|ya)|ily|teehee|bestie|gg|ggs|wp|miss (?:you|u|ya)|"
    r"bff|sweetie|my dear|darling|buddy|mate|no hard feelings|tho lol|kekw?|lulz?|lel|luv)\b|[:;=]-?[)pd](?:$|"
    r"[ .,!])|"
    r"[\x{1F600}-\x{1F606}\x{1F609}-\x{1F60A}\x{1F60B}\x{1F60D}\x{1F618}\x{1F61B}-\x{1F61D}\x{1F643}\x{1F642}"
    r"\x{1F917}\x{1F923}\x{1F92A}\x{1F92D}\x{1F970}\x{1F973}\x{1F480}\x{1F605}\x{1F607}\x{1F497}\x{1F495}\x{1F496}"
    r"\x{2764}\x{1F49C}\x{1F499}]"
)
URGENCY: Final = words(
    r"tonight",
    r"(?:right|just|only) now",
    r"goodbye(?: (?:everyone|everybody|all|world|forever|my))?",
    r"(?:my|this is my|the|your) (?:last|final) (?:message|post|words|night|day|goodbye|letter|note|hours?|tweet|"
    r"warning|chance)",
    r"this is it",
    r"(?:in|within) (?:an|one|[0-9]+|a few|ten|five) (?:minutes?|mins?|hours?|hrs?)",
    r"(?:tomorrow|today)",
    r"(?:it'?s|too|it is) too late",
    r"(?:won'?t|will not) (?:be here|see me|wake up|hear from me)",
    r"(?:already|just) (?:took|swallowed|taken|did it|cut)",
    r"(?:immediately|at once|as soon as)",
    r"i love you all",
    r"(?:farewell|see you on the other side)",
)
# What others said, wrote, did; what is made up.
REPORTED: Final = (
    r"\b(?:he|she|they|someone|somebody|people|my [a-z]+|the [a-z]+|this (?:guy|man|woman|person|user|girl|boy)|"
    r"some (?:guy|man|woman|user|idiot|troll)|(?:who|that)) (?:just |always |once |keeps? |also |even |literally |"
    r"then |actually |would |was )*(?:said|says|saying|say|told|tells|telling|wrote|writes|texted|messaged|like|"
    r"posted|threatened|threatens|yelled|screamed|shouted|tweeted|sang|sings|commented|calls?|called|calling|goes|"
    r"went|dmed|messages)\b(?: (?:me|us|her|him|them|that|to|my|i|he|she|they|it|things|stuff|:|,|[\"'“])|:|,|"
    r" ?[\"“])"
    r"|[\"“][^\"”]+[ !?.][^\"”]*[\"”]|\b(?:quote|i quote|and i quote|the (?:word|term|phrase|slur|lyrics?|line|"
    r"quote))\b"
    r"|\b(?:reported|report|reports) (?:that|him|her|them|this|a user)\b|\b(?:this user|somebody here|"
    r"someone here) (?:is|keeps|threatened|sent)\b"
    r"|\b(?:in|from|of) (?:the|this|that|a|my|his|her|season|chapter|episode|last night's|act) (?:(?:new|last|first|"
    r"next|latest|horror|whole|final|opening|best|second|third|old) )*(?:movies?|films?|books?|episodes?|novels?|"
    r"story|stories|series|tv show|comics?|manga|anime|play|songs?|trailer|script|fanfic|plot|scene|chapter|season|"
    r"documentary|news|article|lyrics)\b"
    r"|\b(?:police|authorities|officials|prosecutors?|witnesses|the court|investigators|reuters|according to|bbc|"
    r"cnn|breaking|suspects?|the defendant|sentenced|convicted|arrested|charged with|accused of|trial|allegedly|"
    r"victims?)\b"
)
# Every phrase of REPORTED holds one of these.
REPORTED_TRIGGER: Final = (
    r"[\"“]|\b(?:sa(?:id|y|ng)|sings?|t(?:old|ell)|wrote|writ|text|messag|like|post|threat|yell(?:s|ed|ing)?\b|"
    r"scream|shout|tweet|comment|call(?:s|ed|ing)\b|calls?\b|goes|went|dm|quote|word|term|phrase|slur|lyric|line|"
    r"report|this user|somebody|someone|movie|film|book|episode|novel|stor|series|tv|comic|manga|anime|play|song|"
    r"trailer|script|fanfic|plot|scene|chapter|season|document|news|article|police|authorit|official|prosecut|"
    r"witness|court|investig|reuters|accord|bbc|cnn|breaking|suspect|the defend|sentenc|convict|arrest|charged|"
    r"accused|trial|alleg|victim)"
)
