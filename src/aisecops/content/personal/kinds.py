"""What personal data is found in text, by kind."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from aisecops.core.taxonomy import Confidence


class PersonalKind(StrEnum):
    """A kind of data about a person; the values are names for the record."""

    EMAIL = "email"
    PHONE = "phone"
    PAYMENT_CARD = "payment-card"
    BANK_ACCOUNT = "bank-account"
    NATIONAL_ID = "national-id"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving-licence"
    VEHICLE = "vehicle-registration"
    MEDICAL_RECORD = "medical-record"
    BIRTH_DATE = "birth-date"
    POSTAL_ADDRESS = "postal-address"
    PERSON_NAME = "person-name"
    IP_ADDRESS = "ip-address"
    MAC_ADDRESS = "mac-address"
    COORDINATES = "coordinates"


class PersonalDatum(msgspec.Struct, frozen=True, order=True):
    """Personal data in ``text[start:end]``.

    ``scheme`` names the issuer's scheme where there is one ("US SSN", "IBAN DE"). ``confidence``: high where the value's own check digits and its context agree,
    medium where one of them speaks for it, low where it could well be something else or a placeholder.
    """

    start: int
    end: int
    kind: PersonalKind
    confidence: Confidence
    scheme: str = ""


class PersonalColumn(msgspec.Struct, frozen=True):
    """A column of a table that holds personal data: its place (from 0), its header, how many of its ``rows`` non-empty cells do, and how surely."""

    column: int
    header: str
    kind: PersonalKind
    count: int
    rows: int
    confidence: Confidence
    scheme: str = ""
