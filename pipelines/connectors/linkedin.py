"""LinkedIn: a page's content, followers and visitors exports, and a member's own content export.

Page exports are workbooks of several sheets whose first row is a sentence. Each counts the same thing apart as organic,
sponsored and total: the total has the plain name. Numbers of single posts are called ``post_…``, those of days are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.layouts import Column, Context, Decoded, Kind, Layout, Sheet, Tables, days, posts, slices, together
from pipelines.vocabulary import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

_ORGANIC = {"en": "organic", "de": "organisch", "fr": "organiques|organique", "es": "orgánicas|orgánicos|orgánica|orgánico", "it": "organiche|organici|organico|organica", "pt": "orgânicas|orgânicos|orgânico|orgânica", "nl": "organisch"}  # fmt: skip
_SPONSORED = {"en": "sponsored", "de": "gesponsert|gesponserte", "fr": "sponsorisées|sponsorisés|sponsorisé|sponsorisée", "es": "patrocinadas|patrocinados|patrocinada|patrocinado", "it": "sponsorizzate|sponsorizzati|sponsorizzato|sponsorizzata", "pt": "patrocinadas|patrocinados|patrocinado|patrocinada", "nl": "gesponsord"}  # fmt: skip
_TOTAL = {"en": "total", "de": "gesamt|insgesamt|total", "fr": "total|totales|totaux", "es": "total|totales|en total", "it": "totale|totali|total", "pt": "total|totais", "nl": "totaal|total"}  # fmt: skip
_DESKTOP = {"en": "desktop", "de": "Desktop", "fr": "ordinateur|desktop", "es": "ordenador|escritorio|desktop", "it": "desktop|computer", "pt": "computador|desktop", "nl": "desktop|computer"}  # fmt: skip
_MOBILE = {"en": "mobile", "de": "mobil|Mobilgerät", "fr": "mobile", "es": "móvil", "it": "mobile|dispositivo mobile", "pt": "celular|móvel|dispositivo móvel", "nl": "mobiel"}  # fmt: skip


def _apart(name: str, kind: Kind, words: str, parts: dict[str, dict[str, str]], unit: str = "") -> list[Column]:
    """A column and those of its parts: ``Impressions (organic)`` in each language, in brackets or written behind."""
    made = []
    for suffix, adjectives in parts.items():
        headers = []
        for word in words.split("|"):
            language, colon, text = word.partition(":")
            if not colon or len(language) != 2:
                language, text = "en", word
            prefix = "" if language == "en" else f"{language}:"
            headers += [f"{prefix}{text} ({adjective})" for adjective in adjectives[language].split("|")]
            if suffix == "":
                headers.append(f"{prefix}{text}")
        made.append(Column(f"{name}{suffix}", kind, "|".join(headers), unit=unit, shared=False))
    return made


_KINDS = {"": _TOTAL, "_organic": _ORGANIC, "_sponsored": _SPONSORED}
_DEVICES = {"": _TOTAL, "_desktop": _DESKTOP, "_mobile": _MOBILE}
_DAILY = [
    *_apart("impressions", Kind.COUNT, WORDS["impressions"], _KINDS),
    *_apart("unique_impressions", Kind.COUNT, "Unique impressions|de:Eindeutige Impressionen|de:Einzelne Impressionen|fr:Impressions uniques|es:Impresiones únicas|it:Impressioni uniche|pt:Impressões únicas|nl:Unieke vertoningen|nl:Unieke impressies|nl:Unieke weergaven", _KINDS, unit="people"),
    *_apart("clicks", Kind.COUNT, WORDS["clicks"], _KINDS),
    *_apart("reactions", Kind.COUNT, WORDS["reactions"] + "|es:Recomendaciones|nl:Bijval|it:Consigliati", _KINDS),
    *_apart("comments", Kind.COUNT, WORDS["comments"] + "|nl:Commentaar", _KINDS),
    *_apart("reposts", Kind.COUNT, WORDS["reposts"] + "|Shares|" + WORDS["shares"], _KINDS),
    *_apart("engagement_rate", Kind.RATE, WORDS["engagement_rate"], _KINDS),
    *_apart("video_views", Kind.COUNT, "Video views|de:Videoaufrufe|fr:Vues de vidéo|es:Visualizaciones de vídeo|it:Visualizzazioni video|pt:Visualizações de vídeo|nl:Videoweergaven", _KINDS),
    *_apart("engagements", Kind.COUNT, WORDS["engagements"], _KINDS),
]  # fmt: skip

CONTENT = Layout(
    "linkedin-content-days", "linkedin", "days", (Column("day", Kind.DAY), *_DAILY),
    needs=(("day", "impressions", "clicks"), ("day", "impressions_organic"), ("day", "impressions", "reactions"), ("day", "unique_impressions"), ("day", "impressions_sponsored"), ("day", "impressions", "engagements")),
    order="month-first", hints=("metrics", "linkedin", "content", "engagement"),
)  # fmt: skip
POSTS = Layout(
    "linkedin-posts", "linkedin", "posts",
    (
        Column("link", Kind.LINK, "Post link|Post URL|Update link|de:Beitragslink|de:Link zum Beitrag|de:Beitrags-Link|fr:Lien du post|fr:Lien de la publication|fr:Lien vers le post|es:Enlace de la publicación|es:Enlace a la publicación|es:Enlace del post|it:Link del post|it:Link post|it:Collegamento al post|pt:Link da publicação|pt:Link do post|nl:Bijdragelink|nl:Link naar bijdrage|nl:Postlink"),
        Column("title", Kind.TEXT, "Post title|Update title|de:Beitragstitel|de:Titel des Beitrags|fr:Titre du post|fr:Titre de la publication|es:Título de la publicación|es:Título del post|it:Titolo del post|it:Titolo post|pt:Título da publicação|pt:Título do post|nl:Bijdragetitel|nl:Titel van bijdrage|nl:Titel van de bijdrage"),
        Column("type", Kind.TEXT, "Post type|Update type|de:Beitragstyp|de:Beitragsart|fr:Type de post|fr:Type de publication|es:Tipo de publicación|it:Tipo di post|pt:Tipo de publicação|nl:Type bijdrage|nl:Bijdragetype"),
        Column("campaign", Kind.TEXT, "Campaign name|de:Kampagnenname|de:Name der Kampagne|fr:Nom de la campagne|es:Nombre de la campaña|it:Nome della campagna|it:Nome campagna|pt:Nome da campanha|nl:Campagnenaam|nl:Naam van campagne"),
        Column("posted_by", Kind.TEXT, "Posted by|Created by|de:Gepostet von|de:Veröffentlicht von|de:Beitrag von|fr:Publié par|fr:Posté par|es:Publicado por|it:Pubblicato da|pt:Publicado por|nl:Geplaatst door|nl:Gepost door"),
        Column("published", Kind.PUBLISHED, "Created date|Post publish date|Publish date|de:Erstellungsdatum|de:Erstellt am|de:Veröffentlichungsdatum|fr:Date de création|fr:Créé le|es:Fecha de creación|it:Data di creazione|it:Data creazione|pt:Data de criação|pt:Data da criação|nl:Aanmaakdatum|nl:Gemaakt op|nl:Datum gemaakt"),
        Column("campaign_start", Kind.TEXT, "Campaign start date|de:Startdatum der Kampagne|de:Kampagnen-Startdatum|fr:Date de début de la campagne|es:Fecha de inicio de la campaña|it:Data di inizio della campagna|it:Data inizio campagna|pt:Data de início da campanha|nl:Startdatum campagne|nl:Startdatum van campagne"),
        Column("campaign_end", Kind.TEXT, "Campaign end date|de:Enddatum der Kampagne|de:Kampagnen-Enddatum|fr:Date de fin de la campagne|es:Fecha de finalización de la campaña|it:Data di fine della campagna|it:Data fine campagna|pt:Data de término da campanha|nl:Einddatum campagne|nl:Einddatum van campagne"),
        Column("audience", Kind.TEXT, "Audience|de:Zielgruppe|fr:Audience|es:Audiencia|es:Público|it:Pubblico|pt:Público|pt:Audiência|nl:Doelgroep|nl:Publiek"),
        Column("content_type", Kind.TEXT, "Content type|de:Content-Typ|de:Inhaltstyp|de:Inhaltsart|fr:Type de contenu|es:Tipo de contenido|it:Tipo di contenuto|pt:Tipo de conteúdo|nl:Contenttype|nl:Type content"),
        Column("impressions", Kind.COUNT),
        Column("views", Kind.COUNT, "Views (Excluding offsite video views)"),
        Column("offsite_views", Kind.COUNT, "Offsite views|Off-site views|de:Offsite-Aufrufe|de:Externe Aufrufe|fr:Vues hors site|es:Visualizaciones externas|es:Visualizaciones fuera del sitio|it:Visualizzazioni esterne|it:Visualizzazioni offsite|pt:Visualizações externas|pt:Visualizações fora do site|nl:Offsite weergaven|nl:Externe weergaven"),
        Column("unique_impressions", Kind.COUNT, "Unique impressions|Members reached", unit="people"),
        Column("clicks", Kind.COUNT),
        Column("click_through_rate_ctr", Kind.RATE, "Click through rate (CTR)|CTR|Click-through rate|de:Klickrate (CTR)|de:Click-Through-Rate (CTR)|de:Klickrate|fr:Taux de clics (CTR)|fr:Taux de clics|es:Porcentaje de clics (CTR)|es:Tasa de clics (CTR)|it:Percentuale di clic (CTR)|it:Tasso di clic (CTR)|pt:Taxa de cliques (CTR)|nl:Klikfrequentie (CTR)|nl:Doorklikpercentage (CTR)"),
        Column("likes", Kind.COUNT), Column("reactions", Kind.COUNT), Column("comments", Kind.COUNT, "nl:Commentaar"),
        Column("reposts", Kind.COUNT, formerly=WORDS["shares"]), Column("follows", Kind.COUNT),
        Column("engagement_rate", Kind.RATE), Column("engagements", Kind.COUNT),
    ),
    needs=(("link", "impressions"), ("link", "title", "clicks"), ("link", "engagements"), ("link", "likes", "comments")),
    prefix="post_", order="month-first", hints=("all posts", "linkedin", "content", "top posts"),
    link_id=r"urn:li:(?:activity|share|ugcPost):(\d+)",
)  # fmt: skip
FOLLOWERS = Layout(
    "linkedin-followers-days", "linkedin", "days",
    (
        Column("day", Kind.DAY),
        Column("organic_followers", Kind.COUNT, "Organic followers|Followers (organic)|de:Organische Follower|fr:Abonnés organiques|fr:Followers organiques|es:Seguidores orgánicos|it:Follower organici|pt:Seguidores orgânicos|nl:Organische volgers"),
        Column("sponsored_followers", Kind.COUNT, "Sponsored followers|Followers (sponsored)|de:Gesponserte Follower|fr:Abonnés sponsorisés|fr:Followers sponsorisés|es:Seguidores patrocinados|it:Follower sponsorizzati|pt:Seguidores patrocinados|nl:Gesponsorde volgers"),
        Column("auto_invited_followers", Kind.COUNT, "Auto-invited followers|Followers (auto-invited)|de:Automatisch eingeladene Follower|fr:Abonnés invités automatiquement|fr:Followers invités automatiquement|es:Seguidores invitados automáticamente|it:Follower invitati automaticamente|pt:Seguidores convidados automaticamente|nl:Automatisch uitgenodigde volgers"),
        Column("total_followers", Kind.COUNT, "Total followers|Followers (total)|de:Follower insgesamt|de:Follower gesamt|de:Follower:innen insgesamt|fr:Total des abonnés|fr:Nombre total d’abonnés|fr:Total des followers|es:Total de seguidores|es:Seguidores totales|it:Follower totali|it:Totale follower|pt:Total de seguidores|nl:Totaal aantal volgers|nl:Totaal volgers"),
        Column("new_followers", Kind.COUNT, "New followers|de:Neue Follower|de:Neue Follower:innen|fr:Nouveaux abonnés|fr:Nouveaux followers|es:Nuevos seguidores|it:Nuovi follower|pt:Novos seguidores|nl:Nieuwe volgers"),
    ),
    needs=(("day", "organic_followers"), ("day", "total_followers"), ("day", "sponsored_followers"), ("day", "new_followers")),
    order="month-first", hints=("followers", "new followers", "linkedin"),
)  # fmt: skip
_DEMOGRAPHICS = (
    ("location", "Location|de:Standort|de:Ort|fr:Lieu|fr:Localisation|es:Ubicación|it:Località|it:Luogo|pt:Localidade|pt:Localização|nl:Locatie"),
    ("job_function", "Job function|de:Tätigkeitsbereich|de:Funktion|fr:Fonction|es:Función laboral|es:Función|it:Funzione lavorativa|it:Funzione professionale|pt:Função|pt:Função do cargo|nl:Functie|nl:Functiegebied"),
    ("seniority", "Seniority|de:Karrierestufe|de:Position|fr:Niveau hiérarchique|fr:Ancienneté|es:Nivel de responsabilidad|es:Antigüedad|it:Livello di anzianità|it:Anzianità|pt:Nível de experiência|nl:Senioriteit|nl:Ervaringsniveau"),
    ("industry", "Industry|de:Branche|fr:Secteur|es:Sector|it:Settore|pt:Setor|nl:Branche|nl:Bedrijfstak"),
    ("company_size", "Company size|de:Unternehmensgröße|fr:Taille de l’entreprise|es:Tamaño de la empresa|it:Dimensioni dell’azienda|it:Dimensioni azienda|pt:Tamanho da empresa|nl:Bedrijfsgrootte"),
)  # fmt: skip
BREAKDOWN = Layout(
    "linkedin-breakdown", "linkedin", "slices",
    (
        *(Column(name, Kind.TEXT, words) for name, words in _DEMOGRAPHICS),
        Column("total_followers", Kind.COUNT, FOLLOWERS.column("total_followers").words),
        Column("total_views", Kind.COUNT, "Total views|de:Ansichten insgesamt|de:Aufrufe insgesamt|fr:Total des vues|es:Visualizaciones totales|es:Total de visualizaciones|it:Visualizzazioni totali|pt:Total de visualizações|nl:Totaal aantal weergaven"),
    ),
    needs=tuple((name, metric) for name, _ in _DEMOGRAPHICS for metric in ("total_followers", "total_views")),
    hints=("linkedin",),
)  # fmt: skip
_VIEWS = "page views|de:Seitenaufrufe|fr:pages vues|fr:vues de la page|es:visualizaciones de página|es:visitas a la página|it:visualizzazioni di pagina|it:visualizzazioni della pagina|pt:visualizações de página|nl:paginaweergaven"  # fmt: skip
_VISITORS = "unique visitors|de:Einzelne Besucher|de:Eindeutige Besucher|fr:visiteurs uniques|es:visitantes únicos|it:visitatori unici|pt:visitantes únicos|nl:unieke bezoekers"  # fmt: skip


def _sections() -> list[Column]:
    """``Overview page views (desktop)`` and its likes: sections of a page, what is counted, and on which device."""
    sections = {
        "overview": {"en": "Overview", "de": "Übersicht:|Überblick:|Übersicht", "fr": "Vue d’ensemble :|Aperçu :", "es": "Descripción general:|Información general:", "it": "Panoramica:|Panoramica", "pt": "Visão geral:|Visão geral", "nl": "Overzicht:|Overzicht"},
        "life": {"en": "Life", "de": "Einblicke:|Life:", "fr": "Vie d’entreprise :|Life :", "es": "Vida:|Life:", "it": "Vita aziendale:|Life:", "pt": "Vida:|Life:", "nl": "Leven:|Life:"},
        "jobs": {"en": "Jobs", "de": "Jobs:|Jobs", "fr": "Emplois :|Offres d’emploi :", "es": "Empleos:", "it": "Lavoro:|Offerte di lavoro:", "pt": "Vagas:|Empregos:", "nl": "Vacatures:"},
        "total": {"en": "Total", "de": "Gesamtzahl|Gesamt|Insgesamt:|Gesamte", "fr": "Total :|Total des|Total de", "es": "Total de|Total:", "it": "Totale|Totale:|Totali:", "pt": "Total de|Total:", "nl": "Totaal|Totaal aantal|Totale"},
    }  # fmt: skip
    made: list[Column] = []
    for section, names in sections.items():
        for metric, words, unit in (("page_views", _VIEWS, ""), ("unique_visitors", _VISITORS, "people")):
            headers = []
            for word in words.split("|"):
                language, colon, text = word.partition(":")
                if not colon or len(language) != 2:
                    language, text = "en", word
                prefix = "" if language == "en" else f"{language}:"
                headers += [f"{prefix}{name} {text}" for name in names[language].split("|")]
            made += _apart(f"{section}_{metric}", Kind.COUNT, "|".join(headers), _DEVICES, unit)
    return made


VISITORS = Layout(
    "linkedin-visitors-days", "linkedin", "days", (Column("day", Kind.DAY), *_sections()),
    needs=(("day", "overview_page_views"), ("day", "total_page_views"), ("day", "overview_page_views_desktop"), ("day", "total_unique_visitors")),
    order="month-first", hints=("visitors", "visitor metrics", "linkedin"),
)  # fmt: skip


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """Days, then posts (all of them called ``post_…``), then breakdowns, which give readings and no total."""
    parts: list[Decoded] = []
    for sheet in sheets:
        if sheet.layout is POSTS:
            parts.append(posts(sheet, context, link="link"))
        elif sheet.layout is BREAKDOWN:
            made = slices(sheet, context)
            parts.append(made if len(sheets) == 1 else together([made], totals={}))
        else:
            parts.append(days(sheet, context))
    names = {part.layout for part in parts}
    layout = "linkedin-content" if {CONTENT.name, POSTS.name} <= names else parts[0].layout.removesuffix("-days")
    return together(parts, layout=layout)


TABLES = Tables((CONTENT, POSTS, FOLLOWERS, BREAKDOWN, VISITORS), decode)
