"""The recipe: which heads are fitted, on what, how strongly. Every number that is not measured stands here.

Broad heads learn from large sets of tweets, chats, comments and short messages, one for each label that these know.
Narrow heads learn the labels that only a small set of longer texts knows: on the encoder's vectors, on n-grams, and on
what the broad heads say, so that what is known of insults, hatred and threats elsewhere helps where examples are few.
All of it is linear and ends as one row of weights for each label.
"""

from typing import Final, NamedTuple

# The only set that knows the narrow labels. Broad heads never see it, so that the narrow ones can build on them.
NARROW_SOURCE: Final = "openai_moderation"
OWN_SOURCE: Final = "own"  # examples written for this project

BROAD: Final = ("toxicity", "hate_speech", "sexual_harassment", "abuse", "profanity", "scam", "spam")
NARROW: Final = (
    "sexual",
    "self_harm",
    "violence",
    "violence_graphic",
    "harassment",
    "hate_threatening",
    "hate_speech",
)
LABELS: Final = (*BROAD, *(label for label in NARROW if label not in BROAD))

# Ordinary talk: what these sets know nothing bad of counts as a negative of every label that they do not know.
ORDINARY: Final = frozenset({"sms_spam_uci", "smishing_mendeley", "convabuse", "wikipedia_toxicity", "surge_toxicity"})

FOLDS: Final = 5
# Adverts and coarse words are told by their wording: there the encoder blurs, and is not asked (cross-validated).
NGRAM_SHARE: Final = {
    "spam": 1.0,
    "scam": 1.0,
    "profanity": 1.0,
}  # of the n-grams in a broad head; a half for the others
BROAD_STRENGTH: Final = 4.0  # C of the logistic regressions
MEAN_STRENGTH: Final = 2.0  # of those on the mean alone
# How long a text is and its numbers tell an advert. In the other labels they would tell only which source a text is of.
MARKED: Final = frozenset({"spam", "scam"})
SHARE: Final = 0.3  # what a broad head's logit counts as an input of a narrow one
# Weight of an own example beside one of the narrow source: where that one has too few of a label, they help; where it
# has enough, they blur what it draws the line at (cross-validated).
OWN: Final = {
    "self_harm": 0.02,
    "violence": 0.02,
    "violence_graphic": 0.02,
    "hate_threatening": 0.02,
    "hate_speech": 0.02,
}
ORDINARY_EACH: Final = 10  # one row of ordinary talk in so many is used for a narrow head
ORDINARY_WEIGHT: Final = 0.03  # weight of such a row beside one of the narrow source
HARM: Final = 0.3  # what the logit of "any narrow label" adds to each of them
HARM_OF: Final = {"sexual": 0.1}  # where it is another: sexual texts are little like hatred and violence
NARROW_HATE: Final = 0.5  # what the narrow head adds to the broad head of hate_speech


class Budget(NamedTuple):
    """How many rows of ordinary talk may be found, as a share."""

    found: float  # at any severity
    firm: float  # at a severity that leads to an action by default


# hate_speech reacts to the names of groups: it is found early and acted upon late. Spam comes in great numbers.
BUDGETS: Final = {"hate_speech": Budget(0.006, 0.0005), "spam": Budget(0.01, 0.002), "scam": Budget(0.01, 0.002)}
BUDGET: Final = Budget(0.006, 0.0005)

# The gate: of the positives that a full head finds, the share that its cheap head may keep from the encoder; unless
# more ordinary talk would have to be encoded for that label than ASKED, a share.
MISSED: Final = 0.02
ASKED: Final = 0.006
# Narrow labels doubt love talk and despair in jest most of all; half as much costs them nothing (cross-validated).
ASKED_NARROW: Final = 0.003
WORDS_SHARE: Final = 0.7  # what the features of words count beside n-grams in a cheap head
CHEAP_SMOOTH: Final = 1.0  # of the ridge regression that imitates a head
SKETCH_SMOOTH: Final = 3_000.0  # of the one that imitates the encoder
TRAFFIC: Final = 6_000  # texts that the sketch keeps of everyday traffic: ORDINARY sources, whatever their labels
