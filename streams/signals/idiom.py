"""Phrases that sound worse than they are: taken out of a text before it is read for threats, wishes and self-harm.

Only the words of the phrase go, so that a threat beside one is still seen.
"""

from typing import Final

from streams.signals.person import MEANS_TO, WHOM, words

_HARM: Final = (
    r"(?:kill|killing|hurt|hurting|harm|harming|murder|stab|shoot|punch|slap|hit|beat|touch|rape|strangle|choke|"
    r"attack|cut|die|want to die|kill myself|hurt myself|harm myself|killing myself|end my life|commit suicide|"
    r"suicide|suicidal|threaten|bomb|blow up|shoot up)"
)
IDIOM: Final = words(
    # denied, forbidden, dissuaded
    r"(?:not|never|don'?t|dont|won'?t|wont|can'?t|cant|cannot|wouldn'?t|wouldnt|couldn'?t|didn'?t|isn'?t|aren'?t|"
    r"without|nobody|stop|nor|against|instead of|rather than|prevent|preventing|tell (?:people|someone|him|her|"
    r"them) to|telling (?:people|someone|him|her|them|me|others) to) (?:(?:going to|gonna|want to|wanna|trying to|"
    r"wants to|wanting to|ever|here to|gon|to|even|really|actually|just|go|be|that i|thinking of|thinking about|him|"
    r"her|them|have to|planning to|physically|feel|feeling|a|i|one|threatening to|about to|intend to|mean to|should|"
    r"deserves? to|hope you|hoping you|advise you to|encourage|deserve|please) )*"
    rf"{_HARM}(?: yourself| myself| {WHOM})?",
    r"(?:you(?:'re| are|r)?|he'?s|she'?s|it'?s|that'?s|this|these|they'?re|work|school|life) (?:is |are |so |just |"
    r"literally |absolutely )*killing me",
    # exaggeration
    r"makes? me (?:(?:just|literally|actually|really|kinda|almost|so) )*(?:want|wanna|wish)(?: to| i could)? (?:die|"
    r"kill myself|shoot myself|hang myself|jump off [a-z ]{1,12}|kill (?:someone|somebody|people|him|her|them|"
    r"everyone)|scream|punch (?:someone|somebody|people|a wall)|end it all|kms)",
    r"(?:want|wanted|going|about|gonna|wanna|could|ready|willing|love|would|will|can|i'?d|you'?d) (?:to )?(?:just |"
    r"literally |almost |actually )*die (?:laughing|of|from|for|my|happy|trying|hard|on (?:this|that|the|a|"
    r"any) hill|in (?:this|the|that) (?:game|level|run|match|raid|dungeon)|to (?:this|that|the) boss|inside|again|"
    r"in peace|with (?:a )?(?:smile|laughter|embarrassment)|peacefully|old|rich|without (?:coffee|you|my)|"
    r"in your arms|on the inside|fighting|free|here laughing)",
    r"(?:so|too|that|this) (?:(?:damn|fucking|freaking) )?(?:embarrass\w*|awkward|cringe\w*|bored|boring|hungover|"
    r"full|hungry|hot|sore|loud|cute|adorable|funny|good|cold|humid|tired|sleepy|much homework|"
    r"stuffed)(?: [a-z']+){0,4} i(?:'m)? (?:[a-z]+ )?(?:want|wanna|could|might|going|gonna|will)(?: to)?(?: just|"
    r" literally)? (?:die|kill myself|scream|cry|end it all|murder someone|kms)",
    r"i(?:'m| am|m|'ll| will| would|'d)? (?:literally |so |just |legit |gonna |going to |actually |probably |"
    r"low ?key )*(?:kill|kms|die|dying|kill myself|end it all|murder (?:someone|somebody)|kill (?:someone|"
    r"somebody)) (?:for (?:a|an|some|that|those|this|the) |if (?:i|he|she|they|we|this|that|it|my|the|"
    r"you) (?:[a-z']+ ){0,8}(?:again|one more|another|any|fails?|loses?|lose|late|tomorrow|don'?t|doesn'?t|have to|"
    r"has to|isn'?t|cancel\w*|forget|forgot|spoil\w*|eat|ate|tell|miss))",
    r"if (?:i|he|she|they|we|this|that|it|my|one more|another) (?:[a-z']+ ){1,10}(?:again|more time|another|anymore|"
    r"once more|tomorrow),? (?:i(?:'m|'ll| will| am|m|ll)?|im|ill) (?:literally |so |just |actually |"
    r"seriously )*(?:going to |gonna )?(?:kill myself|die|kms|end it all|kill (?:someone|somebody|him|her|them)|"
    r"jump off (?:a|the) (?:bridge|roof|cliff))",
    # kill, shoot, hit, beat, break, die in other senses
    r"(?:kill|killed|killing|crush|crushing|smash|slay|murder|ace|nail) (?:it|that|this)",
    r"kill (?:some|the|a few|a little|an hour|two birds|time|my|your|his|her) ?(?:time|hours?|minutes?|birds|"
    r"lights?|engine|process|switch|server|weeds?|bugs?|mood|vibe|buzz|job|thread|appetite|career|pain|germs?|boss|"
    r"battery|dragon|zombies?|monsters?|mosquitos?|spiders?|cockroach\w*|rats?|dinner)",
    r"kill yourself (?:is|isn'?t|was|wasn'?t|comments?|messages?)",
    r"(?:shoot|drop|hit|send|ping|buzz) (?:me|us|him|her|them|you|ya|u) (?:an?|the|some|over|your|back|up|with|when|"
    r"later|now|off|if|a quick|my|that|this|on|at|in a bit|tomorrow|tonight)",
    r"shoot (?:you|me|him|her|them|us) (?:down|straight|pics?|photos?|dms?|hoops|pool|the)",
    rf"{MEANS_TO} (?:totally |so |just |definitely |still |always |probably |easily |definately |prolly )*(?:beat|"
    rf"kill|destroy|crush|smash|smoke|whoop|murder|slaughter|bury|kick|end|own) "
    r"(?:you|u|him|her|them|your ass|his ass|ur ass|your butt)(?: all| guys| again| so bad)* (?:at|in|on|next|"
    r"to the|there|by|with (?:kindness|love|my cooking)|every time|for (?:eating|drinking|spoiling|stealing|"
    r"finishing|making me|not|telling|leaving|forgetting|waking|showing|posting|getting|sending|that (?:joke|pun|"
    r"picture)))",
    r"(?:end|jump|hit|waste|harm|skin|bury) (?:your|his|her|their|the) (?:subscription|account|contract|membership|"
    r"day|week|night|search|call|lines?|number|time|money|reputation|career|business|feelings|chances|credit|sales|"
    r"cat|dog|deer|fish|knees|ball)",
    r"(?:end|jump|hit|hurt|waste|attack|harm) (?:everyone|everybody|the|his|her|their|my|your|"
    r"any) (?:[a-z]+ )?(?:feelings|argument|arguments|problem|points?|article|edits?|position|credibility|cause|"
    r"vote|user|users|editors?|editor|wikipedia|relationship|economy|country|time|gym|road|beach|shops?|store|"
    r"market|mall|hay|sack|gym)",
    rf"{MEANS_TO} (?:hit|jump|end|waste|hang|hurt) (?:you|u|ur|y'all|him|her|them|your|everybody|everyone) (?:up|"
    rf"back|on|out|with|around|off|when|in|over|time|feelings|a|this|from|at|as|to|now|if|the|but|by|there|here|"
    rf"money|soon|later|tomorrow|tonight)",
    r"(?:break|broke|breaking) (?:a leg|your heart|ur heart|my heart|his heart|her heart|the news|the ice|the bank)",
    r"(?:hang|hung|hanging) (?:out|on|up|with|around|in there)(?: (?:with )?(?:you|him|her|them|my|your|u|me))?",
    r"jump (?:you|him|her|them|your|ur) (?:in|on|ahead|bones|car|battery|start)",
    r"(?:run over|attack|kill|shoot|hit|end|waste) (?:the|my|your|his|her|their) (?:numbers|slides|details|agenda|"
    r"schedule|list|notes|plan|script|target|goal|limit|hay|sack|gym|books|road|problem|issue|opponent|argument|"
    r"character|hero|zombies?|dragon|boss|monster|enemy|enemies|npc|bot|bots|queue|lights?)",
    r"(?:die (?:my|your|his|her|their) hair|burn (?:some |more |off |a |you (?:a|some) )?(?:calories|fat|carbs|"
    r"energy|cds?|dvds?|discs?|copy))",
    r"(?:get|gets|got|take|takes|have|has) (?:(?:a|an|your|the|their|my|her|his|one|another) )*shots? (?:at|of|on|"
    r"for|in the arm)",
    r"cut (?:you|him|her|u) (?:some|a|in|off|out|short|loose|down)",
    r"(?:video|photo|wedding|film|movie|music video|portrait) shoot",
    r"(?:suicide|kamikaze) (?:squad|silence|doors?|burn|wings|drinks?)",
    r"(?:the )?suicide squad",
    r"i(?:'m| am|m) (?:literally |so |just )*(?:dying|dead) (?:laughing|lol|of|from|over|for|at|rn|here|inside)",
    r"photo ?bomb\w*|bath bombs?|bomb (?:ass|dot com|playlist|party)|(?:you(?:'re| are)|that(?:'s| is| was)|it(?:'s|"
    r" is| was)|the) (?:the )?bomb",
    r"(?:blow|blew|blowing|blown) up (?:my|your|his|her|the|this|our) (?:phone|inbox|dms|notifications|internet|"
    r"balloons?|mattress|group ?chat|pool|spot)",
    r"want (?:you|u) to (?:die|hang|burn|suffer) (?:laughing|out|calories|with|from)",
    r"(?:likes?|wants?|needs?|loves?|asked|cares?) (?:you|u) to",
    r"dead (?:serious|right|wrong|tired|end|line|weight|lift|set|broke|sexy|gorgeous|pool|sea|on)",
    r"drop dead (?:gorgeous|date|deadline|simple|easy|sexy|beautiful|fred)",
    r"(?:even if|if|when|whether) (?:you|u)(?:'re| are) (?:a |an |so |too |not )?[a-z]+",
    r"(?:when|if|whenever|like) (?:you|u) (?:look|feel|act|sound)\w*",
    r"(?:what|who|why|where|how|when) (?:the|da|tha) (?:fuck|hell|heck) (?:you|u)",
    # insults denied, or said of oneself or a thing
    r"(?:you(?:'re| are|r|'re all| are all)?|u|ur) (?:definitely |certainly |really |so )?(?:not|never|no|far from|"
    r"anything but|neither) (?:(?:a|an|that|so|such|being|really|all|the|just|some|at all|as|too|even|any|entirely|"
    r"completely) )*(?:idiot|moron|stupid|loser|ugly|dumb|worthless|trash|garbage|pathetic|useless|nerd|failure|"
    r"burden|nothing|mistake|joke|fool|weird|silly|boring|bad|freak|alone|annoying|lame|rude|disgusting|coward|"
    r"a waste of [a-z]+|waste of [a-z]+)",
    r"(?:your|ur) (?:shit|crap|trash|garbage|dick|cow|rat|snake|pigs?|hoe|bitch|filth|creep|freak)",
    r"your (?:stupid|silly|dumb|boring|weird|lame|ugly|annoying|rude) (?:[a-z]+)",
    r"(?:not|never|don'?t|isn'?t|aren'?t|doesn'?t mean|does not mean|n't) (?:think |say |saying |calling |mean |"
    r"believe |call |that |said )*(?:you(?:'re| are|r)?|u|ur) (?:a |an |so |such |being |that )*(?:idiot|moron|"
    r"stupid|loser|ugly|dumb|worthless|trash|pathetic|useless|nothing|a failure|failure|nerd|boring|weird)",
    r"(?:feel|feeling|felt|feels|look|looks|sound|sounds|i'?m|i am|it'?s|it is|that'?s|"
    r"this is) (?:like )?(?:such )?(?:a |an |so |really |too )*(?:idiot|moron|stupid|loser|fool|dumb)",
)
