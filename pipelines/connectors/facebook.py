"""Facebook and Instagram: the exports of Meta Business Suite, whose columns change from month to month.

Posts (a row a post, “Lifetime” in the column of the date, or a row a post and day) and the daily numbers of an account
(UTF-16, a title line for each metric). Whether a file is Facebook's or Instagram's is said by its links, then by its
columns, then by its titles; a file that does not say is asked about. Impressions and plays became views in 2024–2025.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.cells import fold, snake
from pipelines.layouts import Column, Context, Decoded, Kind, Layout, Sheet, Tables, days, posts, together
from pipelines.tables import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERS = (
    Column("views", Kind.COUNT, formerly="Impressions|Plays|Initial plays|de:Impressionen|de:Wiedergaben|fr:Impressions|fr:Lectures|es:Impresiones|es:Reproducciones|it:Impression|it:Impressioni|it:Riproduzioni|pt:Impressões|pt:Reproduções|nl:Vertoningen|nl:Impressies"),
    Column("reach", Kind.COUNT, "Viewers|de:Betrachter|fr:Spectateurs|es:Espectadores|it:Spettatori|pt:Visualizadores|nl:Kijkers", unit="people"),
    Column("engagements", Kind.COUNT, "Reactions, Comments and Shares|Reactions, comments & shares|Engagement|Interactions|Content interactions|de:Reaktionen, Kommentare und geteilte Inhalte|de:Reaktionen, Kommentare und Mal geteilt|de:Reaktionen, Kommentare und Shares|de:Reaktionen, Kommentare und Teilungen|de:Content-Interaktionen|fr:Réactions, commentaires et partages|fr:Interactions avec le contenu|es:Reacciones, comentarios y veces compartido|es:Reacciones, comentarios y contenido compartido|es:Reacciones, comentarios y veces que se compartió|es:Interacciones con el contenido|it:Reazioni, commenti e condivisioni|it:Interazioni con i contenuti|pt:Reações, comentários e partilhas|pt:Reações, comentários e compartilhamentos|pt:Interações com conteúdo|pt:Interações com o conteúdo|nl:Reacties, opmerkingen en keren gedeeld|nl:Reacties, opmerkingen en deelacties|nl:Interacties met content"),
    Column("reactions", Kind.COUNT), Column("likes", Kind.COUNT), Column("comments", Kind.COUNT, "nl:Opmerkingen"), Column("shares", Kind.COUNT), Column("saves", Kind.COUNT),
    Column("follows", Kind.COUNT, "New follows|New followers|de:Neue Follower|fr:Nouveaux followers|es:Nuevos seguidores|it:Nuovi follower|pt:Novos seguidores|nl:Nieuwe volgers"), Column("unfollows", Kind.COUNT, "Unfollows|de:Entfolgt|de:Nicht mehr gefolgt|fr:Désabonnements|es:Dejaron de seguir|it:Non seguono più|pt:Deixaram de seguir|nl:Ontvolgd"), Column("replies", Kind.COUNT), Column("profile_visits", Kind.COUNT, "Visits|de:Besuche|fr:Visites|es:Visitas|it:Visite|pt:Visitas|nl:Bezoeken"),
    Column("total_clicks", Kind.COUNT, "Total clicks|de:Klicks insgesamt|de:Gesamtanzahl der Klicks|de:Klicks gesamt|fr:Total des clics|fr:Nombre total de clics|es:Total de clics|es:Clics totales|it:Clic totali|it:Totale clic|pt:Total de cliques|nl:Totaal aantal klikken|nl:Totaal klikken"),
    Column("other_clicks", Kind.COUNT, "Other clicks|de:Andere Klicks|de:Sonstige Klicks|fr:Autres clics|es:Otros clics|it:Altri clic|pt:Outros cliques|nl:Andere klikken|nl:Overige klikken"),
    Column("link_clicks", Kind.COUNT), Column("photo_clicks", Kind.COUNT, "Photo clicks"), Column("photo_views", Kind.COUNT, "Photo views"), Column("clicks_to_play", Kind.COUNT, "Clicks to play"),
    Column("seconds_viewed", Kind.NUMBER, "Seconds viewed|de:Sekunden angesehen|de:Angesehene Sekunden|fr:Secondes vues|fr:Secondes visionnées|es:Segundos vistos|es:Segundos reproducidos|it:Secondi visualizzati|it:Secondi guardati|pt:Segundos visualizados|pt:Segundos vistos|nl:Seconden bekeken|nl:Bekeken seconden", unit="seconds"),
    Column("average_seconds_viewed", Kind.RATE, "Average Seconds viewed|de:Durchschnittlich angesehene Sekunden|de:Durchschnittliche Anzahl angesehener Sekunden|fr:Moyenne des secondes vues|fr:Nombre moyen de secondes vues|es:Promedio de segundos vistos|es:Promedio de segundos reproducidos|it:Media secondi visualizzati|it:Media dei secondi visualizzati|pt:Média de segundos visualizados|pt:Média de segundos vistos|nl:Gemiddeld aantal seconden bekeken|nl:Gemiddeld aantal bekeken seconden", unit="seconds"),
    Column("3_second_video_views", Kind.COUNT, "3-second video views|de:3-Sekunden-Videoaufrufe|fr:Vues de vidéo de 3 secondes|es:Reproducciones de video de 3 segundos|es:Visualizaciones de vídeo de 3 segundos"),
    Column("1_minute_video_views", Kind.COUNT, "1-minute video views"), Column("60_second_video_views", Kind.COUNT, "60-second video views"),
    Column("average_watch_time", Kind.RATE, "Average watch time", unit="seconds"),
    Column("estimated_earnings", Kind.NUMBER, "Estimated earnings|Ad earnings|Earnings|Approximate content monetization earnings|de:Geschätzte Einnahmen|fr:Revenus estimés|es:Ingresos estimados|it:Guadagni stimati|pt:Ganhos estimados|nl:Geschatte inkomsten"),
    Column("ad_impressions", Kind.COUNT, "Ad impressions"), Column("ad_cpm", Kind.RATE, "Ad CPM"),
    Column("navigation", Kind.COUNT, "Navigation"), Column("sticker_taps", Kind.COUNT, "Sticker taps"),
    Column("*", Kind.COUNT, "Negative feedback from users*|Matched Audience Targeting Consumption*|Unique negative feedback*|de:Negatives Feedback von Nutzern*|fr:Commentaires négatifs des utilisateurs*|es:Comentarios negativos de usuarios*|it:Feedback negativo*|pt:Feedback negativo*|nl:Negatieve feedback*", shared=False),
)  # fmt: skip
_TEXTS = (
    Column("title", Kind.TEXT, "Title|de:Titel|fr:Titre|es:Título|it:Titolo|pt:Título|nl:Titel"),
    Column("description", Kind.TEXT, "Description|Caption|Post message|de:Beschreibung|fr:Description|es:Descripción|it:Descrizione|pt:Descrição|nl:Beschrijving"),
    Column("duration", Kind.TEXT, "Duration (sec)|Duration|de:Dauer (Sek.)|de:Dauer (Sekunden)|de:Dauer|fr:Durée (s)|fr:Durée (sec)|fr:Durée|es:Duración (segundos)|es:Duración (s)|es:Duración|it:Durata (sec.)|it:Durata|pt:Duração (seg.)|pt:Duração (s)|pt:Duração|nl:Duur (sec.)|nl:Duur"),
    Column("caption_type", Kind.TEXT, "Caption type|de:Untertiteltyp|de:Art der Untertitel|fr:Type de légende|fr:Type de sous-titres|es:Tipo de subtítulos|es:Tipo de subtítulo|it:Tipo di didascalia|it:Tipo di sottotitoli|pt:Tipo de legenda|nl:Type ondertiteling|nl:Type bijschrift"),
    Column("is_crosspost", Kind.TEXT, "Is crosspost|de:Ist Crosspost|de:Ist ein Crosspost|de:Ist gecrosspostet|fr:Est une publication croisée|fr:Est un crosspost|fr:Publication croisée|es:Es publicación cruzada|es:Es una publicación cruzada|it:È un crosspost|it:È un cross-post|pt:É publicação cruzada|pt:É crosspost|nl:Is crosspost"),
    Column("is_share", Kind.TEXT, "Is share|de:Ist Teilung|de:Ist geteilt|de:Ist ein geteilter Inhalt|fr:Est un partage|es:Es contenido compartido|es:Es compartido|it:È una condivisione|pt:É partilha|pt:É compartilhamento|nl:Is gedeeld|nl:Is deelactie"),
    Column("type", Kind.TEXT, "Post type|Type|de:Beitragstyp|de:Beitragsart|de:Art des Beitrags|fr:Type de publication|es:Tipo de publicación|it:Tipo di post|pt:Tipo de publicação|pt:Tipo de post|nl:Berichttype|nl:Type bericht"),
    Column("languages", Kind.TEXT, "Languages|de:Sprachen|fr:Langues|es:Idiomas|it:Lingue|pt:Idiomas|nl:Talen"),
    Column("labels", Kind.TEXT, "Custom labels|de:Benutzerdefinierte Labels|de:Individuelle Labels|de:Eigene Labels|fr:Libellés personnalisés|fr:Étiquettes personnalisées|es:Etiquetas personalizadas|it:Etichette personalizzate|pt:Etiquetas personalizadas|pt:Rótulos personalizados|pt:Marcadores personalizados|nl:Aangepaste labels"),
    Column("funded", Kind.TEXT, "Funded content status|de:Status finanzierter Inhalte|de:Status des finanzierten Inhalts|fr:Statut du contenu financé|fr:État du contenu financé|es:Estado del contenido financiado|it:Stato del contenuto finanziato|it:Stato dei contenuti finanziati|pt:Estado do conteúdo financiado|pt:Status do conteúdo financiado|nl:Status van gefinancierde content|nl:Status gefinancierde content"),
    Column("data_comment", Kind.TEXT, "Data comment|de:Datenkommentar|de:Kommentar zu Daten|fr:Commentaire sur les données|fr:Commentaire de données|es:Comentario de datos|es:Comentario sobre los datos|it:Commento sui dati|it:Commento dati|pt:Comentário de dados|pt:Comentário sobre dados|nl:Gegevensopmerking|nl:Opmerking over gegevens"),
)  # fmt: skip
_FACEBOOK = (
    Column("page_id", Kind.TEXT, "Page ID|de:Seiten-ID|de:Seiten-Nr.|fr:ID de la Page|fr:Identifiant de la Page|es:Identificador de la página|es:ID de la página|it:ID della Pagina|it:ID Pagina|it:ID pagina|pt:ID da Página|pt:Identificação da Página|nl:Pagina-ID"),
    Column("page_name", Kind.TEXT, "Page name|de:Seitenname|de:Name der Seite|fr:Nom de la Page|es:Nombre de la página|it:Nome della Pagina|it:Nome Pagina|pt:Nome da Página|nl:Paginanaam|nl:Naam van pagina"),
)  # fmt: skip
_INSTAGRAM = (
    Column("account_id", Kind.TEXT, "Account ID|de:Konto-ID|de:Account-ID|fr:ID du compte|fr:Identifiant du compte|es:Identificador de la cuenta|es:ID de la cuenta|it:ID account|it:ID dell’account|pt:ID da conta|pt:Identificação da conta|nl:Account-ID"),
    Column("account_username", Kind.TEXT, "Account username|de:Konto-Benutzername|de:Benutzername des Kontos|de:Nutzername des Kontos|fr:Nom d’utilisateur du compte|fr:Nom de profil du compte|es:Nombre de usuario de la cuenta|it:Nome utente account|it:Nome utente dell’account|pt:Nome de utilizador da conta|pt:Nome de usuário da conta|nl:Gebruikersnaam van account|nl:Gebruikersnaam account"),
    Column("account_name", Kind.TEXT, "Account name|de:Kontoname|de:Name des Kontos|fr:Nom du compte|es:Nombre de la cuenta|it:Nome account|it:Nome dell’account|pt:Nome da conta|nl:Accountnaam|nl:Naam van account"),
)  # fmt: skip
POSTS = Layout(
    "facebook-posts", "facebook", "posts",
    (
        Column("id", Kind.ID, "Post ID|Video asset ID|Universal video ID|de:Beitrags-ID|de:Beitrag-ID|de:Beitragsnummer|de:Post-ID|fr:Identifiant de la publication|fr:ID de la publication|fr:ID de publication|es:Identificador de la publicación|es:ID de la publicación|it:ID del post|it:ID post|pt:ID da publicação|pt:Identificação da publicação|pt:ID do post|nl:Bericht-ID|nl:Post-ID|nl:ID van bericht"),
        Column("published", Kind.PUBLISHED, "Publish time|Posted|de:Veröffentlichungszeit|de:Veröffentlichungszeitpunkt|de:Zeitpunkt der Veröffentlichung|de:Uhrzeit der Veröffentlichung|fr:Heure de publication|fr:Date de publication|es:Hora de publicación|es:Fecha de publicación|it:Orario di pubblicazione|it:Ora di pubblicazione|it:Data di pubblicazione|pt:Hora da publicação|pt:Hora de publicação|pt:Horário da publicação|pt:Horário de publicação|nl:Publicatietijd|nl:Tijdstip van publicatie|nl:Publicatietijdstip"),
        Column("link", Kind.LINK, "Permalink|de:Permalink|fr:Permalien|fr:Lien permanent|es:Enlace permanente|it:Link permanente|it:Permalink|pt:Ligação permanente|pt:Link permanente|nl:Permanente link|nl:Permalink"),
        Column("period", Kind.PERIOD, "Date|de:Datum|fr:Date|es:Fecha|it:Data|pt:Data|nl:Datum"),
        *_FACEBOOK, *_INSTAGRAM, *_TEXTS, *_NUMBERS,
    ),
    needs=(("id", "published", "reach"), ("id", "published", "views"), ("id", "link", "reach"), ("id", "link", "views"), ("id", "page_id"), ("id", "account_id"), ("id", "published", "engagements"), ("id", "page_name"), ("id", "account_username")),
    order="month-first", hints=("facebook", "instagram", "meta"), at_least=3, id_shape=r"\d+(?:_\d+)?",
)  # fmt: skip
INSTAGRAM_POSTS = replace(POSTS, name="instagram-posts", network="instagram")
DAYS = Layout(
    "facebook-days", "facebook", "days",
    (
        Column("day", Kind.DAY),
        Column("primary", Kind.COUNT, "Primary|de:Primär|fr:Principal|es:Principal|es:Primario|it:Principale|it:Primario|pt:Principal|pt:Primário|nl:Primair"),
        *_NUMBERS,
    ),
    needs=(("day", "primary"), ("day", "reach"), ("day", "views", "link_clicks"), ("day", "follows", "views"), ("day", "views", "engagements")),
    order="month-first", hints=("facebook", "instagram", "meta"),
)  # fmt: skip
INSTAGRAM_DAYS = replace(DAYS, name="instagram-days", network="instagram")
_TOOLS = {"facebook": (POSTS, DAYS), "instagram": (INSTAGRAM_POSTS, INSTAGRAM_DAYS)}


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """Posts by id, days by day, under the network that the file names.

    Raises:
        Unreadable: the file names neither Facebook nor Instagram, or both.
    """
    network = _network(sheets, context)
    posted, daily = _TOOLS[network]
    parts: list[Decoded] = []
    for sheet in sheets:
        if sheet.layout is POSTS:
            parts.append(posts(replace(sheet, layout=posted), context, id_name="id", link="link"))
        else:
            parts.append(days(_titled(replace(sheet, layout=daily)), context))
    merged = together(parts)
    totals = dict(merged.totals)
    if {"follows", "unfollows"} <= totals.keys():
        totals["net_follows"] = totals["follows"] - totals["unfollows"]
    return together([merged], totals=totals)


def _network(sheets: Sequence[Sheet], context: Context) -> str:
    """``facebook`` or ``instagram``."""
    if context.network in _TOOLS:
        return context.network
    links = " ".join(str(line.values.get("link", "")) for sheet in sheets for line in sheet.lines).casefold()
    said = {name for name, host in (("instagram", "instagram.com"), ("facebook", "facebook.com")) if host in links}
    if not said:
        for sheet in sheets:
            if sheet.layout is POSTS:
                said |= {"instagram"} if sheet.has("account_id") or sheet.has("account_username") else set()
                said |= {"facebook"} if sheet.has("page_id") or sheet.has("page_name") else set()
            else:
                title = " ".join(sheet.notes).casefold()
                said |= {name for name in _TOOLS if name in title}
    if len(said) != 1:
        words = fold(context.file)
        said = said or {name for name in _TOOLS if name in words}
    if len(said) != 1:
        seen = "both Facebook and Instagram" if said else "neither Facebook nor Instagram"
        raise Unreadable(
            f"This is an export of Meta, and it names {seen}. Import it again with --as facebook or --as instagram."
        )
    return said.pop()


def _titled(sheet: Sheet) -> Sheet:
    """A table of one metric whose name stands in the line above it: “Primary” becomes that metric."""
    primary = next((found for found in sheet.found if found.name == "primary"), None)
    if primary is None:
        return sheet
    title = next((note for note in reversed(sheet.notes) if note.strip()), "")
    title = re.sub(r"\b(facebook|instagram)\b", " ", title, flags=re.IGNORECASE)
    if not title.strip():
        raise Unreadable(
            f"Line {sheet.lines[0].line if sheet.lines else 1}: the column “{primary.header}” has no title line above it that "
            "says what it counts. Export the file again from Insights."
        )
    known = sheet.layout.lookup.get(fold(title))
    name = known[0].name if known else snake(title)
    unit = known[0].unit if known else ""
    renamed = tuple(replace(found, name=name) if found is primary else found for found in sheet.found)
    lines = tuple(
        replace(
            line,
            values={name if key == "primary" else key: value for key, value in line.values.items()},
            units={name if key == "primary" else key: unit or value for key, value in line.units.items()},
        )
        for line in sheet.lines
    )
    unknown = sheet.unknown if known else (*sheet.unknown, title.strip())
    return replace(sheet, found=renamed, lines=lines, unknown=unknown)


TABLES = Tables((POSTS, DAYS), decode)
