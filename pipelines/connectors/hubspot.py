"""HubSpot: the export of contacts, in any language of its interface.

A row without an e-mail or a phone is kept and is no lead; two rows with one e-mail are one person. A customer counts as
converted. Contacts go to the private store only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.cells import fold
from pipelines.contacts import row, tally
from pipelines.layouts import Column, Context, Decoded, Kind, Layout, Sheet, Tables, together

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTACTS = Layout(
    "hubspot-contacts", "hubspot", "people",
    (
        Column("id", Kind.ID, "Record ID|Record ID - Contact|Contact ID|de:Datensatz-ID|de:Kontakt-ID|fr:ID de la fiche d’informations|fr:ID de fiche d’informations|fr:ID de l’enregistrement|fr:ID d’enregistrement|fr:ID du contact|fr:Identifiant d’enregistrement|es:ID de registro|es:ID del registro|es:ID de contacto|it:ID record|it:ID del record|it:ID contatto|pt:ID do registro|pt:ID de registro|pt:ID do registo|pt:ID do contato|nl:Record-ID|nl:Record ID|nl:Contact-ID"),
        Column("first_name", Kind.TEXT, "First Name|de:Vorname|fr:Prénom|es:Nombre|it:Nome|pt:Nome|pt:Primeiro nome|nl:Voornaam"),
        Column("last_name", Kind.TEXT, "Last Name|de:Nachname|fr:Nom|fr:Nom de famille|es:Apellido|es:Apellidos|it:Cognome|pt:Sobrenome|pt:Apelido|nl:Achternaam"),
        Column("email", Kind.TEXT, "Email|Email Address|E-mail|de:E-Mail|de:E-Mail-Adresse|fr:E-mail|fr:Adresse e-mail|fr:Adresse email|es:Correo|es:Correo electrónico|es:Dirección de correo electrónico|it:E-mail|it:Indirizzo e-mail|it:Email|pt:E-mail|pt:Endereço de e-mail|nl:E-mail|nl:E-mailadres"),
        Column("phone", Kind.TEXT, "Phone Number|Phone|de:Telefonnummer|de:Telefon|fr:Numéro de téléphone|fr:Téléphone|es:Número de teléfono|es:Teléfono|it:Numero di telefono|it:Telefono|pt:Número de telefone|pt:Telefone|nl:Telefoonnummer|nl:Telefoon"),
        Column("mobile", Kind.TEXT, "Mobile Phone Number|Mobile phone|de:Mobiltelefonnummer|de:Handynummer|fr:Numéro de téléphone mobile|fr:Téléphone mobile|es:Número de teléfono móvil|it:Numero di cellulare|pt:Número de celular|nl:Mobiel telefoonnummer"),
        Column("stage", Kind.TEXT, "Lifecycle Stage|de:Lifecycle-Phase|de:Lebenszyklusphase|de:Lifecycle Phase|fr:Phase du cycle de vie|fr:Étape du cycle de vie|es:Etapa del ciclo de vida|it:Fase del ciclo di vita|it:Fase ciclo di vita|pt:Fase do ciclo de vida|pt:Etapa do ciclo de vida|nl:Levenscyclusfase|nl:Lifecycle-fase|nl:Lifecycle stage"),
        Column("status", Kind.TEXT, "Lead Status|de:Lead-Status|de:Leadstatus|fr:Statut du lead|fr:Statut de lead|es:Estado del lead|es:Estado de lead|it:Stato del lead|it:Stato lead|pt:Status do lead|pt:Estado do lead|nl:Leadstatus|nl:Lead-status"),
        Column("created", Kind.PUBLISHED, "Create Date|Created|de:Erstellungsdatum|de:Erstellt am|de:Erstelldatum|fr:Date de création|es:Fecha de creación|it:Data di creazione|it:Data creazione|pt:Data de criação|nl:Aanmaakdatum|nl:Creatiedatum|nl:Datum aangemaakt"),
        Column("origin", Kind.TEXT, "Original Source|Original Traffic Source|Original Source Type|de:Ursprüngliche Quelle|de:Originalquelle|de:Ursprüngliche Traffic-Quelle|de:Ursprüngliche Zugriffsquelle|fr:Source d’origine|fr:Source originale|fr:Source de trafic d’origine|es:Fuente original|es:Fuente de tráfico original|it:Fonte originale|it:Sorgente originale|it:Fonte di traffico originale|pt:Fonte original|pt:Origem original|pt:Fonte de tráfego original|nl:Oorspronkelijke bron|nl:Originele bron|nl:Oorspronkelijke verkeersbron"),
        Column("origin_detail", Kind.TEXT, "Original Source Drill-Down 1|Original Traffic Source Drill-Down 1"),
        Column("origin_detail_2", Kind.TEXT, "Original Source Drill-Down 2|Original Traffic Source Drill-Down 2"),
        Column("owner", Kind.TEXT, "Contact owner|HubSpot Owner|de:Zuständiger Mitarbeiter|de:Kontakt-Eigentümer|de:Kontaktinhaber|de:Für den Kontakt zuständiger Mitarbeiter|de:Für Kontakt zuständiger Mitarbeiter|fr:Propriétaire du contact|es:Propietario del contacto|it:Proprietario del contatto|it:Proprietario contatto|pt:Proprietário do contato|pt:Proprietário do contacto|nl:Contacteigenaar|nl:Eigenaar van contact|nl:Eigenaar contactpersoon"),
        Column("company", Kind.TEXT, "Company Name|Associated Company|Primary Company|Company|de:Unternehmensname|de:Zugeordnetes Unternehmen|de:Primär zugeordnetes Unternehmen|fr:Nom de l’entreprise|fr:Entreprise associée|es:Nombre de la empresa|es:Empresa asociada|it:Nome dell’azienda|it:Azienda associata|pt:Nome da empresa|pt:Empresa associada|nl:Bedrijfsnaam|nl:Gekoppeld bedrijf"),
        Column("associated_company_ids", Kind.TEXT, "Associated Company IDs|Primary Associated Company ID|Associated Company ID"),
        Column("job_title", Kind.TEXT, "Job Title|de:Berufsbezeichnung|de:Position|fr:Intitulé du poste|es:Cargo|it:Qualifica|pt:Cargo|nl:Functietitel"),
        Column("last_activity", Kind.TEXT, "Last Activity Date|de:Datum der letzten Aktivität|fr:Date de la dernière activité|es:Fecha de la última actividad|it:Data ultima attività|pt:Data da última atividade|nl:Datum laatste activiteit"),
        Column("marketing_status", Kind.TEXT, "Marketing contact status|de:Marketingkontakt-Status"),
        Column("city", Kind.TEXT, "City|de:Stadt|fr:Ville|es:Ciudad|it:Città|pt:Cidade|nl:Plaats"),
        Column("country", Kind.TEXT, "Country/Region|Country|de:Land/Region|de:Land|fr:Pays/région|es:País/región|it:Paese/area geografica|pt:País/Região|nl:Land/regio"),
        Column("became_customer", Kind.TEXT, "Became a Customer Date|Became a customer date"),
        Column("last_modified", Kind.TEXT, "Last Modified Date|de:Datum der letzten Änderung"),
    ),
    needs=(("id", "email", "stage"), ("id", "email", "origin"), ("id", "email", "first_name"), ("email", "stage", "origin"), ("email", "first_name", "stage"), ("id", "stage"), ("email", "stage", "created"), ("id", "origin")),
    dates_matter=False, hints=("hubspot",), at_least=3,
)  # fmt: skip
_CUSTOMERS = frozenset(
    {
        "customer",
        "evangelist",
        "kunde",
        "kundin",
        "client",
        "cliente",
        "klant",
        "klient",
        "顧客",
        "fursprecher",
        "ambassadeur",
    }
)


def decode(sheets: Sequence[Sheet], context: Context) -> Decoded:
    """Contacts, and how many of them are leads."""
    parts = []
    for sheet in sheets:
        rows = [
            row(
                sheet,
                context,
                line,
                network="hubspot",
                stage="stage",
                converted=fold(str(line.values.get("stage", ""))) in _CUSTOMERS,
            )
            for line in sheet.lines
        ]
        parts.append(
            Decoded(
                CONTACTS.name, "hubspot", tuple(found.contact for found in rows), rows=len(sheet.lines),
                totals=tally(
                    rows, reachable=any(sheet.has(name) for name in ("email", "phone", "mobile")),
                    origin=sheet.has("origin"), converted=sheet.has("stage"),
                ),
                unknown=sheet.unknown, warnings=sheet.warnings,
            )
        )  # fmt: skip
    return together(parts)


TABLES = Tables((CONTACTS,), decode)
