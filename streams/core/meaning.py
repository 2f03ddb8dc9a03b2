"""What labels and severities mean, in words that a person and a language model both understand."""

from collections.abc import Mapping
from typing import Final

from streams.core.label import Severity

MEANING: Final[Mapping[str, str]] = {
    "scam": "tries to get money, goods, accounts, codes or personal data by deceit: prizes, fees in advance, phishing, "
    "false support, investments without risk",
    "sexual_harassment": "unwanted sexual advances, remarks or demands aimed at a person, requests for nude pictures",
    "hate_speech": "attacks, degrades or excludes people for race, ethnicity, nationality, religion, caste, sex, "
    "gender identity, sexual orientation, disability or illness",
    "pii": "gives away personal data: telephone numbers, mail or home addresses, account, card or identity numbers",
    "platform_bypass": "leads a conversation, deal or payment away from this platform, openly or in disguise",
    "hate_threatening": "hate speech that also threatens or wishes violence",
    "sexual": "sexual acts, arousal or sexual services, described or offered",
    "harassment": "insults, ridicules, shames, bullies or pursues a person; small remarks repeated over a conversation "
    "count",
    "violence": "threatens, incites, praises or wishes violence against persons or animals",
    "violence_graphic": "describes death, violence or injury in graphic detail",
    "self_harm": "intends, describes, encourages or instructs self-harm, suicide or disordered eating",
    "child_safety": "sexualises minors, grooms them, or offers or asks for such material",
    "terrorism": "praises, recruits for, plans or instructs terrorism or violent extremism",
    "gambling": "advertises betting or games for money, or invites to them",
    "drugs": "offers, asks for or instructs the making of illegal drugs, or of medicine without prescription",
    "profanity": "coarse or obscene words, whoever they are meant for",
    "toxicity": "rude, disrespectful or hostile, so that others may leave the conversation",
    "abuse": "hostile or degrading language directed at whoever is addressed",
    "spam": "advertising or repeated text that nobody asked for, and that has nothing to do with the conversation",
}

SEVERITY_MEANING: Final[Mapping[Severity, str]] = {
    "low": "playful or mild: a friendly insult, light spam",
    "medium": "clear, and aimed at somebody or repeated: targeted ridicule, repeated spam links",
    "high": "serious: an explicit threat, a strong attempt at a scam",
    "critical": "somebody may be in danger now: exploitation of children, terrorism, urgent self-harm",
}
