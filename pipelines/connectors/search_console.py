"""Search Console: the performance report, one table or the archive of all.

Each table counts the same clicks again (queries even leave some out for privacy), so an archive's totals come from the
most complete one: days, then devices, countries, pages, queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.layouts import Column, Context, Decoded, Kind, Layout, Sheet, Tables, days, slices, together

if TYPE_CHECKING:
    from collections.abc import Sequence

_METRICS = (
    Column("clicks", Kind.COUNT),
    Column("impressions", Kind.COUNT),
    Column("ctr", Kind.RATE, "CTR|Click through rate|de:Klickrate|fr:Taux de clics|es:Porcentaje de clics|it:Percentuale di clic|pt:Taxa de cliques|nl:Klikfrequentie"),
    Column("position", Kind.RATE, "Position|Average position|Avg position|de:Position|de:Durchschnittliche Position|fr:Position moyenne|es:Posición|es:Posición media|it:Posizione|it:Posizione media|pt:Posição|pt:Posição média|nl:Positie|nl:Gemiddelde positie", unit="position"),
)  # fmt: skip
_SLICES = {
    "queries": Column("query", Kind.TEXT, "Top queries|Queries|Query|Search query|de:Häufigste Suchanfragen|de:Suchanfragen|de:Suchanfrage|fr:Requêtes les plus fréquentes|fr:Requêtes|fr:Requête|es:Consultas principales|es:Consultas|es:Consulta|it:Query principali|it:Query più frequenti|it:Query|pt:Principais consultas|pt:Consultas principais|pt:Consultas|pt:Consulta|nl:Populairste zoekopdrachten|nl:Zoekopdrachten|nl:Zoekopdracht"),
    "pages": Column("page", Kind.TEXT, "Top pages|Pages|Page|URL|de:Häufigste Seiten|de:Seiten|de:Seite|fr:Pages les plus populaires|fr:Pages principales|fr:Pages|es:Páginas principales|es:Páginas|es:Página|it:Pagine principali|it:Pagine più frequenti|it:Pagine|it:Pagina|pt:Principais páginas|pt:Páginas principais|pt:Páginas|nl:Populairste pagina’s|nl:Toppagina’s|nl:Pagina’s|nl:Pagina"),
    "countries": Column("country", Kind.TEXT, "Country|Countries|de:Land|de:Länder|fr:Pays|es:País|es:Países|it:Paese|it:Paesi|pt:País|pt:Países|nl:Land|nl:Landen"),
    "devices": Column("device", Kind.TEXT, "Device|Devices|de:Gerät|de:Geräte|fr:Appareil|fr:Appareils|es:Dispositivo|es:Dispositivos|it:Dispositivo|it:Dispositivi|pt:Dispositivo|pt:Dispositivos|nl:Apparaat|nl:Apparaten"),
    "appearances": Column("search_appearance", Kind.TEXT, "Search Appearance|de:Darstellung in der Suche|fr:Apparence dans les résultats de recherche|es:Apariencia en el buscador|es:Aspecto en la búsqueda|it:Aspetto nella ricerca|pt:Aspeto da pesquisa|pt:Aparência na pesquisa|nl:Zoekopmaak|nl:Weergave in zoekresultaten"),
}  # fmt: skip
_NEEDS = (("clicks",), ("impressions",))
BY = {
    name: Layout(
        f"search-console-{name}", "search_console", "slices", (column, *_METRICS),
        needs=tuple((column.name, *need) for need in _NEEDS), hints=(name, "search console", "search_console"),
    )
    for name, column in _SLICES.items()
}  # fmt: skip
DAYS = Layout(
    "search-console-days", "search_console", "days", (Column("day", Kind.DAY), *_METRICS),
    needs=(("day", "clicks", "ctr"), ("day", "clicks", "position"), ("day", "clicks", "impressions"), ("day", "impressions", "position")),
    hints=("dates", "chart", "diagramm", "graphique", "grafico", "search console", "search_console"),
)  # fmt: skip
_RANK = (DAYS.name, *(BY[name].name for name in ("devices", "countries", "pages", "queries", "appearances")))


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """All tables as readings; the totals of the most complete one."""
    ranked = sorted(sheets, key=lambda found: _RANK.index(found.layout.name))
    known = [found for found in ranked if found.layout is DAYS]
    # The range of the other tables ends with the last day, when the file has days.
    last = max((value for sheet in known for line in sheet.lines if (value := line.values.get("day"))), default=None)
    from datetime import date

    on = last if isinstance(last, date) else None
    parts = [days(sheet, context) if sheet.layout is DAYS else slices(sheet, context, on=on) for sheet in ranked]
    made = together(parts)
    totals = dict(parts[0].totals)
    layout = ranked[0].layout.name if len(sheets) == 1 else "search-console"
    return together([made], layout=layout, totals=totals)


TABLES = Tables((*BY.values(), DAYS), decode)
