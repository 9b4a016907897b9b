"""Salesforce: reports of leads, contacts and campaign members, and of opportunities, as CSV, .xlsx or the HTML ``.xls``.

Ids have 15 or 18 characters. Below the rows stand a line of sums and a notice (“Confidential Information - Do Not
Distribute”); neither is a row. A report may write amounts with their currency; sums of several currencies are not made.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pipelines.cells import day_of, fold
from pipelines.contacts import row, tally
from pipelines.layouts import (
    Column,
    Context,
    Decoded,
    Kind,
    Layout,
    Sheet,
    Tables,
    made,
    metrics,
    number,
    sums,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signalbook.records import Number, Record

_PEOPLE = (
    Column("id", Kind.ID, "Lead ID|Contact ID|Lead/Contact ID|Campaign Member ID|Member ID|Person ID|Record ID (18)|de:Lead-ID|de:Kontakt-ID|de:Kampagnenmitglieds-ID|fr:ID de piste|fr:ID de la piste|fr:ID du contact|fr:ID Piste|es:Id. de candidato|es:Id. de prospecto|es:Id. del contacto|es:ID de candidato|it:ID lead|it:ID referente|pt:ID do lead|pt:ID do contato|nl:Lead-ID|nl:Contactpersoon-ID|nl:Contact-ID"),
    Column("first_name", Kind.TEXT, "First Name|de:Vorname|fr:Prénom|es:Nombre|es:Nombre de pila|it:Nome|pt:Nome|pt:Primeiro nome|nl:Voornaam"),
    Column("last_name", Kind.TEXT, "Last Name|de:Nachname|fr:Nom|fr:Nom de famille|es:Apellidos|es:Apellido|it:Cognome|pt:Sobrenome|nl:Achternaam"),
    Column("name", Kind.TEXT, "Name|Full Name|Lead Name|Contact Name"),
    Column("salutation", Kind.TEXT, "Salutation|de:Anrede|fr:Civilité|es:Tratamiento|it:Titolo|pt:Tratamento|nl:Aanhef"),
    Column("title", Kind.TEXT, "Title|de:Titel|de:Position|fr:Titre|es:Cargo|it:Qualifica|pt:Cargo|nl:Functie"),
    Column("company", Kind.TEXT, "Company / Account|Company|Account Name|Company/Account|de:Firma|de:Firma / Account|de:Accountname|fr:Société|fr:Société / Compte|fr:Nom du compte|es:Compañía|es:Compañía / Cuenta|es:Empresa|es:Nombre de la cuenta|it:Società|it:Nome account|pt:Empresa|pt:Empresa / Conta|pt:Nome da conta|nl:Bedrijf|nl:Bedrijf / Account|nl:Accountnaam"),
    Column("email", Kind.TEXT, "Email|E-mail|Email Address|de:E-Mail|fr:Adresse e-mail|fr:E-mail|es:Correo electrónico|es:Email|it:E-mail|it:Email|pt:E-mail|pt:Email|nl:E-mail"),
    Column("phone", Kind.TEXT, "Phone|Business Phone|de:Telefon|fr:Téléphone|es:Teléfono|it:Telefono|pt:Telefone|nl:Telefoon"),
    Column("mobile", Kind.TEXT, "Mobile|Mobile Phone|de:Mobil|de:Mobiltelefon|fr:Mobile|es:Móvil|it:Cellulare|pt:Celular|nl:Mobiel"),
    Column("stage", Kind.TEXT, "Lead Status|Member Status|Status|de:Lead-Status|de:Leadstatus|de:Mitgliedsstatus|de:Status|fr:Statut de la piste|fr:Statut|fr:Statut du membre|es:Estado del candidato|es:Estado de candidato|es:Estado del prospecto|es:Estado|it:Stato lead|it:Stato|pt:Status do lead|pt:Status|nl:Leadstatus|nl:Status"),
    Column("origin", Kind.TEXT, "Lead Source|Source|de:Lead-Quelle|de:Leadquelle|fr:Origine de la piste|fr:Source de la piste|es:Origen del candidato|es:Origen del prospecto|es:Fuente del candidato|it:Fonte lead|it:Origine lead|it:Fonte del lead|pt:Origem do lead|pt:Fonte do lead|nl:Leadbron|nl:Bron van lead"),
    Column("created", Kind.PUBLISHED, "Create Date|Created Date|Date Created|de:Erstellungsdatum|de:Erstelldatum|de:Erstellt am|fr:Date de création|es:Fecha de creación|it:Data creazione|it:Data di creazione|pt:Data de criação|pt:Data da criação|nl:Aanmaakdatum|nl:Datum gemaakt|nl:Gemaakt op"),
    Column("converted", Kind.TEXT, "Converted|Is Converted|de:Konvertiert|de:Umgewandelt|fr:Convertie|fr:Converti|es:Convertido|it:Convertito|pt:Convertido|nl:Geconverteerd"),
    Column("converted_on", Kind.TEXT, "Converted Date|de:Konvertierungsdatum|de:Umwandlungsdatum|fr:Date de conversion|es:Fecha de conversión|it:Data conversione|pt:Data de conversão|nl:Conversiedatum"),
    Column("owner", Kind.TEXT, "Lead Owner|Contact Owner|Owner|de:Lead-Inhaber|de:Leadinhaber|de:Kontaktinhaber|fr:Propriétaire de la piste|es:Propietario del candidato|es:Propietario del prospecto|it:Titolare lead|pt:Proprietário do lead|nl:Leadeigenaar|nl:Eigenaar van lead"),
    Column("campaign", Kind.TEXT, "Campaign Name|de:Kampagnenname|fr:Nom de la campagne|es:Nombre de la campaña|it:Nome campagna|pt:Nome da campanha|nl:Campagnenaam"),
    Column("campaign_id", Kind.TEXT, "Campaign ID|de:Kampagnen-ID"),
    Column("responded", Kind.TEXT, "Responded|Has Responded|de:Reagiert|fr:A répondu|es:Respondió|it:Ha risposto|pt:Respondeu|nl:Gereageerd"),
    Column("rating", Kind.TEXT, "Rating|de:Bewertung|fr:Évaluation|es:Calificación|it:Valutazione|pt:Classificação|nl:Beoordeling"),
    Column("industry", Kind.TEXT, "Industry|de:Branche"), Column("street", Kind.TEXT, "Street|Address|de:Straße"), Column("city", Kind.TEXT, "City|de:Ort|de:Stadt"),
    Column("state", Kind.TEXT, "State/Province|State|de:Bundesland/Kanton"), Column("country", Kind.TEXT, "Country|de:Land"), Column("zip", Kind.TEXT, "Zip/Postal Code|de:Postleitzahl"),
    Column("type", Kind.TEXT, "Member Type|Type"), Column("last_activity", Kind.TEXT, "Last Activity|Last Activity Date"), Column("last_modified", Kind.TEXT, "Last Modified Date|Last Modified"),
    Column("unread", Kind.TEXT, "Unread By Owner|Unread"), Column("opted_out", Kind.TEXT, "Email Opt Out|Do Not Call"),
)  # fmt: skip
LEADS = Layout(
    "salesforce-leads", "salesforce", "people", _PEOPLE,
    needs=(
        ("id", "last_name", "stage"), ("id", "email", "origin"), ("last_name", "email", "origin"), ("last_name", "stage", "origin"), ("id", "stage", "origin"), ("id", "origin", "created"),
        ("last_name", "company", "stage"), ("name", "email", "stage"), ("name", "email", "origin"), ("last_name", "campaign", "stage"), ("id", "last_name", "email"), ("id", "name", "stage"), ("id", "name", "email"),
    ),
    dates_matter=False, hints=("salesforce", "report", "lead"), at_least=3,
)  # fmt: skip
OPPORTUNITIES = Layout(
    "salesforce-opportunities", "salesforce", "deals",
    (
        Column("id", Kind.ID, "Opportunity ID|de:Opportunity-ID|fr:ID d’opportunité|fr:ID de l’opportunité|es:Id. de oportunidad|es:ID de oportunidad|it:ID opportunità|pt:ID da oportunidade|nl:Opportunity-ID|nl:Opportuniteit-ID"),
        Column("title", Kind.TEXT, "Opportunity Name|de:Opportunity-Name|de:Opportunityname|fr:Nom de l’opportunité|es:Nombre de la oportunidad|it:Nome opportunità|pt:Nome da oportunidade|nl:Opportunitynaam|nl:Naam opportunity"),
        Column("amount", Kind.NUMBER, "Amount|Amount (converted)|de:Betrag|de:Betrag (umgerechnet)|fr:Montant|fr:Montant (converti)|es:Importe|es:Importe (convertido)|es:Cantidad|it:Importo|it:Ammontare|pt:Valor|pt:Quantia|nl:Bedrag"),
        Column("expected_revenue", Kind.NUMBER, "Expected Revenue|de:Erwarteter Umsatz|fr:Revenu attendu|es:Ingresos esperados|it:Ricavi previsti|pt:Receita esperada|nl:Verwachte omzet"),
        Column("currency", Kind.TEXT, "Amount Currency|Currency|Opportunity Currency|Amount (converted) Currency|de:Währung|de:Betrag Währung|fr:Devise|fr:Devise du montant|es:Divisa|es:Moneda|it:Valuta|pt:Moeda|nl:Valuta"),
        Column("stage", Kind.TEXT, "Stage|Stage Name|de:Phase|fr:Étape|es:Etapa|it:Fase|pt:Fase|pt:Estágio|nl:Fase"),
        Column("probability", Kind.RATE, "Probability (%)|Probability|de:Wahrscheinlichkeit (%)|fr:Probabilité (%)|es:Probabilidad (%)|it:Probabilità (%)|pt:Probabilidade (%)|nl:Waarschijnlijkheid (%)", unit="percent"),
        Column("closes", Kind.PUBLISHED, "Close Date|de:Schlusstermin|de:Abschlussdatum|fr:Date de clôture|es:Fecha de cierre|it:Data chiusura|it:Data di chiusura|pt:Data de fechamento|nl:Sluitingsdatum|nl:Datum afgesloten"),
        Column("created", Kind.PUBLISHED, _PEOPLE[12].words), Column("age", Kind.RATE, "Age|de:Alter", unit="days"),
        Column("origin", Kind.TEXT, _PEOPLE[11].words), Column("account", Kind.TEXT, _PEOPLE[6].words),
        Column("owner", Kind.TEXT, "Opportunity Owner|Owner|Owner Role|de:Opportunity-Inhaber|fr:Propriétaire de l’opportunité|es:Propietario de oportunidad|it:Titolare opportunità|pt:Proprietário da oportunidade|nl:Eigenaar van opportunity"),
        Column("won", Kind.TEXT, "Won|Is Won|de:Gewonnen"), Column("closed", Kind.TEXT, "Closed|Is Closed|de:Geschlossen"), Column("type", Kind.TEXT, "Type|de:Typ"), Column("next_step", Kind.TEXT, "Next Step|de:Nächster Schritt"),
        Column("fiscal_period", Kind.TEXT, "Fiscal Period|de:Geschäftszeitraum"), Column("campaign", Kind.TEXT, "Primary Campaign Source|de:Primäre Kampagnenquelle"),
    ),
    needs=(("amount", "stage"), ("id", "stage"), ("title", "stage"), ("id", "amount"), ("title", "amount")),
    dates_matter=False, hints=("salesforce", "opportunit"), at_least=3,
)  # fmt: skip
_YES = frozenset(
    {"1", "true", "yes", "ja", "wahr", "oui", "vrai", "si", "verdadero", "vero", "sim", "verdadeiro", "waar", "x"}
)
_CONVERTED = ("converted", "konvertiert", "umgewandelt", "converti", "convertid", "geconverteerd")
_WON = frozenset({"closed won", "geschlossen und gewonnen", "geschlossen gewonnen", "gewonnen", "fermee gagnee", "gagnee", "cerrada ganada", "ganada", "chiusa vinta", "chiuso vinto", "vinta", "fechado e ganho", "fechada ganha", "ganha", "gesloten gewonnen", "gewonnen gesloten"})  # fmt: skip


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """People to the private store; opportunities as readings of their amount, under their id and nothing personal."""
    return together([_leads(sheet, context) if sheet.layout is LEADS else _deals(sheet, context) for sheet in sheets])


def _leads(sheet: Sheet, context: Context) -> Decoded:
    rows = []
    for line in sheet.lines:
        said = fold(str(line.values.get("converted", "")))
        status = fold(str(line.values.get("stage", "")))
        converted = (
            said in _YES
            if said
            else any(word in status for word in _CONVERTED) and not status.startswith(("not ", "un"))
        )
        if not said and "converted_on" in line.values:
            converted = True
        rows.append(row(sheet, context, line, network="salesforce", stage="stage", converted=converted))
    totals: dict[str, Number] = dict(
        tally(
            rows,
            reachable=False,
            origin=sheet.has("origin"),
            converted=any(sheet.has(name) for name in ("converted", "converted_on", "stage")),
        )
    )
    if sheet.has("responded"):
        totals["responded"] = sum(1 for line in sheet.lines if fold(str(line.values.get("responded", ""))) in _YES)
    return Decoded(
        LEADS.name, "salesforce", tuple(found.contact for found in rows), rows=len(sheet.lines), totals=totals,
        unknown=sheet.unknown, warnings=sheet.warnings,
    )  # fmt: skip


def _deals(sheet: Sheet, context: Context) -> Decoded:
    records: list[Record] = []
    warnings = list(sheet.warnings)
    won = 0
    money: set[str] = set()
    for line in sheet.lines:
        subject = str(line.values.get("id", "")) or f"line {line.line}"
        at = line.values.get("closes")
        won += _is_won(str(line.values.get("stage", "")), str(line.values.get("won", "")))
        for item in metrics(sheet):
            if item.name not in line.values:
                continue
            unit = line.units.get(item.name, "count")
            if item.name in {"amount", "expected_revenue"}:
                unit = str(line.values.get("currency", "")) or (unit if unit != "count" else "currency")
                money.add(unit)
            records.append(
                made(
                    context, "salesforce", item.name, number(line.values[item.name]), subject=subject, grain="total",
                    on=day_of(at) if isinstance(at, date) else None, unit=unit,
                    dims=tuple(f"{name}={line.values[name]}" for name in ("stage", "origin") if name in line.values),
                )
            )  # fmt: skip
    totals: dict[str, Number] = {}
    if len(money) <= 1:
        totals |= sums(sheet)
    else:
        warnings.append(f"Amounts are in {', '.join(sorted(money))}, so they were not added up.")
    if sheet.has("stage") or sheet.has("won"):
        totals["won"] = won
    return Decoded(
        OPPORTUNITIES.name, "salesforce", tuple(records), rows=len(sheet.lines), totals=totals,
        unknown=sheet.unknown, warnings=tuple(warnings),
    )  # fmt: skip


def _is_won(stage: str, said: str) -> bool:
    return fold(said) in _YES if said else fold(stage) in _WON


TABLES = Tables((LEADS, OPPORTUNITIES), decode)
