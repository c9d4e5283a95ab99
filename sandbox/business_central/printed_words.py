"""The words of printed documents in the languages that a report comes in."""

from __future__ import annotations

from collections.abc import Callable

Words = Callable[[str], str]

_GERMAN = {
    "Invoice": "Rechnung",
    "Credit memo": "Gutschrift",
    "Order confirmation": "Auftragsbestätigung",
    "Shipment": "Lieferschein",
    "Statement": "Kontoauszug",
    "Date": "Datum",
    "Due date": "Fällig am",
    "Your order": "Ihre Bestellung",
    "Our order": "Unser Auftrag",
    "For invoice": "Zu Rechnung",
    "Customer no.": "Kundennr.",
    "Item": "Artikel",
    "Description": "Beschreibung",
    "Quantity": "Menge",
    "Price": "Preis",
    "Amount": "Betrag",
    "Total excluding tax": "Summe ohne Steuer",
    "Tax": "Steuer",
    "Total": "Summe",
    "draft": "Entwurf",
    "Page": "Seite",
    "of": "von",
}
_FRENCH = {
    "Invoice": "Facture",
    "Credit memo": "Avoir",
    "Order confirmation": "Confirmation de commande",
    "Shipment": "Bon de livraison",
    "Statement": "Relevé",
    "Date": "Date",
    "Due date": "Échéance",
    "Your order": "Votre commande",
    "Our order": "Notre commande",
    "For invoice": "Pour la facture",
    "Customer no.": "N° client",
    "Item": "Article",
    "Description": "Désignation",
    "Quantity": "Quantité",
    "Price": "Prix",
    "Amount": "Montant",
    "Total excluding tax": "Total hors taxe",
    "Tax": "Taxe",
    "Total": "Total",
    "draft": "brouillon",
    "Page": "Page",
    "of": "sur",
}
_LANGUAGES = {"de": _GERMAN, "fr": _FRENCH}


def words(accept_language: str) -> Words:
    """The words of the first language of ``Accept-Language`` that there is; else English."""
    for part in accept_language.split(","):
        found = _LANGUAGES.get(part.strip().partition(";")[0].partition("-")[0].lower())
        if part.strip().lower().startswith("en"):
            break
        if found is not None:
            return lambda word: found.get(word, word)
    return lambda word: word
