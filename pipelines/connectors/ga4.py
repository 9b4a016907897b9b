"""Google Analytics 4: reports and explorations as CSV, with several tables and ``#`` lines in one file.

Conversions became key events in 2024 and keep that name here. Totals: a table without a dimension first (it is the
overview), then a table's own row of sums, then the first table that has the column. People stand in several rows of a
breakdown, so such a sum is said to be one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pipelines.cells import day_of, moment
from pipelines.layouts import (
    Column,
    Context,
    Decoded,
    Kind,
    Layout,
    Line,
    Sheet,
    Tables,
    Value,
    days,
    slices,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalbook.records import Number

_METRICS = (
    Column("active_users", Kind.COUNT, "Active users|de:Aktive Nutzer|fr:Utilisateurs actifs|es:Usuarios activos|it:Utenti attivi|pt:Usuários ativos|pt:Utilizadores ativos|nl:Actieve gebruikers", unit="people"),
    Column("new_users", Kind.COUNT, "New users|de:Neue Nutzer|fr:Nouveaux utilisateurs|es:Usuarios nuevos|es:Nuevos usuarios|it:Nuovi utenti|pt:Novos usuários|pt:Novos utilizadores|nl:Nieuwe gebruikers", unit="people"),
    Column("total_users", Kind.COUNT, "Total users|Users|de:Nutzer insgesamt|de:Gesamtzahl der Nutzer|de:Nutzer|fr:Nombre total d’utilisateurs|fr:Total des utilisateurs|fr:Utilisateurs|es:Total de usuarios|es:Usuarios totales|es:Usuarios|it:Utenti totali|it:Utenti|pt:Total de usuários|pt:Total de utilizadores|pt:Usuários|nl:Totaal aantal gebruikers|nl:Gebruikers", unit="people"),
    Column("returning_users", Kind.COUNT, "Returning users|de:Wiederkehrende Nutzer|fr:Utilisateurs connus|es:Usuarios recurrentes|it:Utenti di ritorno|pt:Usuários recorrentes|nl:Terugkerende gebruikers", unit="people"),
    Column("sessions", Kind.COUNT, "Sessions|de:Sitzungen|fr:Sessions|es:Sesiones|it:Sessioni|pt:Sessões|nl:Sessies"),
    Column("engaged_sessions", Kind.COUNT, "Engaged sessions|de:Sitzungen mit Interaktionen|de:Sitzungen mit Interaktion|fr:Sessions avec engagement|es:Sesiones con interacción|it:Sessioni con coinvolgimento|pt:Sessões engajadas|pt:Sessões com interação|nl:Sessies met engagement|nl:Betrokken sessies"),
    Column("views", Kind.COUNT, formerly="Pageviews|de:Seitenaufrufe"),
    Column("event_count", Kind.COUNT, "Event count|de:Ereignisanzahl|de:Anzahl der Ereignisse|fr:Nombre d’événements|es:Número de eventos|es:Recuento de eventos|it:Conteggio eventi|pt:Contagem de eventos|pt:Número de eventos|nl:Aantal gebeurtenissen|nl:Aantal events"),
    Column("key_events", Kind.NUMBER, "Key events|de:Schlüsselereignisse|fr:Événements clés|es:Eventos clave|it:Eventi chiave|pt:Eventos principais|pt:Eventos-chave|nl:Belangrijke gebeurtenissen|nl:Belangrijkste gebeurtenissen", formerly="Conversions|de:Conversions|fr:Conversions|es:Conversiones|it:Conversioni|pt:Conversões|nl:Conversies", unit="count"),
    Column("total_revenue", Kind.NUMBER, "Total revenue|de:Gesamtumsatz|fr:Revenu total|fr:Total des revenus|es:Ingresos totales|it:Entrate totali|pt:Receita total|nl:Totale opbrengst"),
    Column("purchase_revenue", Kind.NUMBER, "Purchase revenue|de:Kaufumsatz|fr:Revenus d’achat|es:Ingresos por compras|it:Entrate da acquisti|pt:Receita de compra|nl:Opbrengst uit aankopen"),
    Column("purchases", Kind.COUNT, "Ecommerce purchases|Purchases|Transactions|de:Käufe|fr:Achats|es:Compras|it:Acquisti|pt:Compras|nl:Aankopen"),
    Column("user_engagement", Kind.NUMBER, "User engagement|de:Nutzer-Engagement|fr:Engagement utilisateur|es:Interacción de los usuarios|it:Coinvolgimento utenti|pt:Engajamento do usuário|nl:Gebruikersengagement", unit="seconds"),
    Column("average_engagement_time", Kind.RATE, "Average engagement time|de:Durchschnittliche Interaktionsdauer|fr:Durée d’engagement moyenne|fr:Temps d’engagement moyen|es:Tiempo de interacción medio|it:Durata media del coinvolgimento|pt:Tempo médio de engajamento|nl:Gemiddelde engagementtijd", unit="seconds"),
    Column("average_engagement_time_per_active_user", Kind.RATE, "Average engagement time per active user|Average engagement time per user|de:Durchschnittliche Interaktionsdauer pro aktivem Nutzer|fr:Durée d’engagement moyenne par utilisateur actif|fr:Temps d’engagement moyen par utilisateur actif|es:Tiempo de interacción medio por usuario activo|it:Durata media del coinvolgimento per utente attivo|pt:Tempo médio de engajamento por usuário ativo|nl:Gemiddelde engagementtijd per actieve gebruiker", unit="seconds"),
    Column("average_engagement_time_per_session", Kind.RATE, "Average engagement time per session|Average session duration|de:Durchschnittliche Interaktionsdauer pro Sitzung|fr:Durée d’engagement moyenne par session|fr:Temps d’engagement moyen par session|es:Tiempo de interacción medio por sesión|it:Durata media del coinvolgimento per sessione|pt:Tempo médio de engajamento por sessão|nl:Gemiddelde engagementtijd per sessie", unit="seconds"),
    Column("engaged_sessions_per_active_user", Kind.RATE, "Engaged sessions per active user|Engaged sessions per user|de:Sitzungen mit Interaktionen pro aktivem Nutzer|fr:Sessions avec engagement par utilisateur actif|es:Sesiones con interacción por usuario activo|it:Sessioni con coinvolgimento per utente attivo|pt:Sessões engajadas por usuário ativo|nl:Sessies met engagement per actieve gebruiker"),
    Column("engagement_rate", Kind.RATE),
    Column("bounce_rate", Kind.RATE, "Bounce rate|de:Absprungrate|fr:Taux de rebond|es:Porcentaje de rebote|it:Frequenza di rimbalzo|pt:Taxa de rejeição|nl:Bouncepercentage"),
    Column("views_per_active_user", Kind.RATE, "Views per active user|Views per user|de:Aufrufe pro aktivem Nutzer|fr:Vues par utilisateur actif|es:Vistas por usuario activo|it:Visualizzazioni per utente attivo|pt:Visualizações por usuário ativo|nl:Weergaven per actieve gebruiker"),
    Column("views_per_session", Kind.RATE, "Views per session"),
    Column("events_per_session", Kind.RATE, "Events per session|de:Ereignisse pro Sitzung|fr:Événements par session|es:Eventos por sesión|it:Eventi per sessione|pt:Eventos por sessão|nl:Gebeurtenissen per sessie"),
    Column("event_count_per_active_user", Kind.RATE, "Event count per active user|Event count per user|de:Ereignisanzahl pro aktivem Nutzer|fr:Nombre d’événements par utilisateur actif|es:Número de eventos por usuario activo|it:Conteggio eventi per utente attivo|pt:Contagem de eventos por usuário ativo|nl:Aantal gebeurtenissen per actieve gebruiker"),
    Column("session_key_event_rate", Kind.RATE, "Session key event rate|de:Rate der Schlüsselereignisse pro Sitzung|de:Schlüsselereignisrate für Sitzungen|es:Tasa de eventos clave de la sesión", formerly="Session conversion rate"),
    Column("user_key_event_rate", Kind.RATE, "User key event rate", formerly="User conversion rate"),
    Column("average_revenue_per_active_user", Kind.RATE, "ARPU|Average purchase revenue per active user"),
)  # fmt: skip
_DIMENSIONS = (
    Column("session_source_medium", Kind.TEXT, "Session source / medium|de:Sitzung – Quelle/Medium|de:Quelle/Medium der Sitzung|fr:Source / Support de la session|es:Fuente/medio de la sesión|it:Sorgente/mezzo sessione|pt:Origem / mídia da sessão|nl:Bron/medium van sessie"),
    Column("first_user_source_medium", Kind.TEXT, "First user source / medium|de:Erster Nutzer – Quelle/Medium|de:Quelle/Medium des ersten Nutzers|fr:Source / Support du premier utilisateur|es:Fuente/medio del primer usuario|it:Sorgente/mezzo primo utente|pt:Origem / mídia do primeiro usuário|nl:Bron/medium van eerste gebruiker"),
    Column("channel_group", Kind.TEXT, "Session primary channel group (Default Channel Group)|Session default channel group|Session default channel grouping|First user primary channel group (Default Channel Group)|First user default channel group|First user default channel grouping|Default channel group|de:Sitzung – Primäre Channelgruppe (Standard-Channelgruppe)|de:Standard-Channelgruppierung|de:Sitzung – Standard-Channelgruppe|fr:Groupe de canaux par défaut de la session|fr:Groupe de canaux principal de la session (groupe de canaux par défaut)|es:Grupo de canales predeterminado de la sesión|es:Grupo de canales principal de la sesión (grupo de canales predeterminado)|it:Gruppo di canali predefinito sessione|pt:Grupo de canais padrão da sessão|nl:Standaard kanaalgroep van sessie"),
    Column("session_source", Kind.TEXT, "Session source|First user source|Source|Session manual source|de:Quelle der Sitzung"),
    Column("session_medium", Kind.TEXT, "Session medium|First user medium|Medium|Session manual medium|de:Medium der Sitzung"),
    Column("source_medium", Kind.TEXT, "Source / medium|de:Quelle/Medium|fr:Source / Support|es:Fuente/medio|it:Sorgente/mezzo|pt:Origem / mídia|nl:Bron/medium"),
    Column("campaign", Kind.TEXT, "Session campaign|First user campaign|Campaign|de:Sitzung – Kampagne|de:Kampagne|fr:Campagne de la session|es:Campaña de la sesión|it:Campagna sessione|pt:Campanha da sessão|nl:Sessiecampagne"),
    Column("page", Kind.TEXT, "Page title and screen class|Page title and screen name|Page path and screen class|Page path|Page title|Landing page|Landing page + query string|Page location|Page path + query string|Page|de:Seitentitel und Bildschirmklasse|de:Seitentitel und Bildschirmname|de:Seitenpfad und Bildschirmklasse|de:Landingpage|de:Zielseite|fr:Titre de la page et classe de l’écran|fr:Titre de page et classe d’écran|fr:Titre de la page et nom de l’écran|fr:Chemin de la page et classe de l’écran|fr:Page de destination|es:Título de página y clase de pantalla|es:Título de página y nombre de pantalla|es:Ruta de página y clase de pantalla|es:Página de destino|it:Titolo pagina e classe schermata|it:Percorso pagina e classe schermata|it:Pagina di destinazione|pt:Título da página e classe de tela|pt:Título da página e classe da tela|pt:Caminho da página e classe da tela|pt:Página de destino|nl:Paginatitel en schermklasse|nl:Paginapad en schermklasse|nl:Landingspagina"),
    Column("country", Kind.TEXT, "Country|Country ID|de:Land|fr:Pays|es:País|it:Paese|pt:País|nl:Land"),
    Column("city", Kind.TEXT, "City|Town/City|de:Stadt|fr:Ville|es:Ciudad|it:Città|pt:Cidade|nl:Plaats"),
    Column("language", Kind.TEXT, "Language|de:Sprache|fr:Langue|es:Idioma|it:Lingua|pt:Idioma|nl:Taal"),
    Column("device", Kind.TEXT, "Device category|Platform|Platform / device category|Browser|Operating system|de:Gerätekategorie|fr:Catégorie d’appareil|es:Categoría de dispositivo|it:Categoria dispositivo|pt:Categoria do dispositivo|nl:Apparaatcategorie"),
    Column("event", Kind.TEXT, "Event name|de:Ereignisname|fr:Nom de l’événement|es:Nombre del evento|it:Nome evento|pt:Nome do evento|nl:Naam van gebeurtenis|nl:Gebeurtenisnaam"),
    Column("audience", Kind.TEXT, "Audience name|Audience|de:Zielgruppenname"),
    Column("nth_period", Kind.TEXT, "Nth week|Nth month|Nth hour|Nth year"),
    Column("nth_day", Kind.TEXT, "Nth day|de:N-ter Tag|de:Tag (n-ter)|fr:Nième jour|fr:N-ième jour|es:N.º día|es:Día N|it:N. giorno|pt:Enésimo dia|nl:N-de dag"),
)  # fmt: skip

_OWN = ("active_users", "sessions", "event_count", "total_users", "new_users", "key_events", "engaged_sessions")
_EVERYBODYS = frozenset({"country", "city", "language", "device", "campaign", "audience"})
"""Dimensions that many tools have: views by country are not Analytics' alone."""

DAYS = Layout(
    "ga4-days", "ga4", "days", (Column("day", Kind.DAY), *_METRICS, *_DIMENSIONS[:1]),
    needs=(("day", "active_users"), ("day", "sessions"), ("day", "total_users"), ("day", "event_count"), ("day", "key_events")),
    hints=("ga4", "analytics", "google"),
)  # fmt: skip
REPORT = Layout(
    "ga4-report", "ga4", "slices", (*_METRICS, *_DIMENSIONS),
    needs=(
        *((dimension.name, metric) for dimension in _DIMENSIONS for metric in _OWN),
        *((dimension.name, "views") for dimension in _DIMENSIONS if dimension.name not in _EVERYBODYS),
        ("active_users", "new_users"), ("active_users", "sessions"), ("active_users", "event_count"), ("sessions", "engaged_sessions"), ("total_users", "new_users"), ("sessions", "key_events"), ("sessions", "total_revenue"),
        ("sessions", "event_count"), ("active_users", "views"), ("sessions", "engagement_rate"), ("sessions", "bounce_rate"), ("event_count", "total_users"), ("event_count", "key_events"),
    ),
    hints=("ga4", "analytics", "google"),
)  # fmt: skip
_PEOPLE = frozenset({"active_users", "new_users", "total_users", "returning_users"})
_START = re.compile(r"#?\s*(start date|startdatum|date de debut|date de début|fecha de inicio|data di inizio|data de inicio|data de início|begindatum|data rozpocz[eę]cia|開始日)\s*[:：]\s*(\d{8}|\d{4}-\d{2}-\d{2})", re.IGNORECASE)  # fmt: skip
_END = re.compile(r"#?\s*(end date|enddatum|date de fin|fecha de finalizaci[oó]n|fecha de fin|data di fine|data de t[eé]rmino|data final|einddatum|data zako[nń]czenia|終了日)\s*[:：]\s*(\d{8}|\d{4}-\d{2}-\d{2})", re.IGNORECASE)  # fmt: skip


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """Every table as readings, and the totals by the rule of the first lines above."""
    notes = "\n".join(note for sheet in sheets for note in sheet.notes)
    start, end = _noted(_START, notes), _noted(_END, notes)
    parts: list[tuple[int, Decoded]] = []
    for sheet in sheets:
        if sheet.layout is DAYS:
            parts.append((2, days(sheet, context)))
        elif sheet.has("nth_day") and start:
            parts.append((2, days(_dated(sheet, start), context)))
        elif not sheet.dimensions and not sheet.unknown:
            parts.append((0, slices(sheet, context, on=end)))
        else:
            made = slices(sheet, context, on=end, keep_total=True)
            parts.append((1 if sheet.total is not None else 2, made))
    merged = together([part for _, part in parts])
    totals: dict[str, Number] = {}
    warnings: list[str] = []
    for rank in (0, 1, 2):
        for position, (own, part) in enumerate(parts):
            if own != rank:
                continue
            for name, value in part.totals.items():
                if name in totals:
                    continue
                totals[name] = value
                if rank == 2 and name in _PEOPLE and len(sheets[position].lines) > 1:
                    warnings.append(
                        f"“{name}” adds up rows in which the same person may stand twice; the file has no total of it."
                    )
    made = together([merged], layout=REPORT.name if len(parts) > 1 else merged.layout, totals=totals)
    return replace(made, warnings=(*made.warnings, *warnings))


def _noted(pattern: re.Pattern[str], notes: str) -> date | None:
    """The day that a ``# Start date: 20260701`` line names."""
    found = pattern.search(notes)
    at = moment(found[2]) if found else None
    return day_of(at.day_first) if at and at.day_first else None


def _dated(sheet: Sheet, start: date) -> Sheet:
    """A table by “Nth day” with its days: the first is ``0000``."""
    lines: list[Line] = []
    for line in sheet.lines:
        nth = str(line.values.get("nth_day", ""))
        values: dict[str, Value] = {key: value for key, value in line.values.items() if key != "nth_day"}
        if nth.isdigit() and len(nth) <= 4:
            values["day"] = start + timedelta(days=int(nth))
        lines.append(replace(line, values=values))
    return replace(sheet, lines=tuple(lines))


TABLES = Tables((REPORT, DAYS), decode)
