"""X: the post and account exports of its analytics, of 2015–2023 (“tweet activity”) and since 2024.

Layouts: ``tweet_activity_metrics_*.csv`` and ``account_analytics_content_*.csv`` (a row a post),
``account_overview_analytics*.csv`` (a row a day), ``video_overview*.csv`` (a row a day under a title line).
Names that X changed keep the new one: retweets are reposts, profile clicks are profile visits, follows are new follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.layouts import Column, Context, Decoded, Kind, Layout, Sheet, Tables, days, posts, together

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENGAGEMENT = (
    Column("impressions", Kind.COUNT),
    Column("likes", Kind.COUNT, formerly="Favorites|Favourites"),
    Column("engagements", Kind.COUNT),
    Column("bookmarks", Kind.COUNT),
    Column("shares", Kind.COUNT),
    Column(
        "new_follows",
        Kind.COUNT,
        "New follows|New followers|de:Neue Follower|de:Neue Follows|fr:Nouveaux abonnés|fr:Nouveaux abonnements|es:Nuevos seguidores"
        "|es:Nuevos seguimientos|it:Nuovi follower|it:Nuovi seguaci|pt:Novos seguidores|nl:Nieuwe volgers",
        formerly="Follows",
    ),
    Column(
        "unfollows",
        Kind.COUNT,
        "Unfollows|de:Entfolgt|de:Verlorene Follower|de:Nicht mehr gefolgt|fr:Désabonnements|fr:Abonnés perdus|es:Dejaron de seguir"
        "|es:Seguidores perdidos|it:Follower persi|it:Smesso di seguire|pt:Deixaram de seguir|pt:Seguidores perdidos"
        "|nl:Ontvolgd|nl:Verloren volgers",
    ),
    Column("replies", Kind.COUNT),
    Column("reposts", Kind.COUNT, formerly="Retweets"),
    Column("quotes", Kind.COUNT, "Quotes|Quote posts|de:Zitate|fr:Citations|es:Citas|it:Citazioni|pt:Citações|nl:Citaten"),
    Column("profile_visits", Kind.COUNT, formerly="User profile clicks"),
    Column("detail_expands", Kind.COUNT, "Detail expands|de:Detailerweiterungen|de:Details erweitert|fr:Développements des détails|fr:Clics sur les détails|es:Ampliaciones de detalles|it:Espansioni dei dettagli|pt:Expansões de detalhes|nl:Details uitgevouwen"),
    Column("url_clicks", Kind.COUNT, "URL Clicks|Link clicks|de:URL-Klicks|de:Link-Klicks|fr:Clics sur l’URL|fr:Clics sur le lien|es:Clics en la URL|es:Clics en el enlace|it:Clic sull’URL|it:Clic sul link|pt:Cliques no URL|pt:Cliques no link|nl:URL-klikken|nl:Klikken op link"),
    Column("hashtag_clicks", Kind.COUNT, "Hashtag Clicks|de:Hashtag-Klicks|fr:Clics sur le hashtag|fr:Clics sur les hashtags|es:Clics en hashtags|es:Clics en el hashtag|it:Clic sugli hashtag|pt:Cliques em hashtags|pt:Cliques na hashtag|nl:Hashtag-klikken"),
    Column("permalink_clicks", Kind.COUNT, "Permalink Clicks|de:Permalink-Klicks|fr:Clics sur le permalien|es:Clics en el enlace permanente|it:Clic sul permalink|pt:Cliques no link permanente|nl:Permalink-klikken"),
    Column("media_views", Kind.COUNT, "Media views|de:Medienaufrufe|fr:Vues de médias|es:Visualizaciones de medios|it:Visualizzazioni di contenuti multimediali|pt:Visualizações de mídia|nl:Mediaweergaven"),
    Column("media_engagements", Kind.COUNT, "Media engagements"),
    Column("app_opens", Kind.COUNT, "App opens"),
    Column("app_installs", Kind.COUNT, "App installs"),
    Column("email_tweet", Kind.COUNT, "Email tweet|Email post"),
    Column("dial_phone", Kind.COUNT, "Dial phone"),
    Column("engagement_rate", Kind.RATE),
    Column("promoted_engagement_rate", Kind.RATE, "Promoted engagement rate"),
    Column("*", Kind.COUNT, "Promoted *", shared=False),
)  # fmt: skip

POSTS = Layout(
    name="x-posts",
    network="x",
    about="posts",
    columns=(
        Column("id", Kind.ID, "Post id|Tweet id|de:Post-ID|de:Beitrags-ID|de:Tweet-ID|fr:ID du post|fr:Identifiant du post|fr:ID de la publication|es:ID del post|es:ID de la publicación|it:ID del post|it:ID post|pt:ID do post|pt:ID da publicação|nl:Post-ID|nl:Bericht-ID"),
        Column("published", Kind.PUBLISHED, "Date|Time|Post time|de:Datum|de:Zeit|fr:Date|fr:Heure|es:Fecha|es:Hora|it:Data|it:Ora|pt:Data|pt:Hora|nl:Datum|nl:Tijd"),
        Column("text", Kind.TEXT, "Post text|Tweet text|de:Post-Text|de:Beitragstext|de:Text des Posts|fr:Texte du post|fr:Texte de la publication|es:Texto del post|es:Texto de la publicación|it:Testo del post|pt:Texto do post|pt:Texto da publicação|nl:Post-tekst|nl:Tekst van post|nl:Berichttekst"),
        Column("link", Kind.LINK, "Post Link|Tweet permalink|Post permalink|de:Post-Link|de:Link zum Post|de:Beitragslink|fr:Lien du post|fr:Lien de la publication|es:Enlace del post|es:Enlace de la publicación|it:Link del post|pt:Link do post|pt:Link da publicação|nl:Post-link|nl:Link naar post|nl:Berichtlink"),
        Column("views", Kind.COUNT, "Video views"),
        *_ENGAGEMENT,
    ),
    needs=(("id", "impressions"), ("link", "impressions", "text"), ("id", "text", "likes")),
    hints=("account_analytics_content", "tweet_activity", "x_"),
    id_shape=r"\d+",
    link_id=r"(?:twitter|x)\.com/[^/]+/status/(\d+)",
)  # fmt: skip
DAYS = Layout(
    name="x-days",
    network="x",
    about="days",
    columns=(
        Column("day", Kind.DAY),
        Column("create_post", Kind.COUNT, "Create Post|Posts|Posts created|de:Post erstellen|de:Erstellte Posts|fr:Créer un post|fr:Posts créés|es:Crear post|es:Posts creados|it:Crea post|it:Post creati|pt:Criar post|pt:Posts criados|nl:Post maken|nl:Gemaakte posts", formerly="Tweets published"),
        Column("video_views", Kind.COUNT, "Video views|de:Videoaufrufe|fr:Vues de vidéos|fr:Vues vidéo|es:Visualizaciones de vídeo|es:Reproducciones de video|it:Visualizzazioni video|pt:Visualizações de vídeo|nl:Videoweergaven"),
        *_ENGAGEMENT,
    ),
    needs=(("day", "impressions", "engagements"), ("day", "impressions", "profile_visits"), ("day", "new_follows", "unfollows")),
    hints=("account_overview", "x_"),
)  # fmt: skip
VIDEOS = Layout(
    name="x-video-days",
    network="x",
    about="days",
    columns=(
        Column("day", Kind.DAY),
        Column("views", Kind.COUNT),
        Column("watch_time_ms", Kind.COUNT, "Watch Time (ms)", unit="milliseconds"),
        Column("completion_rate", Kind.RATE, "Completion Rate"),
        Column("average_watch_time_ms", Kind.RATE, "Average Watch Time (ms)", unit="milliseconds"),
        Column("estimated_revenue", Kind.NUMBER, "Estimated Revenue", unit="USD"),
    ),
    needs=(("day", "views", "watch_time_ms"),),
    hints=("video_overview",),
)


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """Posts by id, days by day; ``net_follows`` is new less lost follows, and only where both are counted."""
    parts = [
        posts(sheet, context, id_name="id", link="link") if sheet.layout is POSTS else days(sheet, context)
        for sheet in sheets
    ]
    made = together(parts)
    totals = dict(made.totals)
    if "new_follows" in totals and "unfollows" in totals:
        totals["net_follows"] = totals["new_follows"] - totals["unfollows"]
    return together([made], totals=totals)


TABLES = Tables((POSTS, DAYS, VIDEOS), decode)
