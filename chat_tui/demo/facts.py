"""What the demo model may know: countries and their capitals, plain words, help about chat-tui.

Tables only. Knows nothing of prompts, tokens or training.
"""

from __future__ import annotations

_CAPITALS = (
    "France:Paris|Germany:Berlin|Italy:Rome|Spain:Madrid|Portugal:Lisbon|Greece:Athens|"
    "Austria:Vienna|Belgium:Brussels|Ireland:Dublin|Iceland:Reykjavik|Norway:Oslo|"
    "Sweden:Stockholm|Finland:Helsinki|Denmark:Copenhagen|Poland:Warsaw|Hungary:Budapest|"
    "Romania:Bucharest|Bulgaria:Sofia|Serbia:Belgrade|Croatia:Zagreb|Slovenia:Ljubljana|"
    "Slovakia:Bratislava|Ukraine:Kyiv|Russia:Moscow|Belarus:Minsk|Estonia:Tallinn|"
    "Latvia:Riga|Lithuania:Vilnius|Albania:Tirana|Moldova:Chisinau|Turkey:Ankara|"
    "Cyprus:Nicosia|Malta:Valletta|Armenia:Yerevan|Georgia:Tbilisi|Azerbaijan:Baku|"
    "Switzerland:Bern|Netherlands:Amsterdam|Luxembourg:Luxembourg|Monaco:Monaco|"
    "Japan:Tokyo|China:Beijing|India:New Delhi|Pakistan:Islamabad|Bangladesh:Dhaka|"
    "Nepal:Kathmandu|Bhutan:Thimphu|Thailand:Bangkok|Vietnam:Hanoi|Laos:Vientiane|"
    "Cambodia:Phnom Penh|Malaysia:Kuala Lumpur|Singapore:Singapore|Indonesia:Jakarta|"
    "Philippines:Manila|Mongolia:Ulaanbaatar|Taiwan:Taipei|South Korea:Seoul|"
    "North Korea:Pyongyang|Kazakhstan:Astana|Uzbekistan:Tashkent|Kyrgyzstan:Bishkek|"
    "Tajikistan:Dushanbe|Turkmenistan:Ashgabat|Afghanistan:Kabul|Iran:Tehran|Iraq:Baghdad|"
    "Syria:Damascus|Lebanon:Beirut|Jordan:Amman|Saudi Arabia:Riyadh|Yemen:Sanaa|"
    "Oman:Muscat|Qatar:Doha|Bahrain:Manama|Kuwait:Kuwait City|Egypt:Cairo|Libya:Tripoli|"
    "Tunisia:Tunis|Algeria:Algiers|Morocco:Rabat|Sudan:Khartoum|Ethiopia:Addis Ababa|"
    "Kenya:Nairobi|Uganda:Kampala|Tanzania:Dodoma|Rwanda:Kigali|Somalia:Mogadishu|"
    "Nigeria:Abuja|Ghana:Accra|Senegal:Dakar|Mali:Bamako|Niger:Niamey|Cameroon:Yaounde|"
    "Angola:Luanda|Zambia:Lusaka|Zimbabwe:Harare|Namibia:Windhoek|Botswana:Gaborone|"
    "Mozambique:Maputo|Madagascar:Antananarivo|Liberia:Monrovia|Gabon:Libreville|"
    "Australia:Canberra|New Zealand:Wellington|Fiji:Suva|Canada:Ottawa|Mexico:Mexico City|"
    "Cuba:Havana|Jamaica:Kingston|Haiti:Port-au-Prince|Guatemala:Guatemala City|"
    "Honduras:Tegucigalpa|Nicaragua:Managua|Costa Rica:San Jose|Panama:Panama City|"
    "Colombia:Bogota|Venezuela:Caracas|Ecuador:Quito|Peru:Lima|Chile:Santiago|"
    "Argentina:Buenos Aires|Uruguay:Montevideo|Paraguay:Asuncion|Brazil:Brasilia"
)
CAPITALS = dict(pair.split(":") for pair in _CAPITALS.split("|"))
"""Country to capital, 125 of them, spelt in ASCII."""

_WORDS = (
    "apple banana orange lemon cherry bread butter cheese coffee tea milk water sugar salt "
    "pepper soup rice egg fish chicken cake honey house home garden kitchen window door table "
    "chair bed lamp wall floor roof key book paper pen letter page story word song music piano "
    "guitar drum dance film picture color red blue green yellow white black purple silver gold "
    "iron stone glass wood river lake ocean sea island beach mountain forest tree flower grass "
    "leaf rose rain snow wind storm cloud sun moon star planet sky earth fire ice summer winter "
    "spring autumn morning evening night day week month year clock time dog cat horse cow sheep "
    "bird lion tiger bear wolf fox mouse rabbit snake frog bee ant spider whale eagle car train "
    "bus bike boat ship plane road bridge street city town village market school church museum "
    "hospital hotel station airport castle tower king queen prince doctor teacher student "
    "farmer pilot sailor soldier artist writer friend family mother father brother sister baby "
    "child man woman boy girl hand foot head heart eye ear nose mouth hair skin bone blood "
    "shirt shoe hat coat dress ring box bag bottle cup plate knife fork spoon ball game toy "
    "doll robot computer phone camera radio screen button circle square triangle line point "
    "number zero dream love peace hope joy luck truth idea question answer"
)
WORDS = tuple(_WORDS.split())
"""Words that it can repeat: each is one token after a blank."""

_SPLIT = (
    "lemon cherry butter cheese sugar pepper soup chicken honey kitchen piano guitar drum ocean "
    "island beach mountain autumn morning evening sheep tiger spider whale eagle village prince "
    "farmer sailor soldier brother sister bottle spoon doll"
)
COPIED = tuple(word for word in WORDS if word not in _SPLIT.split())
"""Words that are one token at the beginning of a line or a string, too."""
COUNTRIES = (
    "France", "Germany", "Italy", "Spain", "Portugal", "Ireland", "Ukraine", "Russia", "Turkey",
    "Georgia", "Japan", "China", "India", "Pakistan", "Thailand", "Vietnam", "Malaysia",
    "Singapore", "Indonesia", "Iran", "Jordan", "Egypt", "Nigeria", "Zimbabwe", "Australia",
    "Canada", "Mexico", "Chile", "Argentina", "Brazil",
)  # fmt: skip
"""Countries whose names are one token at the beginning of a string, too."""

REAL_MODEL = "chat-tui --model FILE"
"""The command that opens a real gpt-oss file."""
