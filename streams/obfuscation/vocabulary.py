"""Words that are often disguised, and that the vocabularies of language models leave out."""

from typing import Final

# The commonest first: where signs hide letters, the first word that fits is taken.
LISTED: Final = """
fuck shit bitch cunt nigger nigga faggot fucking fucked fucker dick cock pussy asshole ass whore slut bastard piss
tits cum rape porn sex kill die kys anal arse wank wanker twat damn crap penis vagina boobs boob nude nudes naked
suicide retard retarded fag fags shits shitty shitting bullshit bitches bitching cunts niggers niggas faggots fucks
fuckers motherfucker motherfuckers motherfucking dicks dickhead cocks cocksucker pussies assholes asses dumbass
whores sluts slutty bastards pissed raped raping rapist porno horny cumming bollocks prick pricks tosser kike kikes
chink chinks spic spics gook gooks tranny trannies dyke dykes killed killing killer kills murder idiot idiots moron
morons stupid dumb loser losers hell lol lmao xxx viagra cialis bitcoin crypto whatsapp telegram instagram onlyfans
heroin cocaine meth weed mdma xanax drugs bomb terrorist nazi nazis hitler paedo pedo pedophile paedophile
"""
DISGUISED: Final = tuple(LISTED.split())
DISGUISED_WORDS: Final = frozenset(DISGUISED)
