"""What tools call the same thing in seven languages: metric → headers, shared by all layouts.

A layout adds its tool's own words and may leave this table out for a column (``shared=False``). Sources: exports and
their parsers in public repositories, the tools' help pages, and the interfaces' own wording; where a tool changed its
word, both are here. Compared after ``cells.fold``: case, accents and punctuation do not matter.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    "impressions": "Impressions|de:Impressionen|de:Einblendungen|fr:Impressions|es:Impresiones|it:Impressioni|it:Impression"
    "|pt:Impressões|nl:Vertoningen|nl:Weergaven (impressies)|nl:Impressies",
    "views": "Views|de:Aufrufe|de:Ansichten|de:Wiedergaben|fr:Vues|fr:Affichages|es:Visualizaciones"
    "|es:Vistas|es:Reproducciones|it:Visualizzazioni|pt:Visualizações|pt:Exibições|nl:Weergaven",
    "clicks": "Clicks|de:Klicks|fr:Clics|es:Clics|es:Clicks|it:Clic|pt:Cliques|nl:Klikken|nl:Kliks",
    "likes": "Likes|de:„Gefällt mir“-Angaben|de:Gefällt mir|de:Gefällt-mir-Angaben|de:Gefällt-mir|fr:J’aime|fr:Mentions J’aime"
    "|es:Me gusta|es:Indicaciones de «Me gusta»|it:Mi piace|pt:Gostos|pt:Curtidas|pt:Gostei|nl:Vind-ik-leuks|nl:Likes"
    "|nl:Vind ik leuk",
    "comments": "Comments|de:Kommentare|fr:Commentaires|es:Comentarios|it:Commenti|pt:Comentários|nl:Reacties (opmerkingen)"
    "|nl:Opmerkingen|nl:Commentaren",
    "shares": "Shares|de:Geteilte Inhalte|de:Geteilt|de:Mal geteilt|fr:Partages|es:Veces compartido|es:Compartidos"
    "|es:Contenido compartido|it:Condivisioni|pt:Partilhas|pt:Compartilhamentos|nl:Keren gedeeld|nl:Gedeeld",
    "reactions": "Reactions|de:Reaktionen|fr:Réactions|es:Reacciones|it:Reazioni|pt:Reações|nl:Reacties",
    "reach": "Reach|de:Reichweite|fr:Couverture|fr:Portée|es:Alcance|it:Copertura|pt:Alcance|nl:Bereik",
    "engagements": "Engagements|de:Interaktionen|fr:Engagements|fr:Interactions|es:Interacciones|it:Interazioni|pt:Interações"
    "|pt:Engajamentos|nl:Interacties",
    "replies": "Replies|de:Antworten|fr:Réponses|es:Respuestas|it:Risposte|pt:Respostas|nl:Antwoorden",
    "reposts": "Reposts|de:Reposts|de:Erneut geteilt|fr:Reposts|fr:Republications|es:Reposts|es:Veces que se ha vuelto a publicar"
    "|es:Publicaciones compartidas|it:Repost|it:Ricondivisioni|pt:Reposts|pt:Republicações|nl:Reposts",
    "bookmarks": "Bookmarks|de:Lesezeichen|fr:Signets|es:Guardados|es:Elementos guardados|it:Segnalibri|pt:Itens salvos"
    "|pt:Marcadores|nl:Bladwijzers",
    "saves": "Saves|de:Gespeichert|de:Speicherungen|de:Gespeicherte Inhalte|fr:Enregistrements|es:Guardados|es:Veces guardado"
    "|it:Salvataggi|it:Elementi salvati|pt:Salvamentos|pt:Guardados|pt:Itens salvos|nl:Keren opgeslagen|nl:Opgeslagen",
    "follows": "Follows|de:Follows|de:Abonniert|fr:Abonnements|fr:Followers gagnés|es:Seguimientos|es:Seguidores|it:Follower"
    "|it:Persone che seguono|pt:Seguimentos|pt:Seguidores|nl:Volgers|nl:Gevolgd",
    "link_clicks": "Link clicks|de:Link-Klicks|de:Linkklicks|fr:Clics sur un lien|fr:Clics sur les liens|es:Clics en el enlace"
    "|es:Clics en enlaces|it:Clic sul link|it:Clic sui link|pt:Cliques na ligação|pt:Cliques no link|nl:Linkklikken"
    "|nl:Klikken op links",
    "profile_visits": "Profile visits|de:Profilbesuche|de:Profilaufrufe|fr:Visites de profil|fr:Visites du profil|es:Visitas al perfil"
    "|it:Visite al profilo|pt:Visitas ao perfil|nl:Profielbezoeken",
    "day": "Date|Day|de:Datum|de:Tag|fr:Date|fr:Jour|es:Fecha|es:Día|it:Data|it:Giorno|pt:Data|pt:Dia|nl:Datum|nl:Dag",
    "engagement_rate": "Engagement rate|de:Interaktionsrate|de:Engagement-Rate|fr:Taux d’engagement|fr:Taux d’interaction"
    "|es:Tasa de interacción|es:Tasa de engagement|it:Tasso di interazione|it:Tasso di engagement|pt:Taxa de engajamento"
    "|pt:Taxa de interação|nl:Betrokkenheidspercentage|nl:Interactiepercentage",
}  # fmt: skip
