"""YouTube: the exports of Studio's advanced mode, single files or the archive of three.

``Table data.csv`` has a row a video and one of sums, ``Totals.csv`` a row a day, ``Chart data.csv`` a row a video and
day. They count the same views three times, so an archive's totals come from the first of them that is there; the
others give readings only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.layouts import Column, Context, Decoded, Kind, Layout, Sheet, Tables, days, posts, together

if TYPE_CHECKING:
    from collections.abc import Sequence

_METRICS = (
    Column("views", Kind.COUNT),
    Column("engaged_views", Kind.COUNT, "Engaged views|de:Aufrufe mit Interaktion|de:Aktive Aufrufe|fr:Vues avec engagement|fr:Vues actives|es:Visualizaciones con interacción|es:Visualizaciones interesadas|it:Visualizzazioni coinvolte|pt:Visualizações engajadas|nl:Betrokken weergaven"),
    Column("watch_time_hours", Kind.NUMBER, "Watch time (hours)|de:Wiedergabezeit (Stunden)|fr:Durée de visionnage (heures)|es:Tiempo de visualización (horas)|it:Tempo di visualizzazione (ore)|pt:Tempo de exibição (horas)|pt:Tempo de visualização (horas)|nl:Weergavetijd (uren)|nl:Kijktijd (uren)", unit="hours"),
    Column("subscribers", Kind.COUNT, "Subscribers|de:Abonnenten|fr:Abonnés|es:Suscriptores|it:Iscritti|pt:Inscritos|pt:Subscritores|nl:Abonnees"),
    Column("subscribers_gained", Kind.COUNT, "Subscribers gained|de:Gewonnene Abonnenten|de:Neue Abonnenten|fr:Abonnés gagnés|es:Suscriptores ganados|it:Iscritti acquisiti|pt:Inscritos conquistados|nl:Gewonnen abonnees"),
    Column("subscribers_lost", Kind.COUNT, "Subscribers lost|de:Verlorene Abonnenten|fr:Abonnés perdus|es:Suscriptores perdidos|it:Iscritti persi|pt:Inscritos perdidos|nl:Verloren abonnees"),
    Column("impressions", Kind.COUNT),
    Column("impressions_click_through_rate", Kind.RATE, "Impressions click-through rate (%)|Impressions click-through rate|de:Klickrate der Impressionen (%)|fr:Taux de clics par impression (%)|fr:Taux de clics des impressions (%)|es:Porcentaje de clics de las impresiones (%)|es:CTR de las impresiones (%)|it:Percentuale di clic sulle impressioni (%)|it:CTR delle impressioni (%)|pt:Taxa de cliques de impressões (%)|nl:Klikfrequentie van vertoningen (%)|nl:CTR van vertoningen (%)", unit="percent"),
    Column("new_viewers", Kind.COUNT, "New viewers|de:Neue Zuschauer|fr:Nouveaux spectateurs|es:Espectadores nuevos|es:Nuevos espectadores|it:Nuovi spettatori|pt:Novos espectadores|nl:Nieuwe kijkers", unit="people"),
    Column("regular_viewers", Kind.COUNT, "Regular viewers|de:Regelmäßige Zuschauer|de:Stammzuschauer|fr:Spectateurs réguliers|es:Espectadores habituales|it:Spettatori abituali|pt:Espectadores regulares|nl:Vaste kijkers", unit="people"),
    Column("casual_viewers", Kind.COUNT, "Casual viewers|de:Gelegentliche Zuschauer|fr:Spectateurs occasionnels|es:Espectadores ocasionales|it:Spettatori occasionali|pt:Espectadores ocasionais|nl:Incidentele kijkers", unit="people"),
    Column("returning_viewers", Kind.COUNT, "Returning viewers|de:Wiederkehrende Zuschauer|fr:Spectateurs connus|fr:Spectateurs récurrents|es:Espectadores recurrentes|it:Spettatori di ritorno|pt:Espectadores recorrentes|nl:Terugkerende kijkers", unit="people"),
    Column("unique_viewers", Kind.COUNT, "Unique viewers|de:Einzelne Zuschauer|fr:Spectateurs uniques|es:Espectadores únicos|es:Usuarios únicos|it:Spettatori unici|pt:Espectadores únicos|nl:Unieke kijkers", unit="people"),
    Column("likes", Kind.COUNT), Column("dislikes", Kind.COUNT, "Dislikes|de:„Mag ich nicht“-Bewertungen|fr:Je n’aime pas|es:No me gusta|it:Non mi piace|pt:Não gostei|nl:Dislikes"),
    Column("comments", Kind.COUNT, "Comments added|de:Hinzugefügte Kommentare|fr:Commentaires ajoutés|es:Comentarios añadidos|it:Commenti aggiunti|pt:Comentários adicionados|nl:Toegevoegde reacties"),
    Column("shares", Kind.COUNT),
    Column("estimated_revenue", Kind.NUMBER, "Estimated revenue|Your estimated revenue|de:Geschätzter Umsatz|de:Deine geschätzten Einnahmen|fr:Revenus estimés|es:Ingresos estimados|it:Entrate stimate|pt:Receita estimada|nl:Geschatte inkomsten|nl:Geschatte opbrengst"),
    Column("average_view_duration", Kind.RATE, "Average view duration|de:Durchschnittliche Wiedergabedauer|fr:Durée moyenne d’une vue|es:Duración media de la visualización|es:Duración promedio de vistas|it:Durata media visualizzazione|it:Durata visualizzazione media|pt:Duração média da visualização|nl:Gemiddelde weergaveduur|nl:Gemiddelde kijkduur", unit="seconds"),
    Column("average_percentage_viewed", Kind.RATE, "Average percentage viewed (%)|de:Durchschnittlich wiedergegeben (%)|de:Durchschnittlich angesehen (%)|de:Durchschnittliche Wiedergabe (%)|fr:Pourcentage moyen de vidéo regardé (%)|es:Porcentaje medio visto (%)|es:Porcentaje promedio visto (%)|it:Percentuale visualizzata media (%)|pt:Porcentagem visualizada média (%)|nl:Gemiddeld percentage bekeken (%)", unit="percent"),
    Column("stayed_to_watch", Kind.RATE, "Stayed to watch (%)", unit="percent"),
    Column("rpm", Kind.RATE, "RPM"), Column("cpm", Kind.RATE, "CPM"),
)  # fmt: skip
_VIDEO = (
    Column("id", Kind.ID, "Content|Video|Video ID|de:Videos|de:Inhalte|de:Video|fr:Contenus|fr:Contenu|fr:Vidéo|fr:Vidéos|es:Contenido|es:Vídeo|es:ID del vídeo|es:Video|it:Contenuti|it:Contenuto|it:Video|pt:Conteúdo|pt:Vídeo|nl:Content|nl:Video"),
    Column("title", Kind.TEXT, "Video title|Title|de:Videotitel|de:Video Titel|fr:Titre de la vidéo|es:Título del vídeo|es:Título del video|it:Titolo video|it:Titolo del video|pt:Título do vídeo|nl:Videotitel|nl:Titel van video"),
    Column("published", Kind.PUBLISHED, "Video publish time|Publish time|de:Veröffentlichungszeitpunkt des Videos|de:Veröffentlichungszeit des Videos|fr:Heure de publication de la vidéo|fr:Date de publication de la vidéo|es:Hora de publicación del vídeo|es:Fecha de publicación del vídeo|es:Hora de publicación del video|it:Ora di pubblicazione del video|it:Data di pubblicazione del video|pt:Horário de publicação do vídeo|pt:Hora de publicação do vídeo|nl:Publicatietijd van video|nl:Publicatietijdstip van video"),
    Column("duration", Kind.TEXT, "Duration|de:Dauer|fr:Durée|es:Duración|it:Durata|pt:Duração|nl:Duur"),
)  # fmt: skip

TABLE = Layout(
    "youtube-table", "youtube", "posts", (*_VIDEO, *_METRICS),
    needs=(("id", "title", "views"), ("id", "published", "views"), ("id", "title", "impressions"), ("id", "title", "watch_time_hours")),
    id_shape=r"[\w-]{11}|[A-Z]{2}[\w-]{14,}", hints=("table data", "tabellendaten", "youtube"),
)  # fmt: skip
CHART = Layout(
    "youtube-chart", "youtube", "posts", (Column("day", Kind.DAY), *_VIDEO, *_METRICS),
    needs=(("day", "id", "title", "views"), ("day", "id", "published")),
    hints=("chart data", "diagrammdaten", "youtube"), at_least=4,
)  # fmt: skip
TOTALS = Layout(
    "youtube-days", "youtube", "days", (Column("day", Kind.DAY), *_METRICS),
    needs=(("day", "views"), ("day", "watch_time_hours"), ("day", "subscribers")),
    sure=(("watch_time_hours",), ("subscribers",), ("subscribers_gained",), ("engaged_views",), ("unique_viewers",), ("impressions_click_through_rate",)), hints=("totals", "gesamtwerte", "totales", "totaux", "totali", "totais", "totalen", "youtube"),
)  # fmt: skip


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """Videos first, then the channel's days, then videos by day; each total comes from the first that has it."""
    parts: list[Decoded] = []
    rank = {TABLE.name: 0, TOTALS.name: 1, CHART.name: 2}
    for sheet in sorted(sheets, key=lambda found: rank[found.layout.name]):
        if sheet.layout is TABLE:
            parts.append(posts(sheet, context, id_name="id"))
        elif sheet.layout is TOTALS:
            parts.append(days(sheet, context))
        else:
            made = days(sheet, context, subject_name="id")
            videos = frozenset(str(line.values["id"]) for line in sheet.lines if "id" in line.values)
            parts.append(together([made, Decoded(made.layout, made.network, posts=videos)]))
    made = together(parts)
    # The three tables count the same views: the first alone is the total.
    totals = dict(parts[0].totals)
    if {"subscribers_gained", "subscribers_lost"} <= totals.keys():
        totals["net_follows"] = totals["subscribers_gained"] - totals["subscribers_lost"]
    return together([made], totals=totals)


TABLES = Tables((TABLE, CHART, TOTALS), decode)
