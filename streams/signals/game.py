"""Words of video games: those that mean nothing else, and those that other talk shares."""

from typing import Final

from streams.signals.person import words

NAMED: Final = words(
    r"fortnite|minecraft|valorant|csgo|cs:go|cs2|counter ?strike|gta|overwatch|apex legends|pubg|warzone|roblox|"
    r"dota|elden ring|dark souls|tarkov|"
    r"call of duty|cod|battlefield|rocket league|league of legends|fallout|skyrim|zelda|pokemon|smash bros|"
    r"mortal kombat|tekken|halo|diablo|"
    r"world of warcraft|wow raid|runescape|among us|rainbow six|r6|destiny 2|helldivers|hunt showdown|"
    r"dead by daylight|escape from tarkov",
    r"xbox|ps[345]|playstation|nintendo|steam deck|twitch|gamer(?:s|tag)?|gaming|videogames?|video games?|esports?|"
    r"speedrun\w*",
    r"respawn\w*|spawn(?:s|ed|ing)?|matchmaking|killstreaks?|kill ?streaks?|headshots?|k/?d(?: ratio)?|mmr|elo|pvp|"
    r"pve|npcs?|mmo(?:rpg)?|rpg|fps|glhf|gg(?:s|wp|ez)?|afk|"
    r"nerf(?:ed|s)?|buff(?:ed|s)?|noobs?|smurf(?:s|ing)?|loadouts?|battle ?royale|ranked|dlc|aimbot|hitbox|hitscan|"
    r"frag(?:s|ged|ging)?|quickscope|no ?scope|"
    r"1v1|2v2|5v5|1v[2-5]|dps|xp|mana|speedrunner|gank(?:ed|ing|s)?|jungler?|mid ?lane|top ?lane|bot ?lane|adc|ult|"
    r"aoe|wipe(?:d)? the squad|squad wipe|"
    r"final boss|boss fight|dungeons?|loot(?:ing|box|ed)?|lootbox\w*|camping spawn|spawn ?camp\w*|controller|"
    r"joystick|crosshair|ar skin|battle ?pass",
)
SHARED: Final = words(
    r"game|games|lobby|lobbies|squads?|duos?|solos?|trios?|match|matches|server|servers|lag|lagging|lags|ping|map|"
    r"round|rounds|boss|raid|raids|raiding|"
    r"clan|guild|quest|quests|healer|tank|sniper|sniping|camper|campers|camping|clutch|carry|carried|queue|"
    r"teammates?|team|tournament|scrims?|"
    r"level|level up|levels|leveled|grind|grinding|patch|aim|aiming|skin|skins|stream|streaming|discord|kills?|kill|"
    r"wins?|win|player|players|"
    r"play|playing|played|zombies?|weapon|weapons|armor|shield|shields|drop|ez|wp|mic|console|enemy|enemies|flank|"
    r"rush|reload|ammo|scope|storm|zone|circle",
)
