"""Words of video games: those that mean nothing else, and those that other talk shares."""

from typing import Final

from streams.signals.person import words

NAMED: Final = words(
    r"fortnite|minecraft|valorant|csgo|cs:go|cs2|counter ?strike|gta|overwatch|apex legends|pubg|warzone|roblox|"
    r"dota|elden ring|dark souls|tarkov|call of duty|cod|battlefield|rocket league|league of legends|fallout|skyrim|"
    r"zelda|pokemon|smash bros|mortal kombat|tekken|halo|diablo|world of warcraft|wow raid|runescape|among us|"
    r"rainbow six|r6|destiny 2|helldivers|hunt showdown|dead by daylight|escape from tarkov",
    r"xbox|ps[345]|playstation|nintendo|steam deck|twitch|gamer(?:s|tag)?|gaming|videogames?|video games?|esports?|"
    r"speedrun\w*",
    r"respawn\w*|spawn(?:s|ed|ing)?|matchmaking|killstreaks?|kill ?streaks?|headshots?|k/?d(?: ratio)?|mmr|elo|pvp|"
    r"pve|npcs?|mmo(?:rpg)?|rpg|fps|glhf|gg(?:s|wp|ez)?|afk|nerf(?:ed|s)?|buff(?:ed|s)?|noobs?|smurf(?:s|ing)?|"
    r"loadouts?|battle ?royale|ranked|dlc|aimbot|hitbox|hitscan|frag(?:s|ged|ging)?|quickscope|no ?scope|1v1|2v2|"
    r"5v5|1v[2-5]|dps|xp|mana|speedrunner|gank(?:ed|ing|s)?|jungler?|mid ?lane|top ?lane|bot ?lane|adc|ult|aoe|"
    r"wipe(?:d)? the squad|squad wipe|final boss|boss fight|dungeons?|loot(?:ing|box|ed)?|lootbox\w*|camping spawn|"
    r"spawn ?camp\w*|controller|joystick|crosshair|ar skin|battle ?pass",
)
# Two of these and a third word of play will do where no game is named.
PLAYED: Final = words(
    r"lobby|lobbies|squads?|duos?|trios?|servers?|lag|lagging|lags|ping|map|maps|boss|raids?|raiding|clan|guild|"
    r"quests?|healer|tank|sniper|sniping|campers?|camping|clutch|queue|scrims?|leveled|level up|grind|grinding|"
    r"patch|aim|aiming|skins?|stream|streaming|discord|zombies?|weapons?|armor|shields?|drop|ez|wp|mic|console|"
    r"enemy|enemies|flank|reload|ammo|scope|storm|zone|circle|tournament",
)
SHARED: Final = words(
    r"games?|solos?|match|matches|rounds?|carry|carried|teammates?|team|levels?|kills?|killed|wins?|won|players?|"
    r"play|plays|playing|played|rush",
)
