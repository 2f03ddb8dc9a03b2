"""The words of street addresses: what streets, units and boxes are called, as parts of regular expressions."""

from typing import Final

# A word of a name: capitalised, or a particle between such words.
# Words have at most 25 characters here: an expression that could walk on would take quadratic time.
CAPITAL: Final = r"(?:[^\W\d_a-zß-öø-ÿ][\w'\u2019.-]{0,24})"
PARTICLE: Final = (
    r"(?:de|du|des|del|della|di|da|do|dos|das|la|le|les|el|los|las|von|van|der"
    r"|den|zu|zum|zur|of|the|and|y|e|i|na|nad|ter|ten|af|av|d')"
)
NAME: Final = rf"(?:{CAPITAL}(?:[ ](?:{PARTICLE}[ ]){{0,2}}{CAPITAL}){{0,4}})"
ANY_WORD: Final = r"(?:[^\W\d_][\w'\u2019./-]{0,24})"

# After the name, a word of its own (USPS Publication 28, appendix C1, the frequent ones).
AFTER_NAME: Final = (
    r"(?:street|str|st|avenue|ave?|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|terrace|ter"
    r"|crescent|cres|close|highway|hwy|parkway|pkwy|circle|cir|trail|trl|way|row|mews|turnpike|tpke|alley|plaza|loop"
    r"|route|rte|gardens|grove|hill|path|pike|walk|wharf|quay|esplanade|expressway|freeway|crossing|ridge|bypass"
    r"|utca|útja|út|u\.|tér|ulice|nám\.?|třída|iela|gatve|sokak|sok\.|caddesi|cad\.|bulvar\w|improvements?)"
)
# At the end of a name's last word.
ENDING: Final = (
    r"(?:stra(?:ss|ß|s)e|str\.?|gasse|platz|allee|straat|laan|plein|gracht|kade|dijk|singel|gatan|gata|vägen|vegen|veien"
    r"|terrasse|vej|gade|weg|katu|polku|gränd|torg(?:et)?|gate|utca)"
)
# Before the name.
BEFORE_NAME: Final = (
    r"(?:rue|avenue|boulevard|bd|impasse|all[ée]e|chemin|quai|cours|via|viale|vicolo|piazza|piazzale|corso|strada|largo"
    r"|calle|c/|avenida|avda?\.?|paseo|plaza|ronda|camino|carretera|rua|travessa|pra[çc]a|alameda|estrada"
    r"|ulica|ul\.|aleja|al\.|plac|pl\.|trg|ulice|bulevar|strada|str\.|улица|ул\.|проспект|пр\.|переулок|οδός)"
)
UNIT: Final = (
    r"(?:(?:apt|apartment|suite|ste|unit|flat|room|rm|floor|apto|appt|bldg|building)"
    r"\b\.?[ ]?(?:no\.?[ ]?)?#?\d{1,5}[A-Za-z]?)"
)
NUMBER: Final = r"(?:\d{1,6}[A-Za-z]?(?:[/-]\d{1,4})?)"
BOX: Final = (
    r"(?:p\.?[ ]?o\.?[ ]?box|post office box|postfach|apartado|casella postale|bo[iî]te postale|psc[ ]\d{1,5},?[ ]box)"
)
STATE: Final = (
    r"(?:A[AEKLPRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEHINOPST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT"
    r"|V[AIT]|W[AIVY]|NSW|VIC|QLD|TAS|ON|QC|BC|AB|MB|SK|NS|NB)"
)
POSTCODE: Final = (
    r"(?:\d{5}(?:-\d{3,4})?|\d{4}(?:[ ][A-Z]{2})?|\d{3}[ ]\d{2}|\d{6}"
    r"|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d)"
)
