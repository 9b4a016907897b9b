"""What does it report that must not be played down, and how sensitive is the matter?

Words in English and German, none of one trade, each meant to be read by a person: they raise a floor or some points of
``severity``, with the words that did it as the reason, and a person takes them back with a sentence. A report counts when
somebody speaks of themselves or of what happened, not when a word is denied, asked about or part of a figure of speech; what is
left is rather too much than too little, for the price of a wrong one is a minute of somebody's time.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import regex

from signalbook.classes import dataclass
from signalbook.pattern import pattern, unicode_pattern

Matter = Literal["routine", "quality", "money", "law"]
MATTERS: Final[tuple[Matter, ...]] = ("routine", "quality", "money", "law")
"""From the least to the most sensitive."""
_FLAGS = regex.IGNORECASE | regex.VERSION1

_WHO: Final = (
    r"(?:i|we|he|she|they|you|someone|somebody|people|persons?|m[ae]n|wom[ae]n|boys?|girls?|kids?|child(?:ren)?|toddlers?|bab(?:y|ies)|sons?"
    r"|daughters?|brothers?|sisters?|wife|husband|partner|mothers?|fathers?|mum|mom|dad|grandmother|grandfather|grandma|grandpa|gran|nan|lad(?:y|ies)|aunt|uncle"
    r"|friends?|neighbou?rs?|colleagues?|(?:co-?)?workers?|employees?|staff|drivers?|riders?|cyclists?|passengers?|guests?|customers?|patients?"
    r"|pupils?|students?|residents?|visitors?|tourists?|pedestrians?|crew|dogs?|cats?|pupp(?:y|ies)|pets?|horses?)"
)
_BODY: Final = (
    r"(?:hands?|fingers?|fingertips?|thumbs?|wrists?|arms?|elbows?|shoulders?|collarbone|legs?|knees?|ankles?|foot|feet|toes?|face|eyes?|lips?|mouth|gums?"
    r"|throat|tooth|teeth|forehead|head|skull|scalp|skin|neck|back|spine|ribs?|hips?|nose|ears?|cheeks?|chin|jaw|palms?)"
)
_MINE: Final = r"(?:my|our|his|her|their|your|the|a|an|one|two|both|\w+'s)"
_HARMED: Final = (
    r"(?:cut|burn(?:ed|t)|broken?|cracked|chipped|fractured|sprained|twisted|bruised|scratched|sliced|crushed|trapped|pinched|scalded|injured|hurt"
    r"|dislocated|swollen|smashed|pierced|punctured|gashed|severed|jammed|impaled)"
)
_BESIDE: Final = r"(?:by|with|in|on|at|for|to|from|of|off|and|or|over|under|near|behind|before|after|without)"
_DEVICE: Final = (
    r"(?:chargers?|batter(?:y|ies)|power\ ?banks?|phones?|laptops?|tablets?|heaters?|toasters?|kettles?|fridges?|freezers?|dryers?|washing\ machines?"
    r"|dishwashers?|plugs?|sockets?|cables?|adapters?|scooters?|e-?bikes?|cars?|engines?|bus(?:es)?|blankets?|lamps?|boilers?|monitors?|mowers?"
    r"|hair\ ?dryers?|vacuums?|printers?|routers?|extension\ leads?)"
)
_HARD: Final = r"(?:glass|metal|screws?|nails?|stones?|plastic|needles?|wires?|bones?|blades?|bolts?|staples?|splinters?|shards?|pins?|rodents?|mouse|rat)"
_PLACE: Final = r"(?:shops?|stores?|windows?|gardens?|streets?|house|home|town|city|centre|center|mall|museum|market|park|catalog(?:ue)?|collection|range|area|wall)"
_FREMD: Final = r"(?:(?:glas|metall|plastik|knochen|holz)?(?:splitter|scherben?|stück(?:e|chen)?|späne?)|schrauben?|nägel|nagel|nadeln?|draht|steine?|klinge|maus)"
_GLIED: Final = (
    r"(?:hand(?:gelenk)?|hände|finger|daumen|arm|ellenbogen|schulter|bein|knie|fuß|füße|knöchel|hüfte|becken|schlüsselbein|zeh|zehen|gesicht|augen?|lippen?|mund|zunge|hals"
    r"|zahn|zähne|kopf|haut|rücken|rippen?|nase|ohr)"
)
_CLIENTS: Final = (
    r"(?:customers?|users?|patients?|clients?|members?|employees?|staff|guests?|passengers?|subscribers?|students?)'?"
)
_HELD: Final = (
    r"(?:data(?:base)?|details|names|records?|e?-?mails?(?:\ addresses)?|address(?:es)?|passwords?|lists?|files|accounts?|orders?|order\ history|invoices?|bills?"
    r"|messages|receipts?|profiles?|diagnos[ie]s|statements?|bookings?|documents?|photos|passports?|letters?|tickets?|chats?)"
)
_OTHERS: Final = (
    r"(?:(?:someone|somebody)(?:\ else)?'?s?|(?:a\ )?strangers?'?s?|other\ (?:people|customer|user|patient|person|guest|member|client)s?'?s?'?"
    r"|(?:another|a\ different)\ (?:customer|user|patient|person|guest|member|client|family|company)'?s?)"
)
_LOOSE: Final = r"(?:leak\w*|stolen|exposed|published|public(?:ly)?|online|hacked|for\ sale|(?:being\ )?sold|dump(?:ed)?|in\ the\ open|unprotected|visible|compromised)"
_BODY_OF_LAW: Final = (
    r"(?:food\ standards\ agency|environmental\ health|trading\ standards|ombuds(?:man|men|person)|(?-i:FDA|FTC|OSHA|CPSC|ICO|CNIL|FCA|NHTSA|FSA|HSE|EFSA|SEC|FAA|CMA)"
    r"|(?:competition|data\ protection|financial|medicines|consumer|labou?r|environment(?:al)?|food|health(?:\ and\ safety)?|safety|transport|aviation|tax|privacy|antitrust)"
    r"\ (?:authorit(?:y|ies)|agency|commission(?:er)?|office|inspectorate|board|watchdog|department)|ministry|regulators?|watchdog|inspectors?|authorities"
    r"|prosecutors?|police|district\ attorney|attorney\ general|senate|parliament)"
)
_PROCEEDS: Final = (
    r"(?:open(?:ed|s)\ (?:an?|its)|investigat\w*|inquiry|enquiry|probe[sd]?|fined?s?|warn(?:ed|s|ing)|raid(?:ed|s)?|search(?:ed|es)\ (?:the|our|their)|inspect(?:ed|s|ion)"
    r"|shut|closed|order(?:ed|s)\ (?:us|them|the|it|to)|bann?(?:ed|s)|recall(?:ed|s)?|summon\w*|ask(?:ed|s)\ (?:us|for|about|them)|question(?:ed|s)|sue[sd]|charged"
    r"|looking\ into|looks\ into|visited|audit(?:ed|s)?|seiz(?:ed|es)|subpoena\w*)"
)
_AMT: Final = (
    r"(?:veterinäramt|gesundheitsamt|ordnungsamt|lebensmittel(?:überwachung|kontroll\w*|aufsicht)|(?:bundes)?kartellamt|gewerbe(?:aufsicht\w*|amt)|umweltamt|steuerfahndung"
    r"|staatsanwalt\w*|datenschutz(?:behörde|beauftragte[rn]?|aufsicht)|aufsichtsbehörde\w*|verbraucherzentrale|bafin|bundesnetzagentur|berufsgenossenschaft"
    r"|eichamt|arbeitsschutzbehörde|bundesamt)"
)

_CLAIMS: Final = {
    "death": rf"""
        (?:\b(?:died|dead(?!\ (?:&|and)\ gone)|killed|fatal(?:ly|ity|ities)?|deaths?(?!\ (?:penalty|certificate|sentence|metal|star|match|row|valley|threats?|wish|trap))|lost\ (?:his|her|their)\ li(?:fe|ves)(?!\ savings)|passed\ away
        |(?:did\ not|didn't)\ survive\b(?!\ (?:the\ (?:wash|winter|trip)|shipping))|(?-i:RIP)\ to\ (?:the|my|our|a)\ (?:\w+\ )?{_WHO}|(?:crushed|burned|burnt|trampled|scalded|froze|frozen)\ to\ death|stirbt|erschlagen|verhungert|starb(?:en)?|{_WHO}\ (?:has\ |have\ |had\ )?drowned|suffocated|beaten\ to\ death
        |gestorben|tot|tote[nr]?|tödlich\w*|ums\ leben|umgekommen|verstorben\w*|todesf[aä]ll\w*|ertrunken|erstickt)\b)""",
    "injury": rf"""
        (?:\b(?:injur(?:ed|y|ies)|hurt\ (?:badly|people|someone|somebody)|(?:badly|seriously)\ hurt|fractur(?:ed?|es)\b|hospitali[sz]\w*
        |{_HARMED}\ (?:\w+\ )?(?:{_MINE}\ )(?:(?!{_BESIDE}\b)\w+\ ){{0,2}}{_BODY}|(?:cut|burn(?:ed|t)|crushed|injured|hit)\ (?:two|three|four|several|a|an|\d+)\ {_WHO}
        |(?:hit|hits|bumped|banged|smashed|knocked)\ (?:my|his|her|their)\ (?:head|face|knee|elbow|back)|{_BODY}\ (?:got|was|is)\ (?:stuck|caught|jammed|pinched|cut|closed)|throat\ (?:closed|swelled|tightened)\b
        |(?:boiling|scalding|burning|hot)\ (?:\w+\ )?(?:on|over|onto)\ (?:me|him|her|us|my|our|his|\w+\ \w+'s)|(?:covered\ in|full\ of)\ (?:welts|bites|hives|blood|blisters|bruises)|bed\ ?bugs?
        |(?:dropped|fell|landed|spilled|spilt|closed|folded|slammed)\ (?:\w+\ ){{0,4}}(?:on|onto|over)\ (?:my|his|her|their|our)\ (?:[\w']+\ )?{_BODY}|(?:bit|mauled|bitten)\ (?:me|him|her|us|my|our|the|a)\b(?!\ (?:too|of|more|much))
        |\b\w+\ (?:just\ |suddenly\ )?exploded\ (?:and|in\ (?!the)|on|at|while|when|during|all\ over)|given\ the\ wrong\ (?:medicines?|medication|dose|drugs?|blood)|(?:two|three|four|five|six|seven|eight|nine|ten|\d+)\ stitches|blurr(?:y|ed)\ vision|vision\ (?:\w+\ ){{0,3}}blurry
        |(?:spat|spitting|coughed|coughing|threw|throwing|vomit\w*|passing|lost|losing)\ (?:up\ )?(?:\w+\ )?blood|asthma\ attacks?|urgent\ care|rat\ poison|asbestos|overdose[ds]?|burn(?:ed|t)\ (?:me|him|her|them|us|myself|himself|herself)\b
        |{_BODY}\ (?:(?:is|are|was|were|got|has|have|had|been|went|still|all|now|badly|completely)\ ){{0,3}}(?:burn(?:ed|t)|broken|crushed|trapped|severed|fractured|swollen|swelling|swelled|numb|bleeding|blistered|scalded)
        |{_WHO}\ (?:was|were|got|has\ been|have\ been|had\ been)\ (?:\w+\ )?(?:burn(?:ed|t)|hurt|crushed|bitten|attacked|assaulted|punched|stabbed|beaten|trampled|hit\ by|run\ over|knocked\ (?:down|over)|scalded|electrocuted|trapped)
            (?!\ (?:out|by\ (?:\w+\ )?(?:price|pricing|fees?|market|support|tone|words?|comments?|repl(?:y|ies)|remarks?|attitude)))
        |(?:knocked\ (?:down|over)|ran\ over|run\ over|ran\ into|crashed\ into|hit|struck)\ (?:a|an|my|our|the|two|three|several)\ (?:\w+\ )?{_WHO}
        |(?:my|our|an?|the)\ (?:\w+\ )?{_WHO}\ fell\b(?!\ (?:for|in\ love|asleep|silent))|(?:{_WHO}|and)\ (?:\w+\ )?(?:slipped\ (?:and|on)|tripped\ (?:over|on|and)|fell\ (?:off|down|through|over|from)(?!\ (?:a\ rabbit|the\ wagon|the\ list|my\ (?:chair\ laugh|lap|radar)|asleep|apart)))\b
        |burns?\ (?:on|to|all\ over)\ (?:my|his|her|their)|(?:second|third)[-\ ]degree\ burns?|chemical\ burns?|(?:has|have|got|with|gave\ (?:me|us|him|her|them|\w+\ \w+))\ (?:\w+\ )?(?:an?\ )?(?:\w+\ )?(?:burns|rash|blisters|hives|food\ poisoning|diarrh\w+)
        |(?:ended\ up|landed|been|is|are|was|were|still|now|lying|kid|child|son|daughter|wife|husband)\ (?:\w+\ )?(?:in|at)\ (?:the\ |a\ )?(?:hospital|(?-i:ER|A&E|ICU)|emergency(?:\ room)?|intensive\ care|a\ and\ e)
        |(?:in\ (?:the\ )?emergency\ room|in\ intensive\ care)
        |(?:went|go|gone|going|rushed|taken|brought|took|drove|sent|admitted|transported|airlifted|trip|visit|straight)\ (?:\w+\ ){{0,3}}to\ (?:the\ |a\ )?(?:\w+\ )?(?:hospital|(?-i:ER|A&E)|emergency(?:\ room)?|(?:vet|vets|dentist|doctor|clinic)\b(?=.{{0,60}}\b(?:after|because|from\ your|due\ to|thanks\ to)\b))
        |(?:call(?:ed|ing)?|needed|took|taken|came|arrived|waiting\ for|by|in)\ (?:\w+\ ){{0,3}}(?:ambulance|paramedics)|(?:ambulance|paramedics?)\ (?:came|were|was|arrived|had|took|called|outside|on\ (?:its|the|their)\ way|treat\w*)
        |stitches\ in\ (?:my|his|her|their|a|the)\ {_BODY}|(?:needed|needs|got|had|required?s?)\ (?:\w+\ )?stitches|(?:now|is|was|are|leg|arm|wrist|foot)\ (?:in\ plaster|on\ crutches|in\ a\ sling)|(?:leg|arm|wrist|foot|ankle|hand)\ (?:\w+\ )?in\ a\ cast
        |(?:used?|needed?|uses|give|gave|given|giving|with|grabbed?)\ (?:\w+\ ){{0,2}}epi-?pens?|anaphyla\w*|(?:allergic|severe)\ (?:reactions?|shock)|(?:broke|come|came|coming|breaking)\ out\ in\ (?:a\ |\w+\ )?(?:hives|rash|spots|welts|blisters)|in\ hives
        |(?:itchy|red|nasty|awful|horrible|terrible|bad|skin)\ rash|rash(?:es)?\ (?:all\ over|on\ (?:my|his|her|their))|blisters?\ (?:on|all\ over)
        |(?:stopped|couldn't|can't|could\ not|cannot|unable\ to|struggl\w+\ to|trouble|difficulty|not)\ breath\w*
        |{_WHO}\ (?:\w+\ )?(?:fainted|passed\ out|blacked\ out|collapsed|suffocat\w+)|unconscious|concussion|seizures?|bleeding|scalded|electrocuted|dislocated\ \w+
        |(?:electric(?:al)?|nasty)\ shock|(?:got|get|getting|was|were|been)\ (?:a\ shock\ (?:off|from)|zapped|electrocuted|shocked\ (?:off|by\ the\ (?:plug|cable|wire|socket|metal|machine|cooker|fridge|lamp|tap|shower)))
        |food\ ?poison\w*|salmonell\w*|e\.?\ ?coli|listeri\w*|norovirus|poison(?:ed|ing)|stomach\ cramps|(?:violent|severe|awful|terrible)\ cramps
        |threw\ up(?!\ (?:an?|some|his|her|my|their|our|in\ my\ mouth|the\ (?!whole|entire))\b)|vomit(?:ed|ing|s)|(?:been|was|were|is|are|started|kept)\ (?:throwing\ up|puking|being\ sick)|diarrh\w+
        |made\ (?:me|us|him|her|them|people|(?:my|our|his|her|their)\ (?:\w+\ )?\w+|\w+\ of\ us)\ (?:(?:very|so|really|violently|seriously)\ )?(?:sick|ill)(?!\ (?:of|to\ (?:my|our)\ stomach))
        |(?:got|gotten|fell|felt|were|was|are|been)\ (?:(?:very|so|really|violently|seriously|all)\ )?(?:sick|ill)\ (?:after|from)\ (?:eating|drinking|using|taking|your|the|this|that)
        |(?:we|team|class|family|office|group|guests?|kids|children|half\ of\ us|all\ of\ us|everyone|everybody)\ (?:were|was|got|fell|are|is)\ (?:\w+\ )?(?:sick|ill)\ (?:the|for|all|since|yesterday|last|afterwards?)
        |carbon\ monoxide|gas\ leak\w*|leak(?:ed|s|ing)\ (?:natural\ )?gas|smells?\ of\ gas|chok(?:ed|ing|es)\ on|(?:almost|nearly)\ choked
        |caught\ (?:fire|alight)|burst\ into\ flames|in\ flames|set\ (?:my|our|his|her|their)\ \w+\ on\ fire|(?:exploded|blew\ up|burst)\ in\ (?:my|his|her|their)
        |(?:smoke|sparks?|flames|burning\ smell)\ (?:\w+\ ){{0,3}}(?:from|out\ of|inside)\ (?:\w+\ ){{0,2}}{_DEVICE}|{_DEVICE}\ (?:\w+\ ){{0,2}}(?:exploded|blew\ up|melted|is\ melting|started\ (?:smoking|sparking|to\ smoke|burning)|sparked|smoking(?!\ hot)|overheated\ and|ignited|swelled\ up|is\ on\ fire|was\ on\ fire|went\ up\ in\ flames|scorched|burn(?:ed|t)\ (?:my|our|the|a|down))
        |(?:brakes?|seat\ ?belts?|buckle|harness|ladder|railing|handrail|elevator|wheel|tyre|tire|airbags?|stair\ ?gate|balcony|ceiling|scaffold\w*|car\ seat|cot|crib|trampoline)\ (?:\w+\ ){{0,2}}(?:failed|fails|fail|came\ (?:off|open|loose|down)|gave\ way|snapped|burst|collapsed|fell\ (?:off|down|apart)|(?:didn't|did\ not|doesn't|don't)\ (?:open|deploy|hold|lock|work)|sheared)
        |{_WHO}\ (?:could|might|nearly|almost)\ (?:have\ )?(?:easily\ )?(?:died|been\ (?:\w+\ )?(?:killed|hurt|injured)|drowned|suffocated|lost\ an?\ (?:eye|finger|hand|leg))
        |(?:found|bit\ (?:on|into)|chewed(?:\ on)?|swallowed|there\ (?:was|were|is|are)|discovered)\ (?:\w+\ ){{0,4}}?{_HARD}\ (?:\w+\ )?(?:in|inside)\ (?:(?:my|our|your|the|his|her|their|this|a|one\ of)\ )(?!(?:\w+\ ){{0,2}}{_PLACE}\b)
        |something\ (?:sharp|hard|metallic)\ in\ (?:my|our|the|your|his|her|this)|sharp\ (?:object|thing|piece|bit)s?\ in\ (?:my|our|the|your|his|her|this)
        |(?:pieces?|bits?|shards?|splinters?|slivers?|fragments?)\ of\ (?:\w+\ ){{0,2}}(?:glass|metal|steel|wire|plastic|bone|wood)\ (?:\w+\ )?in\ (?!(?:\w+\ ){{1,3}}{_PLACE}\b)|broken\ glass\ in|(?:needles?|razor\ blades?)\ in\ (?:my|our|his|her|their|the|this)
        |(?:button|bead|magnet|batter(?:y|ies)|small\ parts?)\ (?:\w+\ ){{0,3}}(?:swallowed|choke\w*)|swallowed\ (?:an?|the|one\ of|some)\ (?:\w+\ )?(?:button|bead|magnet|battery|part|piece|bit|shard|splinter|fragment|bleach|cleaner)
        |(?:krank|schlecht|übel|schwindelig|ohnmächtig)\ geworden|erbrochen|brechdurchfall|(?:blut\ (?:gespuckt|erbrochen|verloren|gehustet))|(?:platz|schnitt|brand|kopf)wunden?|blutet|blasen\ (?:im|am|auf|an)|gas\ gerochen|roch\ (?:\w+\ )?nach\ gas
        |(?:gefallen|runtergefallen|gesturzt)\ und|(?:im|in\ der|in\ dem|in\ meine[mr]|in\ unsere[mr])\ (?:\w+\ )?(?:war(?:en)?|lag(?:en)?|steckte[n]?|befand\w*\ sich)\ (?:eine?\ |lauter\ )?(?:\w+\ )?{_FREMD}|übergeben\ (?:müssen|musste)|musste[n]?\ (?:\w+\ ){{0,3}}übergeben|durchfall|(?:magen|bauch)kr[aä]mpfe\w*|salmonell\w*|listerien
        |{_FREMD}\ (?:im|in\ (?:der|den|dem|meine[mnr]|unsere[mnr]|eure[mnr]))\ (?:\w+\ ){{0,3}}(?:gefunden|entdeckt|drin|gebissen)|(?:gefunden|entdeckt|war(?:en)?|auf)\ (?:\w+\ ){{0,2}}{_FREMD}\ (?:im|in\ (?:der|den|dem|meine[mnr]|unsere[mnr]|eure[mnr]))|(?:glas|metall|plastik|knochen)?splitter\ (?:im|in)
        |{_GLIED}\ (?:\w+\ ){{0,4}}(?:gebrochen|abgebrochen|geschnitten|verbrannt|verbrüht|eingeklemmt|geschwollen|gequetscht|taub|genäht|ausgeschlagen)|(?:geschnitten|gebrochen|verbrannt|eingeklemmt)\ (?:\w+\ ){{0,3}}{_GLIED}
        |(?:geschnitten|gestochen)\ an|genäht\ werden|geschwollen\w*|ausschlag\ (?:am|an|auf|im|bekommen|seit|überall)|atemnot|(?:nicht|kaum)\ (?:mehr\ )?atmen|eingeklemmt|(?:keine|kaum)\ luft\ (?:mehr\ )?(?:bekommen|gekriegt|holen)|verschluckt\w*(?=.{{0,80}}\b(?:luft|kleinteil|notruf|würg\w*)\b)|(?:kleinteil|knopf|batterie|magnet|perle)\ (?:\w+\ ){{0,2}}verschluckt
        |(?:gestürzt|ausgerutscht|hingefallen|angefahren|überfahren|zusammengebrochen|umgefahren|gebissen\ worden|angegriffen\ worden|geschlagen\ worden)
        |(?:zu\ )?qualm(?:t|en|te|ten)\b|(?:akku|ladegerät|kabel|stecker|gerät|heizung|steckdose)\w*\ (?:\w+\ ){{0,4}}(?:geschmolzen|gebrannt|brannte|geraucht|rauchte|funken|gequalmt)|feuer\ gefangen|in\ brand\ geraten|in\ flammen|explodiert|gasgeruch|kohlenmonoxid
        |verletz(?:te[nr]?|t|ung\w*)(?!\ (?:meine|unsere|ihre|eure)\ (?:gefühle|rechte|privatsphäre|würde))|verbrannt|verbrüht|(?:ins|im|in\ ein|in\ die)\ (?:krankenhaus|(?-i:KH)|klinik|notaufnahme)\b|notaufnahme|notarzt|krankenwagen|rettungswagen|allergisch\w*\ (?:reaktion|schock)\w*
        |lebensmittelvergiftung|vergift\w*|bewusstlos|ohnmächtig|stromschlag|stromstoß|(?:fast|beinahe)\ erstickt|gehirnerschütterung)\b)""",
    "personal-data": rf"""
        (?:\b(?:data\ (?:breach|leak)\w*|identity\ theft|doxx\w*|(?:my|our)\ (?:data|details|addresses|passwords?|accounts?)[ ]
        (?:was|were|got|have\ been|has\ been|are|is)\ (?:\w+\ )?{_LOOSE}
        |(?:{_CLIENTS}|{_CLIENTS}s)\ (?:\w+\ )?{_HELD}\ (?:\w+\ ){{0,4}}{_LOOSE}|(?:leak(?:ed|s|ing)?|published|exposed|dumped|stole|stolen|selling|sold)\ (?:\w+\ ){{0,3}}{_CLIENTS}\ (?:\w+\ )?{_HELD}(?:\ (?:is|are)\ on\ a\ public)?
        |leaked\ (?:my|our|personal)\b.{{0,20}}|hack\w*\ (?:\w+\ ){{0,6}}{_CLIENTS}\ {_HELD}|{_OTHERS}\ {_HELD}\ (?:show(?:s|ed|ing)?\ up|appears?|appeared|popp?(?:ed|ing)?\ up|in\ my|on\ my)|your\ (?:customer\ |user\ )?database\ (?:\w+\ ){{0,3}}{_LOOSE}|passwords?\ (?:\w+\ ){{0,4}}in\ (?:plain|clear)\ ?text
        |(?:see|saw|seeing|view|viewing|download|access|browse|find|gives\ me|open|logged\ (?:in\ )?(?:to|into)|i'm\ in|am\ in|got|gotten|received|sent\ me|mailed\ me|emailed\ me|gave\ me|shows?\ me|showing|showed\ me|shown|access\ to|opened|read|reading|read\ all)\ (?:\w+\ ){{0,4}}?{_OTHERS}\ (?:(?!before\b)\w+\ )?{_HELD}
        |(?:e-?mailed|sent|mailed|gave|forwarded)\ me\ (?:\w+\ ){{0,3}}(?:list|file|spreadsheet|table)s?\ of\ (?:\w+\ ){{0,2}}{_CLIENTS}|(?:greets?|greeted|logged|signed|signs)\ (?:me\ )?(?:in\ )?as\ (?:mr|mrs|ms|someone|somebody|another|a\ different|a\ stranger)
        |(?:someone|somebody|a\ stranger|hackers?)\ (?:\w+\ )?(?:logged|got|hacked|broke|gets)\ in(?:to)?\ my\ (?:\w+\ )?account|my\ (?:\w+\ )?account\ (?:was|got|has\ been|is)\ (?:\w+\ )?(?:hacked|compromised|taken\ over)
        |(?:shows?|gave|gives|read|told|posted|printed|shared|sent|tweeted|published|leaked|displayed|got)\ (?:out\ )?(?:my|our|his|her)\ (?:\w+\ )?(?:phone\ number|number|address|e-?mail|name|date\ of\ birth|diagnosis|salary|contracts?|passport|details)\ (?:\w+\ )?(?:to\ (?:everyone|everybody|anyone|strangers?|a\ (?:\w+\ )?(?:stranger|caller|person)|my\ ex|the\ whole|all)|from\ your|on\ (?:telegram|twitter|facebook|reddit|the\ (?:internet|web|label|outside))|online|in\ public|publicly)
        |(?:personnel|patients?'?|medical|customers?'?|client|employee|staff|hr)\ (?:files|records|papers|folders)\ (?:\w+\ ){{0,2}}(?:in\ (?:the|a)\ (?:bin|skip|street|trash|rubbish|recycling|open)|on\ the\ (?:street|pavement|train)|lying|dumped)
        |logged\ in\ (?:\w+\ ){{0,3}}(?:and|but)\ (?:\w+\ ){{0,4}}{_OTHERS}\ (?:\w+\ )?account|(?:letter|e?-?mail|statement|invoice|bill|results?|report|documents?|contract)s?\ (?:\w+\ )?(?:meant\ for|addressed\ to|intended\ for)\ (?:another|someone\ else|somebody\ else|a\ different|a\ stranger)
        |sent\ (?:my|our|his|her)\ (?:\w+\ ){{0,2}}(?:data|details|documents?|records?|results?|invoice|address|file|info\w*|contract|statement)\ to\ (?:the\ (?:wrong|whole)|another|someone|somebody|a\ stranger|my\ (?:neighbou?r|ex|boss|employer|mother|father|parents|landlord))
        |(?:everyone|everybody|all\ (?:the\ )?(?:recipients|customers|addresses|members)|hundreds\ of\ (?:people|addresses))\ (?:\w+\ ){{0,3}}(?:in\ (?:cc|copy)\b|in\ the\ (?:cc|to)\b|visible)|cc'?(?:e?d|ing)?\ (?:everyone|all)|instead\ of\ bcc|forgot\ (?:the\ |about\ |to\ use\ )?bcc
        |my\ (?:credit\ |debit\ )?card\ (?:\w+\ ){{0,4}}(?:used|misused|cloned|stolen|hacked|charged)\ (?:[\w']+\ ){{0,6}}(?:since|after)\ (?:i|we|using|paying|ordering|buying|shopping)\b
        |datenleck\w*|datenpanne\w*|datenschutzverletzung\w*|(?:meine|unsere|kunden|nutzer|patienten|mitglieder|mitarbeiter)-?\ ?(?:daten|adressen|passwörter)\ (?:\w+\ ){{0,4}}
        (?:öffentlich|gestohlen|veröffentlicht|geleakt|gehackt|einsehbar|offen|im\ netz|im\ internet|verkauft|abgegriffen)
        |(?:befund|unterlagen|rechnung|brief|daten|vertrag|bestellung|adresse|konto)\w*\ (?:\w+\ ){{0,2}}(?:von|für)\ (?:jemand(?:em)?\ ander\w+|einem\ fremden|einer\ fremden)|jede[rm]?\ kann\ (?:\w+\ ){{0,6}}(?:daten|bewerbungen|rechnungen|bestellungen|adressen|akten|unterlagen)\b
        |konto\ (?:wurde|ist|war)\ (?:\w+\ )?gehackt|(?:akten|bewerbungen|unterlagen|patientenakten|personalakten)\ (?:\w+\ ){{0,4}}(?:offen|im\ (?:altpapier|müll|netz|internet)|einsehbar|auf\ der\ straße)
        |offene[mnr]?\ (?:e-?mail-?)?verteiler|alle\ (?:e-?mail-?)?adressen\ (?:\w+\ )?(?:sichtbar|offen|im\ cc|lesbar)|cc\ statt\ bcc|passw\w+\ (?:\w+\ ){{0,2}}im\ klartext|daten\ (?:aller|der|von|unserer)\ (?:\w+\ )?(?:kunden|mitglieder|nutzer|patienten|mitarbeiter)\ (?:\w+\ ){{0,3}}(?:bei\ google|im\ (?:netz|internet)|offen|öffentlich|online|geleakt|gestohlen)
        |(?:sehe|sehen|sieht|gesehen|bekommen|erhalten|angezeigt|zugriff|eingeloggt|geschickt)\ (?:\w+\ ){{0,6}}(?:fremde[rnms]?|eines\ anderen|einer\ anderen|anderer)\ (?:leute|kunden|kundin|person(?:en)?|patient\w*|nutzer\w*|konto|daten|bestellung\w*|rechnung\w*|namen)
        |(?:daten|unterlagen|kontoausz[uü]ge?|rechnung\w*|bestellung\w*|briefe?|befund\w*|konto|adressen?|vertrag)\ (?:\w+\ )?(?:fremde[rnms]?|eines\ anderen|einer\ anderen|anderer)\ (?:leute|kunden|kundin|person(?:en)?|patient\w*|nutzer\w*)
        |(?:kreditkarte\w*|kartendaten|bankdaten)\ (?:\w+\ ){{0,7}}(?:missbraucht|geklaut|gestohlen))\b)""",
    "authority": rf"""
        (?:\b(?:health\ (?:inspect\w+|department|authority)|data\ protection\ (?:authority|commissioner|office)|public\ prosecutor|prosecutors?
        |subpoena|court\ order|recall(?:ed)?\ by|consumer\ protection\ (?:agency|office)|warning\ letter\ from|cease\ trading
        |{_BODY_OF_LAW}(?!\ (?:street|road|square|lane|choir|officers?|station|office\ hours))\ (?:[\w']+\ ){{0,3}}{_PROCEEDS}|(?:investigated|fined|raided|inspected|shut\ down|shut|closed|banned|questioned|sued|audited|ordered|recalled|summoned)\ by\ (?:the\ )?(?:\w+\ ){{0,2}}{_BODY_OF_LAW}
        |(?:investigation|inquiry|enquiry|fine|letter|visit|order|warning|raid)\ (?:by|from)\ (?:the\ )?(?:\w+\ ){{0,2}}{_BODY_OF_LAW}|(?-i:FDA|FTC|OSHA|FSA|HSE|ICO|FCA|CNIL)\ (?:warning|letter|investigation|inquiry|fine|order|complaint)|police\ (?:are|is|were|have)
        |inspectors\ (?:gave|failed|downgraded|found|came|were)|(?:labou?r|food|health|tax)\ inspectorate|(?:opened|opens|launched|launches)\ (?:\w+\ )?(?:proceedings|an?\ (?:\w+\ )?(?:investigation|inquiry|probe))\ (?:against|into)|committee\ (?:calls|called|summons|summoned|subpoenas)
        |verbraucherschütz\w*\ (?:\w+\ ){{0,3}}(?:verklag\w*|klag\w*|mahn\w*|warn\w*)|verhäng\w*\ (?:\w+\ ){{0,2}}(?:strafe|bußgeld)|\w{{3,12}}amt\ (?:\w+\ ){{0,4}}(?:geschlossen|untersag\w*|ermittel\w*|prüf\w*|verbiet\w*|verbot\w*|verhäng\w*|angeordnet|beanstand\w*|schließt)
        |{_AMT}|razzia|hausdurchsuchung|durchsuchungsbeschluss|(?:ermittelt|ermitteln|ermittlungen)\ (?:\w+\ )?gegen|bußgeldbescheid|amtlich\w*\ (?:rückruf|warnung)
        |(?:polizei|zoll|behörden?|ministerium|kripo|kriminalpolizei|finanzamt)\ (?:\w+\ ){{0,3}}(?:ermittelt|ermitteln|durchsuch\w*|geschlossen|warnt|prüft|schließt|fordert|ist\ da|war\ (?:da|hier|im|in)|kam|standen|stand))\b)""",
}
_UNREAL = unicode_pattern(
    r"""(?:\b(?:nobody|no\ one|nothing|not|never|isn't|wasn't|weren't|didn't|don't|doesn't|hasn't|haven't|if|would|could|might|may|can\ cause|imagine|risk\ of
    |prevent\w*|avoid\w*|afraid\ of|fear\ of|worried\ about|first\ aid|in\ case\ of|game|movie|film|song|novel|series|rather
    |niemand|keine?[rnms]?|nicht|nie|falls|wenn|würde|könnte|stell\ dir|spiel|lied|roman|gegen|vorsicht\ vor)\b[^.!?\n,;:–—]{0,40}\Z
    |\b(?:no|without|ohne)\ (?:\w+\ ){0,2}\Z|(?<!\b(?:looks|seems|'d|would)\ )\blike\ (?:\w+\ ){0,2}\Z|\b(?:looks|seems)\ like\ (?:an?|the|some)\ (?:\w+\ )?\Z)""",
    _FLAGS | regex.VERBOSE,
)
_STOPS = unicode_pattern(
    r"""\b(?:and|but|that|because|so|since|after|when|where|und|aber|dass|weil|denn|seit|nachdem|obwohl|how\ could\ you\ let|could\ you\ (?:explain|tell)\ \w+\ why)\b
    |\b(?:never|didn't|don't|wouldn't|nie|nicht)\ (?:have\ )?(?:thought|think|believed?|expect\w*|imagined?|gedacht|geglaubt|erwartet)\b|\bwould\ like\ to\b|\bnot\ (?:happy|ok|okay|good|acceptable|funny|only|just|even|sure)\b|\bnicht\ nur\b""",
    _FLAGS | regex.VERBOSE,
)
"""What ends the reach of a denial: a new clause, and what denies an opinion and no event."""
_FIGURES = unicode_pattern(
    r"""\b(?:dead(?:line|\ line|\ link|\ simple|\ easy|\ end|\ wrong|\ on|\ tired|\ batter\w*|\ code|\ pixel|\ quiet|\ slow|\ good|\ weight|\ zone|\ spot|\ stock|\ air|\ money|\ serious|\ sure|\ inside)|drop\ dead|dead\ body\ before
    |(?:left|played|knocked|brain|walking|evil)\ dead|dead\ (?:phone|laptop|screen|car|app|account|silence|space|pool|cat\ bounce|heat|sea|drop)|(?:is|am|are|'m)\ so\ dead|links?\ (?:\w+\ ){0,4}(?:is|are)\ dead|killed\ it|kill(?:ed|ing)\ (?:the|my|our|his|her|their)\ (?:mood|vibe|appetite|battery|diet|budget|joy|feature|app|product|plan|service|sale|deal|day|momentum|buzz)
    |kill(?:ed)?\ (?:an?|\w+|\w+\ \w+)?\ ?(?:time|hours?|minutes|days?|afternoon|evening)|to\ die\ for|died\ (?:laughing|of\ (?:laughter|embarrassment|boredom|joy|cringe|happiness|shame)|a\ little|inside)
    |(?:nearly|almost)\ died\ when\ i\ (?:saw|read|heard)|i'?m\ dead\b|dead(?=\s*[😂🤣💀😭])|fatal\ (?:error|flaw|mistake|exception|attraction)
    |battery\ (?:died|is\ dead|dead)|(?:phone|laptop|app|site|server|link|account|feed|project|process|job|tablet|screen|printer|car|trend|conversation|chat|party|wifi|internet|line|machine|plant|laptop's|brand|format|genre)s?\ (?:(?:has|have|had|just|also|suddenly|completely|finally|already|always|is|was)\ ){0,2}(?:died|is\ dead|was\ killed|dead|got\ killed|gestorben)
    |tot(?:al\w*|gelacht|müde)|(?:lach\w*|lacht|arbeite\w*|ärger\w*|langweil\w*)\ (?:mich|uns|sich|dich|euch)\ (?:\w+\ )?tot|tote\ hose|(?:akku|handy|laden|link|leitung|telefon|seite|app|server|innenstadt|markt|verbindung|bildschirm|display|projekt|internet|netz|hotline)\w*\ (?:\w+\ ){0,2}tot
    |injury\ (?:time|blow|list|news|update|crisis|report|lawyer)|hurt\ (?:by|in)\ the\ (?:poll|market)\w*|hurts?\ (?:my|your|his|her|the)\ (?:eyes|head|brain|heart|feelings|ears)|insult\ to\ injury
    |burn(?:ed|t)\ (?:my|his|her|their)\ (?:bridges|money|cash|toast|tongue\ on\ the\ joke|dinner|rice)|poison\ pill|twist(?:ed|ing)?\ (?:my|his|her|our)\ arm|bleeding\ (?:edge|money|cash|users|customers|heart|obvious)
    |chok(?:ed|ing)\ (?:up|on\ (?:my|her|his)\ (?:coffee|tea|drink|words|breakfast))|(?:got|cut)\ (?:my|his|her)\ (?:hair|teeth)|back\ broken\ down|stabbed\ (?:\w+\ )?in\ the\ back|(?:break|broke)\ a\ leg|broke\ the\ back|face\ ?palm\w*
    |sharp\ (?:price|rise|increase|drop|suit|look\w*)|(?:sales|numbers|views|bookings|sign-?ups|downloads|demand)\ (?:have\ |has\ )?(?:exploded|explodiert)|(?:explodiert|explodierte[n]?)\ (?:die\ )?(?:preise|kosten|nachfrage)|(?:preise|kosten|nachfrage)\ (?:sind\ )?explodiert
    |broke\ (?:my|the)\ (?:heart|build|site|app|workflow|record|streak|rule\w*|phone|laptop|silence|fast|diet|news|bank|internet|ice)
    |(?:market|stock|share|prices?|system|app|site|server|website)s?\ (?:\w+\ )?collapsed|hit\ (?:the|my|our)\ (?:spot|road|gym|mark|nail)|(?:sick|ill)\ of|attacked\ by\ (?:trolls|bots|seagulls\ lol)
    |verletzt\ (?:\w+\ )?(?:gefühle|das\ (?:gesetz|recht)|die\ (?:regeln|rechte|privatsphäre|würde)))\b""",
    _FLAGS | regex.VERBOSE,
)
_MATTERS: Final = {
    "law": r"""discriminat\w*|racis\w*|sexis\w*|harass\w*|lawsuits?|sue[ds]?|suing|lawyers?|solicitors?|attorney|illegal\w*|gdpr|privacy|unsafe|safety|hazard\w*
        |toxic|fraud\w*|scam\w*|phishing|copyright|diskriminier\w*|rassis\w*|belästig\w*|klage[n]?|verklag\w*|anwalt\w*|anwält\w*|illegal\w*|dsgvo
        |datenschutz\w*|sicherheitslücke\w*|gefährlich\w*|betrug\w*|betrüg\w*|urheberrecht\w*""",
    "money": r"""refund\w*|overcharg\w*|charged\ (?:me|us|twice)|double\ charged?|invoices?|contracts?|cancel\w*\ (?:my\ )?(?:subscription|contract|plan)|money\ back
        |compensat\w*|prices?\ (?:went\ up|increase\w*|hike\w*)|rückerstatt\w*|geld\ zurück|rechnung\w*|abgebucht|vertrag\w*|kündig\w*|preiserhöhung\w*|entschädig\w*""",
    "quality": r"""broken|defect\w*|faulty|bugs?|buggy|crash\w*|outage\w*|doesn'?t\ work|not\ working|stopped\ working|poor\ quality|disappoint\w*|useless|stale|mou?ldy
        |kaputt|defekt\w*|fehlerhaft\w*|funktioniert\ nicht|geht\ nicht|abstürz\w*|ausfall\w*|schlechte\ qualität|enttäusch\w*|verschimmelt\w*""",
}


_CLAIMED = {name: unicode_pattern(text, _FLAGS | regex.VERBOSE) for name, text in _CLAIMS.items()}
_MAYBE = {name: pattern(text.replace("(?-i:", "(?:").lower(), re.VERBOSE) for name, text in _CLAIMS.items()}
"""The same for texts in small letters, where they find all that those above find and in a tenth of the time."""
_SENSITIVE = {name: unicode_pattern(rf"\b(?:{text})\b", _FLAGS | regex.VERBOSE) for name, text in _MATTERS.items()}
_STEMS: Final = {
    "death": "died. dead. kill fatal death life. lives. passed drown suffoc beaten survive rip. froze erschlag verhung stirbt starb gestorb tot. tote. toter. toten. töd leben umgek verst todes ertrunk erstick",
    "injury": "injur hurt bump bang throat boil hot. burning covered full. bed. bedbug blood asthma urgent asbest overdos blut dropped landed spill spilt closed. folded slammed bit. mauled given. blurr vision atmen brech platzw schnittw brandw kopfw blasen roch. gerochen gefallen runtergef gesturzt waren lag lagen steck befand "
    " fract hospital cut. burn brok crack chipped. sprain twist bruis scratch slic crush trap pinch scald disloc swol swell smash "
    "pierc punct gash severed jammed. impal bitten attack assault punch stab beaten trampl hit. run. ran. running. knock struck electr crash slipped. tripped. trip. fell. "
    "chemical rash blister hives diarrh poison emerg er. icu. intens vet. vets. dentist doctor clinic ambul paramed stitch plaster crutch sling cast. epi. epipen "
    "anaphyl allerg welts spots breath faint passed black collaps suffoc uncons concuss seizur bleed shock zapp salmon coli ecoli listeri norov cramp "
    "threw throw vomit puk sick ill. carbon gas chok fire alight flame explod blew burst smok spark smell melt overheat ignit scorch brake seat. seatbelt "
    "buckle harness ladder railing handrail elevator wheel tyre. tire. airbag stair balcon ceiling scaffold car. cars. cot. crib trampol died. drown lost. killed glass "
    "metal screw nail stone plastic needl wire. wires. bone blade bolt stapl splint shard pin. pins. rodent mouse rat. rats. sharp hard. swallow steel wood razor numb. "
    "krank schlecht übel schwind ohnm erbroch übergeb durchfall magen bauch glas knoch holz scherb stück spän schraub nägel nagel nadel draht stein. steine. "
    "kling maus gebroch abgebroch geschnitt gestoch verbrann verbrüh eingekl geschwoll gequetsch taub genäht ausges ausschlag atemnot luft. "
    "verschluckt gestürzt ausgeruts hingef angefahr überfahr zusammeng umgefahr gebissen angegriff geschlag qualm geschmolz gebrannt brannt geraucht "
    "rauch funken gequalm feuer brand flammen kohlenm verletz klinik kh. notauf notarzt rettungs lebensmittelverg vergift bewusstl strom "
    "erstick gehirn",
    "personal-data": "someone somebody hack passw kontoau daten. neighb whole.  telegram everyone everybody anyone twitter facebook reddit internet label outside online personnel medical client staff employee hr. greet signed logged list. file spreadsheet table. jede. jeder. jedem. jemand konto akten bewerb unterlag befund caller ex. "
    " stranger other. others. another different identity doxx leak stol expos publish public. publicly. online hack sale sold. selling. dump "
    "unprot visib open. offen compromis plain. clear. wrong. cc. bcc copy. card. karten data. daten kunden nutzer patient mitglied mitarb meine. unsere. verteil adress fremd anderen. anderer. "
    "kreditk karte. bankd",
    "authority": "commission committee launch verhäng proceedings labour tax. amt. health data. public. prosec subpoena court recall consumer warning cease food environm trading ombuds fda. ftc. osha. cpsc. ico. cnil. fca. nhtsa. "
    "fsa. hse. efsa. sec. faa. cma. compet financ medic labo safety transport aviat tax privacy antitrust minist regulat watchdog inspect authorit police district "
    "attorney senate parliam veter gesund ordnungsa lebensm kartell bundes gewerb umwelta steuerf staatsa datensch aufsicht verbrauch bafin berufsg eich "
    "arbeitss razzia hausd durchs ermittel bußg amtlich polizei zoll behörd kripo kriminal finanzamt",
}
_STARTS: Final[dict[str, list[str]]] = {}
_WORDS: Final[dict[str, list[str]]] = {}
for _claim, _words in _STEMS.items():
    for _stem in _words.split():
        (_WORDS if _stem.endswith(".") else _STARTS).setdefault(
            _stem.rstrip(".") if _stem.endswith(".") else _stem[:6], []
        ).append(_claim)
_SIZES: Final = sorted({len(stem) for stem in _STARTS})
"""How long the beginnings are. No pattern above fits a text in which no word begins so or, with a full stop, is so."""
_LETTERS = unicode_pattern(r"\w+")
_ENDS = unicode_pattern(r"[.!?\n,;:–—]")
_TOLD = unicode_pattern(r"\b(?:my|our|me|us|why|how\ come|meine?[mnrs]?|unsere?[mnrs]?|mir|uns|warum|wieso)\b", _FLAGS)
"""A question with these is about what happened to somebody, not whether it did."""
MOST_LETTERS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Reported:
    """What a text reports.

    Attributes:
        claims: names of ``severity.FLOORS``, in their order.
        matter: how sensitive it is.
        why: ``name: the words``, one each.
    """

    claims: tuple[str, ...]
    matter: Matter
    why: tuple[str, ...]


def reported(text: str) -> Reported:
    """Read what a text reports."""
    plain = text[:MOST_LETTERS].replace("’", "'")
    possible = _possible(plain)
    small = plain.lower()
    spoken = [name for name in _CLAIMED if name in possible and _MAYBE[name].search(small)]
    real = _FIGURES.sub(lambda found: " " * len(found[0]), plain) if spoken else ""
    claims, why = [], []
    for name in spoken:
        for found in _CLAIMED[name].finditer(real):
            if not _unreal(real, found.start()) and not _asked(real, found.start(), found.end()):
                claims.append(name)
                why.append(f"{name}: {found[0].strip()[:40]}")
                break
    for matter in ("law", "money", "quality"):
        if found := _SENSITIVE[matter].search(plain):
            why.append(f"{matter}: {found[0][:40]}")
            return Reported(tuple(claims), "law" if claims else matter, tuple(why))
    return Reported(tuple(claims), "law" if claims else "routine", tuple(why))


def _possible(text: str) -> set[str]:
    """The claims of which a word stands in a text; of most texts none, and those are done."""
    found = {"injury"} if "A&E" in text else set()
    for word in set(_LETTERS.findall(text.lower())):
        found.update(_WORDS.get(word, ()))
        if word.endswith("amt"):
            found.add("authority")
        for size in _SIZES:
            found.update(_STARTS.get(word[:size], ()))
    return found


def _unreal(text: str, start: int) -> bool:
    """Whether what stands before a word denies or imagines it; a new clause begins anew."""
    before = text[max(0, start - 60) : start]
    for stop in _STOPS.finditer(before):
        before = " " * stop.end() + before[stop.end() :]
    return _UNREAL.search(before) is not None


def _asked(text: str, start: int, end: int) -> bool:
    """Whether the clause around a word asks if it happened; what is reported before a comma stays reported, and so does *why*."""
    close = _ENDS.search(text, pos=end)
    if close is None or close[0] != "?":
        return False
    begin = max((text.rfind(mark, 0, start) for mark in ".!?\n,;:–—"), default=-1)
    return _TOLD.search(text, begin + 1, end) is None


def graver(one: Matter, other: Matter) -> Matter:
    """The more sensitive of two."""
    return max(one, other, key=MATTERS.index)
