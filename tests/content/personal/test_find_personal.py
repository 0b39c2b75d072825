from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.content.personal import PersonalKind, find_personal
from aisecops.core.taxonomy import Confidence
from tests.bounded import bounded

from .people import AT, CARDS, EMAILS, IBANS, IDS, NAMES, PHONES


def found(text, at_least=Confidence.MEDIUM):
    return [(datum.kind, text[datum.start : datum.end]) for datum in find_personal(text) if datum.confidence.at_least(at_least)]


@pytest.mark.parametrize("scheme", IDS)
def test_an_identity_number_is_found_with_its_label_and_its_scheme(scheme):
    number, label = IDS[scheme]
    text = f"The {label} {number} was read." if label else f"It was {number} then."
    schemes = [(datum.scheme, text[datum.start : datum.end]) for datum in find_personal(text) if datum.confidence.at_least(Confidence.MEDIUM)]
    assert schemes == [(scheme, number)]


@pytest.mark.parametrize("scheme", sorted(set(IDS) - {"US SSN"}))
def test_a_wrong_check_digit_is_no_identity_number(scheme):
    number, label = IDS[scheme]
    index = max(i for i, character in enumerate(number[:-1]) if character.isdecimal())
    wrong = number[:index] + str((int(number[index]) + 1) % 10) + number[index + 1 :]
    text = f"The {label} {wrong} was read."
    assert scheme not in [datum.scheme for datum in find_personal(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (f"write to {EMAILS[0]} today", PersonalKind.EMAIL, EMAILS[0]),
        (f"mailto:{EMAILS[1]}?subject=x", PersonalKind.EMAIL, EMAILS[1]),
        (f"<{EMAILS[2]}>", PersonalKind.EMAIL, EMAILS[2]),
        *((f"reach me: {phone}.", PersonalKind.PHONE, phone) for phone in PHONES),
        ("Call (415) 73" + "2-8841 now", PersonalKind.PHONE, "(415) 73" + "2-8841"),
        ("phone 030 / 4839" + "2017", PersonalKind.PHONE, "030 / 4839" + "2017"),
        *((f"paid by card {card} yesterday", PersonalKind.PAYMENT_CARD, card) for card in CARDS),
        *((f"to {iban}, please", PersonalKind.BANK_ACCOUNT, iban) for iban in IBANS),
        ("Date of birth: 11 February 1984", PersonalKind.BIRTH_DATE, "11 February 1984"),
        ("'dob': '1984-02-11'", PersonalKind.BIRTH_DATE, "1984-02-11"),
        (f"Patient name: {NAMES[0]}", PersonalKind.PERSON_NAME, NAMES[0]),
        (f"readmission of patient {NAMES[0]} is likely", PersonalKind.PERSON_NAME, NAMES[0]),
        ("MRN: 00451299", PersonalKind.MEDICAL_RECORD, "00451299"),
        ("passport no. C01X0006H", PersonalKind.PASSPORT, "C01X0006H"),
        ("lives at 4711 Old Mill Road, Salem, OR 97301", PersonalKind.POSTAL_ADDRESS, "4711 Old Mill Road"),
        ("Anschrift: Lindenstra\u00dfe 12b, 10969 Berlin", PersonalKind.POSTAL_ADDRESS, "Lindenstra\u00dfe 12b"),
    ],
)  # fmt: skip
def test_personal_data_is_found_where_it_stands(text, kind, value):
    assert found(text) == [(kind, value)]


def test_the_machine_readable_zone_of_a_passport_has_to_check():
    zone = "P<UTOERIKSSON<<ANNA<MARIA" + "<" * 19 + "\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
    assert [datum.scheme for datum in find_personal(zone)] == ["MRZ"]
    assert find_personal(zone.replace("7408122", "7408123")) == []


HONEST = {
    "reserved domains": f"a.b{AT}example.com c{AT}mail.example.org d{AT}test.com e{AT}yourcompany.com",
    "roles": f"support{AT}acme-data.io noreply{AT}github.com info{AT}sap.de user{AT}gmail.com git{AT}github.com:org/repo.git",
    "urls with credentials": f"https://maria:secret{AT}db.company.io/x",
    "decorators and files": f"{AT}app.route icon{AT}2x.png pkg{AT}1.2.3",
    "fiction": "555-0134 (212) 555-0199 +1 202 555 0143 +44 7700 900123",
    "versions": "numpy==1.26.4 10.0.19045.2364 torch 2.1.0+cu121 3.11.7",
    "times": "2024-01-02 10:20:30.123456 1700000000 1700000000123 2024-01-02T10:20:30+00:00",
    "hashes": "9f86d081884c7d659a2feaa0c55ad015 0123456789012345 550e8400-e29b-41d4-a716-446655440000",
    "floats": "0.4204661099069580 12345.678901234 1e-10 3.141592653589793 -122.4194",
    "tensors": "[64, 3, 224, 224] 1,234,567,890 12 345 678 torch.Size([128, 1024])",
    "numbers without a label": "65982 457749799 69020730205 8624120957 925621385260",
    "metrics": "1875/1875 [====] - 5s 2ms/step - loss: 0.2987 - accuracy: 0.9132",
    "pandas footers": "Name: Total Price, dtype: float64\nName: Mean Age, Length: 891, dtype: int64",
    "places in code": "name = 'Random Forest'; filename=Data Frame; name: str",
    "titles": "Customer Lifetime Value, Patient Data Analysis, customer Churn, employee ID",
    "John Doe": "Patient name: John Doe, customer name: Max Mustermann",
    "private networks": "192.168.0.1 10.0.0.1 127.0.0.1 172.20.1.1 1.2.3.4",
}  # fmt: skip


@pytest.mark.parametrize("case", HONEST)
def test_honest_text_has_no_personal_data(case):
    assert found(HONEST[case]) == []


def test_published_samples_are_of_low_confidence():
    for sample in ("4242 4242 4242 4242", "4111111111111111", "DE89370400440532013000", "SSN 078-05-1120", "SSN 123-45-6789"):
        assert {datum.confidence for datum in find_personal(f"card {sample}")} <= {Confidence.LOW}


def test_who_signs_work_is_of_low_confidence():
    assert {datum.confidence for datum in find_personal(f"Author: {NAMES[0]} <{EMAILS[0]}>\n# Copyright 2020 {EMAILS[1]}")} == {Confidence.LOW}


@given(st.text(st.sampled_from("0123456789 -./()+@abcAZ.:\n'=") | st.characters(codec=None), max_size=120))
def test_any_text_is_read_and_data_stand_apart(text):
    end = 0
    for datum in find_personal(text):
        assert end <= datum.start < datum.end <= len(text)
        end = datum.end


@pytest.mark.parametrize(
    "unit",
    [
        "@",
        "a@",
        "a.",
        "1",
        "1 ",
        "1-",
        "+1",
        "(",
        "A1",
        "AA11",
        "name: A",
        "name: Aa ",
        "Aa ",
        "1 rue a ",
        "dob ",
        "P<",
        "1.1.",
        "a1:",
        "phone:",
        "Via A ",
    ],
)
def test_time_is_linear(unit):
    with bounded():
        find_personal(unit * (200_000 // len(unit)))
