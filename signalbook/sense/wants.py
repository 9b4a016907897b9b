"""What does it want of us? The words by which a mention is told to be one line of the response matrix or another.

General words in English and German, none of one trade. Each list is one wish; a text may hold several, and ``signalbook.triage``
says which of them decides. What wants the quickest answer is rather found too often than too seldom.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import regex

from signalbook.pattern import unicode_pattern

_FLAGS: Final = regex.IGNORECASE | regex.VERSION1
MOST_LETTERS: Final = 4_000
_OURS: Final = r"(?:your|the|our)"
_PAGE: Final = r"(?:web)?(?:site|page|calendar|schedule|timetable|faq|leaflet|poster|sign|photo|picture|post|map|menu|headline|article|bio|caption|listing|newsletter|brochure|graphic|chart|slide|video|text)"
_SEITE: Final = r"(?:seite|website|homepage|beitrag|karte|speisekarte|post|artikel|kalender|aushang|plakat|überschrift|newsletter|text|grafik|anzeige)"

_WANTED: Final[Mapping[str, str]] = {
    "legal": r"""cease\ and\ desist|(?:letter|statement)\ of\ claim|defam\w+|libel\w*|slander\w*|instructed\ (?:a|my|our)\ \w+|(?:klage|klagen)\ (?:\w+\ ){0,3}(?:eingereicht|erhoben|einreichen)|verleumd\w*|schadens?ersatz|(?:my|our|his|her|their|a)\ (?:lawyer|solicitor|attorney|barrister)s?|law\ firm|legal\ (?:notice|action|proceedings|claim|team\ is|steps)|class\ action
        |(?:small\ claims|see\ you\ in|take\ you\ to|taking\ you\ to|taking\ this\ to|going\ to)\ court|small\ claims|formal\ (?:notice|complaint\ under|demand)|letter\ before\ (?:action|claim)|notice\ before\ claim
        |we\ (?:represent|act\ for|act\ on\ behalf)|on\ behalf\ of\ (?:my|our)\ client|(?:i|we)(?:'ll|'m|\ will|\ am|\ are|'re)?\ (?:going\ to\ )?(?:sue|suing)\b|pressing\ charges|press\ charges
        |subject\ access\ request|right\ to\ (?:erasure|be\ forgotten)|(?:article|art\.?)\ (?:15|17|21)\b.{0,20}(?:gdpr|dsgvo)?|(?:all|any)\ (?:the\ )?personal\ data\ you\ (?:hold|have|store)|delete\ (?:all\ )?my\ (?:personal\ )?(?:data|account\ and)
        |breach\ of\ contract|trademark|copyright\ (?:infringement|claim|notice)|dmca|infring\w+
        |abmahn\w*|(?:wir|ich)\ mahne[n]?\b.{0,30}\bab\b|unterlassung\w*|(?:mein|unser)e?[nmr]?\ (?:rechts)?(?:anwalt|anwältin|anwälte)|kanzlei|rechtsanw[aä]lt\w*|rechtliche[nr]?\ (?:schritte|folgen)|(?:reiche|reichen)\ klage|verklage[n]?\ (?:euch|sie)
        |strafanzeige|anzeige\ (?:erstatte\w*|bei\ der)|(?:artikel|art\.?)\ (?:15|17|21)\b|auskunft\ (?:nach|gemäß|über\ meine\ daten)|meine\ daten\ (?:zu\ )?lösch\w*|frist\ bis\ zum|widerspruch\ gegen""",
    "press": r"""(?:media|press)\ (?:requests?|queries|enquiries|inquiries|questions)|(?:freelance|staff)\ (?:writer|journalist|reporter|photographer)|(?:tv|radio|news|magazine|documentary|podcast)\ (?:feature|segment|report|piece|story|interview|crew)|redaktion\b|(?:suche[n]?|brauche[n]?)\ (?:\w+\ )?(?:zitat|interviewpartner\w*|gesprächspartner\w*)|press\ (?:inquiry|enquiry|request|office|contact|officer|team)|media\ (?:inquiry|enquiry|request|contact)|(?:i(?:'m|\ am)|we(?:'re|\ are)|this\ is|bin)\ (?:a\ |an\ |the\ |\w+\ )?(?:\w+\ )?(?:journalist|reporter|editor|correspondent|producer)s?\b
        |(?:reporter|journalist|producer|editor)\ (?:here|at|from|with|for)|for\ (?:a|our|my)\ (?:story|article|report|broadcast|piece)\b|working\ on\ (?:a|an)\ (?:story|article|piece|report|documentary)
        |(?:request|ask\w*)\ for\ comment|(?:would|could|can)\ (?:you|someone)\ (?:like\ to\ |please\ )?comment\ on|on\ the\ record|(?:come|go)\ on\ (?:the\ )?air|i(?:'m|\ am)\ with\ (?:the\ )?(?-i:[A-Z]{2,5}|[A-Z]\w+\ (?:News|Times|Post|Courier|Herald|Gazette|Tribune|Radio|TV))
        |i\ write\ for\ (?:the|a)\b|writing\ (?:an?|the)\ (?:article|story|piece|feature)|(?:love|like)\ to\ interview|interview\ (?:with\ )?(?:your|the)\ (?:ceo|founder|head|chief|director|owner|spokes\w+)
        |(?:can|may|could|do)\ (?:we|i)\ (?:use|have)\ (?:your|permission\ to\ use)\ (?:\w+\ )?(?:photo|picture|video|footage|image)|presseanfrage|pressestelle|medienanfrage|pressekontakt|(?:ich\ )?bin\ (?:\w+\ )?(?:journalist|reporter|redakteur)\w*
        |(?:anfrage|schreibe|recherchiere|arbeite)\ (?:\w+\ ){0,3}(?:zeitung|lokalzeitung|redaktion|radio|magazin|sender|artikel|beitrag|tageblatt|rundfunk)\b|\w*zeitung\b.{0,60}\?|redaktionsschluss|(?:um\ (?:eine\ )?)?stellungnahme|interview\ (?:mit|für)""",
    "security": r"""open\ (?:s3|bucket|directory|database|port|server)\b|being\ impersonated|(?:password|login|reset|2fa|account)\ (?:\w+\ )?(?:works|possible|bypass\w*)\ without|bypass\w*\ (?:the\ )?(?:login|password|payment|check)|angreifbar|ungeschützt\w*|vulnerabilit(?:y|ies)|security\ (?:hole|bug|issue|flaw|report|problem|contact|researcher|leak|incident)|responsible\ disclosure|bug\ bounty|security\.txt|cve-\d+|remote\ code\ execution|xss|csrf|sql\ injection|injection\ flaw
        |(?:hole|flaw|bug|weakness)\ in\ your\ (?:api|login|site|app|shop|system|server)\ (?:that|which)\ (?:leaks|lets|allows|exposes)|(?:serves|spreads|hosts|hosting|contains|full\ of)\ (?:malware|a\ virus|viruses)|malware|ransomware|(?:site|account|page|server)\ (?:was\ |has\ been\ |is\ )?(?:hacked|defaced)
        |phishing|(?:fake|scam)\ (?:account|page|site|profile|shop|e?-?mails?)\b.{0,40}\b(?:your|you|pretend\w*|imperson\w*)|impersonat\w*|pretend\w*\ to\ be\ you|in\ your\ name|(?:api|private|secret|access)\ (?:keys?|tokens?|credentials)\ (?:\w+\ ){0,3}(?:public|exposed|leaked|visible|github|repo\w*|committed)
        |(?:read|see|open|change|view|access)\ (?:other|another|someone)\ .{0,25}\bby\ (?:chang|edit|guess|increas|swap)\w+|(?:certificate|ssl|tls)\ (?:\w+\ )?(?:expired|invalid)
        |sicherheitslücke\w*|schwachstelle\w*|lücke\ in\ (?:eurem|eurer|ihrem|ihrer)|sicherheitsproblem\w*|schadsoftware|(?:gefälscht|fake)\w*\ (?:account|profil|seite|e?-?mails?|shop)|in\ eurem\ namen""",
    "abuse": r"""(?:i(?:'ll|\ will|'m\ going\ to|'m\ gonna)|we(?:'ll|\ will)|gonna|going\ to|want\ to|should|could)\ (?:\w+\ )?(?:kill|hurt|find|burn|shoot|stab|beat|slap|punch|hang|rape)\ (?:you|him|her|them|y'all|(?:your|the|that|this|your\ whole)\ (?:staff|waitress|waiter|cashier|driver|crew|team|family|manager|idiot|guy|woman|man|people|place|shop))\b
        |hope\ (?:someone|somebody|you|they)\ (?:\w+\ )?(?:runs?|kills?|hurts?|shoots?|stabs?|beats?|gets?\ (?:cancer|killed|shot|stabbed))|love\ to\ (?:punch|slap|strangle|kill)|(?:eine|eins|paar)\ (?:aufs\ maul|in\ die\ fresse|auf\ die\ fresse)|fresse\ polieren|kill\ yourself|kys\b|(?:go|all\ of\ you|you\ all|hope\ (?:you|they|your\ \w+\ \w+|your\ \w+)\ (?:all\ )?)\s?(?:die|burn|rot)s?\b|go\ (?:and\ )?die\b|burns?\ in\ hell|deserves?\ (?:a\ bullet|to\ die|to\ be\ (?:shot|beaten|hanged|raped|killed))|coming\ for\ you|watch\ your\ back|(?:i|we)\ know\ where\ (?:you|he|she|they|your\ \w+)\ lives?
        |(?:send|ship)\ (?:them|you|'em)\ (?:all\ )?back|go\ back\ to\ (?:your|their)\ (?:own\ )?country|(?:filthy|dirty|disgusting|stupid|bloody)\ (?:immigrants?|foreigners?|migrants?|jews?|muslims?|gays?|blacks?|arabs?|gypsies)|gas\ (?:them|you)\ all|bomb\ (?:threat|in\ your)|(?:blow|burn)\ (?:up\ )?(?:your|the)\ (?:\w+\ )?(?:up|down)
        |ich\ (?:bring|mach)e?\ (?:dich|euch|sie)\ (?:um|fertig|kalt)|bring\ dich\ um|(?:ich|wir)\ (?:weiß|wissen|weiss)\ wo\ (?:du|ihr|er|sie|dein\w*)\b|(?:sollte|müsste|gehört|gehören)\ (?:man\ |alle\ |ihr\ )?(?:\w+\ )?(?:anzünden|erschossen|vergast|aufgehängt|abgestochen|verprügelt|erschießen)|(?:dreckige?s?|scheiß)\ ?(?:ausländer|juden|moslems|schwule|kanaken|flüchtlinge)|verreck\w*|ausländer\ raus""",
    "lead": r"""interested\ in\ (?:your|a|an|the|buying|ordering|booking)|(?:do|does)\ (?:you|they)\ (?:guys\ )?(?:have|sell|offer|do)\ (?:any\ )?(?:gift\ cards?|vouchers?|wholesale|catering|group|discounts?|subscriptions?)|discount\ (?:for|on)\ (?:\d+|students|schools?|groups?|teams?|a\ large)|(?:buy|order|book)\ (?:\w+\ ){0,3}from\ you|(?:würde[n]?|möchte[n]?)\ (?:gern\w*\ )?(?:\w+\ ){0,6}(?:bestellen|kaufen|buchen|mieten)|(?:where|how)\ (?:can|do|could)\ (?:i|we)\ (?:buy|order|subscribe|sign\ up|get\ (?:one|it|them|some)|book|try)|(?:book|get|see|request|want|have)\ (?:a\ )?(?:demo|free\ trial|trial)\b|trial\ of|(?:a\ )?quote\ for|pricing|price\ list|wholesale|bulk\ (?:order|discount|price)
        |(?:looking\ for|need|want|searching\ for|after)\ (?:a|an)\ (?:\w+\ )?(?:tool|supplier|vendor|agency|caterer|provider|alternative|contractor|venue|photographer|partner\ for)|(?:can|could|do|would)\ you\ (?:guys\ )?(?:supply|deliver\ to|quote|cater|ship|offer\ (?:gift|group|corporate|team)|do\ (?:wholesale|catering|weddings?|corporate|private))
        |(?:what\ would|how\ much\ (?:would|for|is|are|does))\ (?:(?:a|an|the|your|\d+)\ )?(?:\w+\ ){0,3}(?:plans?|subscription|licen[cs]e|ticket|box(?:es)?|bags?|package|course|cakes?|pieces?|cost|people|persons?|members?)\b|back\ in\ stock|(?:i'd|i\ would|we'd|we\ would)\ (?:like\ to\ )?(?:take|buy|order|book)\b
        |(?:open|opening|come|coming)\ (?:a\ )?(?:shop|store|branch|cafe|location)?\ ?(?:in|to)\ [\w-]+\ ?\?|(?:any|still)\ (?:seats|tickets|places|spots|tables)\ (?:left|available|free)|want\ one\b|take\ my\ money|(?:gift\ card|voucher)s?\ (?:available|for\ sale)
        |(?:wo|wie)\ (?:kann|können)\ (?:ich|wir)\ (?:\w+\ )?(?:kaufen|bestellen|buchen|bekommen)|angebot\ (?:für|über)|preisliste|such(?:e|en)\ (?:nach\ )?(?:ein|eine|einen)\ (?:\w+\ )?(?:tool|anbieter|alternative|dienstleister|caterer|lieferant|agentur|location)\w*|was\ kostet|wie\ viel\ kostet|(?:würde[n]?|möchte[n]?)\ (?:\w+\ ){0,4}(?:bestellen|kaufen|buchen)|noch\ (?:plätze|karten|tickets|tische|termine)|liefert\ ihr\ (?:auch\ )?nach|mengenrabatt|großbestellung""",
    "correction": rf"""(?:that|this)(?:'s|\ is)\ (?:not\ (?:true|right|correct)|wrong|incorrect|outdated|out\ of\ date)|typo|misspelt|shows\ our\ \w+,?\ not|(?:spelling|factual)\ (?:mistake|error)|misspel\w*|dead\ link|broken\ link|link\ (?:\w+\ ){{0,4}}(?:is\ (?:dead|broken|wrong)|404|(?:doesn't|does\ not|isn't)\ work\w*|goes\ nowhere|leads\ to)
        |(?:small|quick|minor|tiny)\ (?:fix|correction)|correction:|{_OURS}\ (?:\w+\ )?{_PAGE}\ (?:\w+\ ){{0,3}}(?:says|shows|points|lists|gives|claims|names|still\ (?:says|shows|lists|has|mentions))|(?:the|your)\ \w+\ on\ (?:your|the)\ (?:\w+\ )?{_PAGE}\ (?:is|are|points|shows|says|leads)
        |(?:credited|named|tagged|quoted|spelled|labelled|misquoted|misnamed)\ (?:the\ wrong|incorrectly|\w+\ wrong)|(?:it\ was|should\ be|it's|is\ actually)\ (?:in\ )?[\w.]+,?\ not\ [\w.]+|out\ of\ date\ (?:on|in)\ your|{_OURS}\ (?:opening\ )?(?:hours|address|number|prices?)\ (?:on\ \w+\ )?(?:is|are)\ (?:wrong|outdated|out\ of\ date)
        |(?:das|dies)\ (?:stimmt\ (?:so\ )?nicht|ist\ (?:falsch|veraltet))|tippfehler|schreibfehler|rechtschreibfehler|toter\ link|link\ (?:\w+\ ){{0,4}}(?:geht\ (?:nicht|ins\ leere)|führt\ ins\ leere|tot|kaputt|funktioniert\ nicht)|(?:auf|in)\ (?:eurer|ihrer|der|eurem|ihrem)\ (?:\w+\ )?{_SEITE}\ (?:\w+\ ){{0,3}}(?:steht|stimmt|ist|fehlt|gibt)|kleine\ korrektur|richtigstellung|falsch\ (?:geschrieben|zitiert)""",
    "suggestion": r"""you\ (?:should|could|guys\ should)\b|(?:it\ )?would\ be\ (?:so\ |really\ |very\ )?(?:nice|great|lovely|good|cool|awesome|helpful|amazing|fantastic|useful)\ (?:if|to)|feature\ request|you\ could\ (?:really\ )?(?:use|do\ with)|any\ chance\ (?:of|you)|more\ (?:\w+\ ){1,3}(?:options?|choices?|choice|seats?|parking)\b|(?:ein|eine|einen|mehr|wieder)\ (?:\w+\ ){1,3}wäre[n]?\ (?:klasse|toll|super|schön|gut|prima)|please\ (?:add|bring\ back|make|offer|consider|open|introduce|stock|keep|do\ more|allow)|bring\ back\ (?:the|your)|would\ love\ (?:to\ see|if|a|an)
        |have\ you\ (?:ever\ )?(?:thought|considered)|why\ (?:don't|not)\ (?:you\ )?(?:offer|add|make|sell|try|open|do)|just\ an?\ (?:idea|thought|suggestion)|(?:could|can)\ you\ (?:please\ )?(?:bring\ back|add\ (?:an?|dark|more|support|some)|make\ it\ possible)|(?:i|we)\ wish\ (?:you|there|it|they|the)|any\ plans\ (?:to|for)|suggestion:|idea:
        |(?:ihr|sie)\ (?:solltet|könntet|sollten|könnten)|könntet\ ihr\ (?:nicht\ |auch\ |bitte\ |mal\ )|wäre?\ (?:\w+\ )?(?:schön|toll|super|klasse|prima|cool|großartig)|wünsch(?:e|te|en|ten)\ (?:mir|uns)|vorschlag|wie\ wäre\ es|bitte\ (?:wieder|bringt|macht|nehmt)|bringt\ (?:\w+\ ){0,4}zurück|verbesserungsidee|eine\ idee""",
    "thanks": r"""thank(?:s|\ you)|thx|cheers\ (?:to|for)|well\ done|(?:great|good|fantastic|amazing|excellent|brilliant|superb|top)\ (?:work|job|service|stuff|experience|team|food|bread|quality|people)|love\ (?:your|this|it|the|that|them)|kudos|can't\ fault|(?:i|we|kids|children|family|everyone)\ (?:all\ )?(?:adore|love)s?\b|impressed\ (?:by|with)|seriously\ good|immer\ wieder\ gern\w*|tolle[rsn]?\ (?:leute|laden|team|brot|essen|service|beratung)|congrat\w*|shout\ ?-?out|hats\ off|what\ a\ (?:star|legend|gem|team|treat|lovely|great|wonderful)
        |(?:so|very|truly|really|forever)\ (?:grateful|thankful|helpful|kind|impressed|happy)|(?:best|loveliest|nicest|friendliest|finest)\ (?:\w+\ ){0,3}(?:ever|in\ (?:years|town|the\ (?:city|world|country))|i(?:'ve|\ have)|around|by\ far)|(?:five|5)[-\ ]stars?|10/10|10\ out\ of\ 10|made\ (?:my|our)\ (?:day|wedding|week|evening|night|trip|weekend)|made\ our\ \w+,
        |(?:highly|can\ only|definitely|totally|would)\ recommend|(?:stayed|went|came)\ (?:\w+\ ){0,3}(?:late|back|out\ of\ (?:his|her|their)\ way|above\ and\ beyond)\ for\ (?:us|me)|(?:well\ packed|on\ time|super\ quick|super\ fast),?\ (?:\w+\ )?(?:happy|great|thanks|perfect)|delicious|spot\ on|saved\ (?:my|our)\ (?:day|trip|week)|keep\ it\ up|can't\ wait\ to\ (?:come|go)\ back
        |danke\w*|vielen\ dank|großartig\w*|toll\ gemacht|glückwunsch|(?:seid|sind)\ (?:die|der|das)\ best\w+|(?:top|super|klasse|toller|bester|hervorragende[rn]?|ausgezeichnete[rn]?)\ (?:service|beratung|qualität|team|arbeit|essen|brot|personal)|lecker\w*|köstlich|komme\w*\ (?:gerne?\ )?wieder|weiter\ so|sehr\ zufrieden|absolut\ empfehlenswert|nur\ (?:zu\ )?empfehlen|hut\ ab|begeistert|fünf\ sterne|5\ sterne""",
    "question": r"""(?:does|do)\ (?:anyone|anybody|somebody|you|we|i|they)\ (?:guys\ )?(?:know|have|accept|take|offer|sell|need|open|close|deliver)|(?:i'm\ |just\ )?wondering\ (?:if|whether|when|how|what|where|why)|(?:i|we)\ (?:need|want|would\ like|'d\ like)\ to\ know|(?:need|needs)\ (?:some\ |your\ )?(?:help|advice|info(?:rmation)?)\b|please\ help|help\ me\b
        |(?:can|could|would|will)\ (?:you|someone|anyone)\ (?:please\ )?(?:tell|help|explain|confirm|advise|check|send|let|look|give|assist|dm|call|contact)|tell\ me\ (?:how|what|my|when|where|whether|if|why)|any\ (?:idea|news|update|word|info)\ (?:on|when|if|about|how)|quick\ question|question\ (?:for|about)|please\ (?:advise|confirm|explain|let\ me\ know)|how\ (?:do|can|would)\ (?:i|we)\b
        |(?:ab|bis)\ wann\b|gilt\ (?:das|der|die|es)|has\ anyone|anyone\ (?:been|tried|know|got)|(?:weiß|wissen)\ (?:jemand|ihr|sie)|wüsste\ (?:gern|gerne)|(?:könnt|können|könnten|kann)\ (?:ihr|sie|mir|jemand|man)\b|(?:eine\ |kurze\ )?frage\b|bitte\ um\ (?:hilfe|rückmeldung|info\w*|auskunft|antwort)|brauche\ (?:\w+\ )?hilfe|habt\ ihr|gibt\ es\ (?:bei\ euch|noch|auch|eine?n?)|wie\ lange\ (?:ist|dauert|habt|hat|sind)""",
    "need": r"""(?:i|we)(?:'m|'d|'ve|\ am|\ are|\ have|\ do|\ did|\ would|\ could|\ was|\ still|\ just|\ really|\ also)*\ (?:need|want|like\ (?:to|an?|some|my)|trying|tried|able|unable|not\ (?:able|sure|recognis\w+|recogniz\w+)|can't|cannot|couldn't|could\ not|don't|do\ not|didn't|did\ not|haven't|have\ not|never\ got|inquiring|enquiring|having|got\ (?:an?\ )?(?:error|message|letter)|think\ (?:a|my|the|there)|locked|forgot|forgotten|lost|got\ (?:billed|charged)|noticed|received\ (?:an?|the)\ (?:wrong|message|letter)|transferred|deposited|ordered|paid|sent|bought|looking\ (?:to|for))\b
        |my\ (?:\w+\ ){1,3}?(?:has|have|had|is|are|was|were|isn't|hasn't|haven't|wasn't|doesn't|won't|did|didn't|keeps?|got|gets|still)\b|there(?:'s|\ is|\ are|\ was|\ were)\ (?:an?\ |some\ )?(?:\w+\ ){0,3}(?:on|in|from|to|with|of)\ my\b|(?:not|isn't|wasn't|didn't|don't)\ (?:\w+\ )?(?:mine|recogni[sz]e|authori[sz]e\w*|make|made)\b
        |(?:needs?|have|has)\ to\ be\ (?:enabled|activated|changed|modified|fixed|updated|corrected|cancell?ed)|that\ i\ (?:didn't|did\ not|haven't|never)\b
        |ich\ (?:brauche|möchte|will|würde|kann\ (?:\w+\ ){0,4}nicht|habe\ (?:\w+\ ){0,4}(?:kein\w*|nicht|nie)|finde\ (?:\w+\ ){0,3}nicht|bekomme|komme\ nicht|bräuchte|suche|versuche|verstehe\ nicht)|mein\w*\ (?:\w+\ ){1,3}(?:ist|sind|hat|haben|wurde|wird|war|geht|funktioniert|kam)\b""",
}  # fmt: skip
_WISHES: Final = {
    name: unicode_pattern(rf"\b(?:{words})(?!\w)", _FLAGS | regex.VERBOSE) for name, words in _WANTED.items()
}
_TELLS: Final = unicode_pattern(
    r"(?:\A|[.!\n])\s*(?:(?:@[\w.@-]+|hi|hey|hello|hallo|please|pls|plz|bitte|just)[\s,:!-]+)*"
    r"(?:show|explain|fix|tell|help|send|change|cancel|refund|unlock|activate|check|call|let|give|confirm|update|delete|remove|add|resend|reset|track|find|"
    r"zeigt?|erklärt?|hilf|helft|schickt?|ändert?|storniert?|löscht?|prüft?|ruft|sagt?|gebt)\b",
    _FLAGS,
)
"""A sentence that tells us to do something, where it is said to us."""
_BEGINS: Final = unicode_pattern(
    r"""(?:\A|[.!\n])\s*(?:(?:@[\w.@-]+|hi|hey|hello|hallo|moin|so|and|und|also|sorry|please|bitte|guys|all|team)[\s,:!-]+)*
    (?:(?:does|did)\ \w+\b|(?:is|are|do)\ (?-i:\p{Lu})\w*|(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have)\ (?:the|your|you|it|there|dogs|kids|children|cards|tickets|pets|refunds|people|all|this|that|these|i|we|they|my|anyone|anybody|someone|he|she)\b
    |(?:what|which|how\ many)\ (?!an?\b)\w+\ (?:is|are|do|does|can)\b|why\ (?:my|your|the|no)\b|(?:what|when|where|which|who|why|how)(?:'s|\ (?:is|are|do|does|did|can|could|will|would|should|much|many|long|often|far|time|about|come))\b
    |(?:wann|wo|wie\ (?:lange|viel|viele|oft|weit|komme|kann|bekomme|geht)|warum|wieso|wer|welche[rsn]?|was\ (?:ist|kostet|mache|passiert)|habt|hat|gibt|kann|könnt|ist|sind)\ (?:ich|man|ihr|euer|eure|das|der|die|es|wir|sie|mein\w*|\w+)\b)""",
    _FLAGS | regex.VERBOSE,
)
"""A sentence that asks also where nobody set a question mark."""


def read(text: str) -> frozenset[str]:
    """The names of the wishes whose words stand in a text; ``need`` is one only of what is said to us."""
    plain = text[:MOST_LETTERS].replace("’", "'")
    found = {name for name, words in _WISHES.items() if words.search(plain)}
    if "question" not in found and _BEGINS.search(plain):
        found.add("question")
    if "need" not in found and _TELLS.search(plain):
        found.add("need")
    return frozenset(found)
