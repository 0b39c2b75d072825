from __future__ import annotations

import string
from itertools import cycle

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisecops.content.personal import PersonalKind, exposure, find_in_column, find_in_table
from aisecops.content.personal.checksums import luhn
from aisecops.content.personal.columns import PLACEHOLDER
from aisecops.content.personal.exposure import exposure_in_source
from aisecops.content.personal.national_ids import SCHEMES, holds
from aisecops.content.personal.printed import tables_in
from aisecops.core.taxonomy import Confidence
from tests.bounded import bounded

from .people import BIRTHS, CARDS, EMAILS, IDS, NAMES, PHONES, PLACEHOLDERS, SSNS

CUSTOMERS = pd.DataFrame({"name": NAMES, "email": EMAILS, "phone": PHONES, "balance": [1.5, 20.25, 3.0, 4.75]})
PATIENTS = pd.DataFrame({"patient_name": NAMES, "dob": BIRTHS, "diagnosis": ["flu"] * 4, "mrn": ["MRN004512", "MRN004513", "MRN004514", "MRN004515"]})


def kinds(text):
    result = exposure(text)
    return {kind.value: count for kind, count in result.counts.items()} if result else None


FORMS = {
    "data frame": CUSTOMERS.to_string(),
    "html": CUSTOMERS.to_html(),
    "csv": CUSTOMERS.to_csv(index=False),
    "json": CUSTOMERS.to_json(orient="records"),
    "dictionaries": str(CUSTOMERS.to_dict("records")),
    "markdown": "| name | email | phone |\n|---|---|---|\n"
    + "\n".join(f"| {a} | {b} | {c} |" for a, b, c in zip(NAMES, EMAILS, PHONES, strict=True)),
    "box": "\u2502 name \u2506 email \u2506 phone \u2502\n"
    "\u2502 --- \u2506 --- \u2506 --- \u2502\n\u2502 str \u2506 str \u2506 str \u2502\n\u255e\u2550\u256a\u2550\u2561\n"
    + "\n".join(f"\u2502 {a} \u2506 {b} \u2506 {c} \u2502" for a, b, c in zip(NAMES, EMAILS, PHONES, strict=True)),
    "spark": "+----+-----+-----+\n|name|email|phone|\n+----+-----+-----+\n"
    + "\n".join(f"|{a}|{b}|{c}|" for a, b, c in zip(NAMES, EMAILS, PHONES, strict=True)),
    "named tuples": "\n".join(f"Customer(name={a!r}, email={b!r}, phone={c!r})" for a, b, c in zip(NAMES, EMAILS, PHONES, strict=True)),
}


@pytest.mark.parametrize("form", FORMS)
def test_customers_are_found_in_every_form_that_programs_print(form):
    assert kinds(FORMS[form]) == {"email": 4, "person-name": 4, "phone": 4}
    assert exposure(FORMS[form]).confidence is Confidence.HIGH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PATIENTS.to_string(), {"birth-date": 4, "medical-record": 4, "person-name": 4}),
        (PATIENTS[["patient_name", "dob"]].to_string(), {"birth-date": 4, "person-name": 4}),
        (pd.DataFrame({"id": range(4), "ssn": SSNS}).to_string(), {"national-id": 4}),
        (pd.DataFrame({"id": range(4), "taxpayer": [n.replace("-", "") for n in SSNS], "SSN": SSNS}).to_html(), {"national-id": 4}),
        (pd.DataFrame({"first_name": ["Maria", "Pavel"], "last_name": ["Schmidt", "Novak"], "email": EMAILS[:2]}).to_string(), {"email": 2, "person-name": 4}),
        (str(CUSTOMERS["email"]), {"email": 4}),
        (str(CUSTOMERS.iloc[0]), {"email": 1, "person-name": 1, "phone": 1}),
        (f"Name: {NAMES[0]}\nEmail: {EMAILS[0]}\nPhone: {PHONES[0]}", {"email": 1, "person-name": 1, "phone": 1}),
        (str(CUSTOMERS["email"].head(2)), {"email": 2}),
        (f"risk of patient {NAMES[0]} (date of birth {BIRTHS[0]}): 0.87", {"birth-date": 1, "person-name": 1}),
        (f"charged card {CARDS[0]}", {"payment-card": 1}),
        (f"[{', '.join(map(repr, EMAILS))}]", {"email": 4}),
    ],
)  # fmt: skip
def test_what_outputs_show_is_counted(text, expected):
    assert kinds(text) == expected


TITANIC = """   PassengerId  Survived                                               Name     Sex   Age            Ticket     Fare
0            1         0                            Braund, Mr. Owen Harris    male  22.0         A/5 21171   7.2500
1            2         1  Cumings, Mrs. John Bradley (Florence Briggs Th...  female  38.0          PC 17599  71.2833
2            3         1                             Heikkinen, Miss. Laina  female  26.0  STON/O2. 3101282   7.9250"""
HONEST = {
    "placeholders": CUSTOMERS.assign(email=PLACEHOLDERS).to_string(),
    "masked": CUSTOMERS.assign(name="M*** S***", email="m***@gmx.de", phone="+49 *** **56").to_string(),
    "passengers of 1912": TITANIC,
    "models": pd.DataFrame({"name": ["Random Forest", "Naive Bayes"], "accuracy": [0.9, 0.8]}).to_string(),
    "cities": pd.DataFrame({"city": ["New York", "San Francisco"], "lat": [40.7128, 37.7749], "lon": [-74.006, -122.4194]}).to_html(),
    "films": pd.DataFrame({"title": ["Heat", "Toy Story"], "director_name": ["Michael Mann", "John Lasseter"], "release": ["1995-12-15", "1995-11-22"]}).to_string(),
    "numbers": pd.DataFrame({"id": range(1_000_000_007, 1_000_000_027), "order": range(4_111_111_111_111, 4_111_111_111_131)}).to_string(),
    "names of columns": "Index(['name', 'email', 'phone', 'ssn'], dtype='object')",
    "description": CUSTOMERS.describe().to_string(),
    "one address": f"logged in as {EMAILS[0]}",
    "package": f"Name: requests\nVersion: 2.31.0\nAuthor: {NAMES[0]}\nAuthor-email: {EMAILS[0]}\nLicense: Apache 2.0",
    "commits": "\n".join(f"Author: {name} <{email}>" for name, email in zip(NAMES, EMAILS, strict=True)),
    "hashed": pd.DataFrame({"user_id": ["u_9f86d0", "u_18f23c"], "email_hash": ["9f86d081884c7d65", "a3bf4f1b2b0b822c"]}).to_string(),
    "layers": " Layer (type)    Output Shape   Param #\n dense (Dense)   (None, 128)    100480\n dense_1 (Dense) (None, 10)     1290",
}  # fmt: skip


@pytest.mark.parametrize("case", HONEST)
def test_honest_outputs_expose_nobody(case):
    assert exposure(HONEST[case]) is None


def test_no_value_gets_into_the_headers():
    by_person = pd.DataFrame({EMAILS[0]: ["x"], NAMES[0]: ["y"], "email": EMAILS[:1], "phone": PHONES[:1]}).to_html()
    assert set(exposure(by_person).headers) == {"email", "phone"}


def test_columns_are_judged_by_header_and_values():
    header = ("ID", "customerEmail", "SSN", "Mobile", "PAN card number", "Notes", "product name")
    rows = [
        (str(i), EMAILS[i], SSNS[i], PHONES[i], CARDS[i], f"please call back on {PHONES[i]} or write, thank you very much", "Blue Lamp")
        for i in range(4)
    ]
    found = {column.column: (column.kind, column.count, column.confidence) for column in find_in_table(header, rows)}
    high = Confidence.HIGH
    assert found == {
        1: (PersonalKind.EMAIL, 4, high),
        2: (PersonalKind.NATIONAL_ID, 4, high),
        3: (PersonalKind.PHONE, 4, high),
        4: (PersonalKind.PAYMENT_CARD, 4, high),
        5: (PersonalKind.PHONE, 4, high),
    }


@pytest.mark.parametrize("scheme", IDS)
def test_a_column_of_identity_numbers_is_known_by_its_header(scheme):
    number, label = IDS[scheme]
    (column,) = find_in_column(label or scheme.split(" ", 1)[1], [number, number])
    assert (column.kind, column.scheme) == (PersonalKind.NATIONAL_ID, scheme)


PEOPLE = {
    "first_name": ["Φωτεινή", "श्यामल", "春香", "예준", "Kåre", "O'Brien", "анна"],
    "full name": ["Univ.Prof. Ulla Jäkel B.Eng.", "Ms Linda Murphy", "Иванов Пётр Сергеевич", "van der Berg, Jan", "田中 太郎", "José da Silva"],
    "Patient": [*NAMES, "Ms Linda Murphy"],
    "address": [
        "Boršov 768, 648 33 Bučovice",
        "Glückstadts Allé 69, 4258 Føllenslev",
        "東京都港区芝公園4-2-8",
        "Apt. 905 740 Reyes Gates, Boyerview, VIC, 2619",
    ],
    "phone": ["171935" + "19813", "07-0114-" + "8830", "(0)1632 " + "96.71.44", "+44131 49" + "61" + "237"],
    "national_id": ["ZZ 36 59 75 T", "580730215736", "AB 12 34 56 7", "71-4402/88"],
    "passport_no": ["45 67 211204", "4869 950703", "C01X0006H"],
    "driver_license": ["WDLABC456DG", "F255-9215-0094", "99 999 999"],
    "license_plate": ["AC-KR-6", "NK 92 486", "X08 6LP"],
    "last_login_ip": ["157.152.157.25", "2606:4700:4700::1111", "21.227.107.11"],
    "device_mac": ["1c:c1:65:3a:4d:8f", "38-D6-DD-C7-13-19", "a0ea203790e1"],
    "home_latitude": ["66.77146", "-68.65034"],
    "bank_account": ["GB16OHSX1439971835048", "0648 2291 772"],
}
"""What people of many countries write, mostly as Faker makes it up."""


@pytest.mark.parametrize("header", PEOPLE)
def test_a_header_that_promises_and_values_that_agree_are_enough_in_any_country(header):
    (column,) = find_in_column(header, PEOPLE[header])
    assert column.confidence.at_least(Confidence.MEDIUM)
    assert column.count >= 0.75 * len(PEOPLE[header])


def test_a_column_without_a_header_speaks_by_check_digits_that_few_numbers_pass():
    by_chance = [f"{n % 90 + 10}{n % 12 + 1:02d}{n % 28 + 1:02d}{n * 7919 % 100000:05d}" for n in range(4000)]
    pesel = next(scheme for scheme in SCHEMES if scheme.name == "PL PESEL")
    (column,) = find_in_column("c4", [value for value in by_chance if holds(pesel, value)])
    assert (column.scheme, column.confidence) == ("PL PESEL", Confidence.MEDIUM)
    assert find_in_column("c4", by_chance) == []


def test_cards_of_several_lengths_are_one_column():
    digits = [*CARDS] * 5
    assert [column.kind for column in find_in_column("c1", digits)] == [PersonalKind.PAYMENT_CARD]


@given(
    st.sampled_from([*sorted(PEOPLE), "c1", "name", "card"]),
    st.lists(
        st.one_of(st.text(max_size=40), st.from_regex(r"(?a:[A-Z]{2}[0-9]{2}[A-Z0-9 -]{10,31}|[0-9./() +-]{6,20})", fullmatch=True)), max_size=30
    ),
)
def test_any_column_is_read(header, values):
    for column in find_in_column(header, values):
        assert 0 < column.count <= column.rows <= len(values)


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_any_characters_of_the_shape_of_a_number_are_judged(scheme):
    for shape in scheme.shapes:
        for letters in zip(string.ascii_uppercase, reversed(string.ascii_uppercase), strict=True):
            for digits in ("0123456789", "9182736450"):
                drawn = {"A": cycle(letters), "9": cycle(digits)}
                holds(scheme, "".join(next(drawn[c]) if c in drawn else c for c in shape))


@pytest.mark.parametrize("number", [SSNS[0], "4204 6610" + " 9906 9580"])
def test_a_number_on_a_line_of_a_cell_is_no_value(number):
    assert find_in_column("ref", [f"moved to\n{number}"], sentences=False) == []


def test_what_is_as_long_as_an_account_and_is_none_is_read():
    assert find_in_column("note", ["SC34-5678 12-A/7 9012 3456 7890 1"] * 30) == []


def test_made_up_tables_say_so():
    (column,) = find_in_column("email", PLACEHOLDERS)
    assert (column.scheme, column.confidence) == (PLACEHOLDER, Confidence.LOW)


def _with_luhn(digits: str) -> str:
    return next(digits + last for last in "0123456789" if luhn(digits + last))


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("timestamp", [str(1_700_000_000 + i) for i in range(300)]),
        ("order_number", [str(4_200_000_000_000_000 + i) for i in range(300)]),
        ("user_id", [str(1_000_000_000 + 7 * i) for i in range(300)]),
        ("price", [f"{i / 7:.6f}" for i in range(300)]),
        ("email_count", [str(i) for i in range(300)]),
        ("phone_model", ["Galaxy S9", "iPhone 12", "Pixel 7"]),
        ("sin", ["0.84", "0.90", "0.14"]),
        ("date", ["2024-01-02"] * 5),
        ("ip_address_count", ["1", "2"]),
        ("name", ["setosa", "versicolor"]),
        ("owner", ["First Owner", "Second Owner", "Fourth & Above Owner", "Test Drive Car"]),
        ("member", ["Yes", "No"]),
        ("contact", ["Phone Call", "Email", "In Person"]),
        ("customer", [f"C{i * 7919}" for i in range(300)]),
        ("address", ["U", "R"]),
        ("memory_address", [f"0x7ffe{i:08x}" for i in range(300)]),
        ("contract_address", [f"0x{i * 7919:040x}" for i in range(300)]),
        ("cell", [f"{'ACGT' * 4}-{i}" for i in range(300)]),
        ("cell_id", [str(26_000_000 + i) for i in range(300)]),
        ("src_ip", [f"21.227.{i % 250}.11" for i in range(300)]),
        ("client_ip", [f"10.0.{i % 250}.11" for i in range(300)]),
        ("imei", [_with_luhn(f"3534610{i:07d}") for i in range(300)]),
        ("test_run", [str(100_000_000 + i * 7919) for i in range(300)]),
        ("latitude", [f"{i / 7:.6f}" for i in range(300)]),
        ("account_number", ["401", "402", "500"]),
        ("vehicle_id_number", [str(1_000_000 + i) for i in range(300)]),
        ("plate_number", ["P01", "P02"]),
        ("license", ["MIT", "Apache-2.0"]),
        ("ssn", ["000-00-0000", "123-45-6789"]),
        ("birth_date", ["1970-01-01", "1900-01-01"]),
    ],
)
def test_columns_of_ordinary_numbers_and_words_are_nobody(header, values):
    assert [column for column in find_in_column(header, values) if column.confidence.at_least(Confidence.MEDIUM)] == []


def test_source_exposes_only_numbers_that_check_beside_their_person():
    record = f'{{"name": "{NAMES[0]}", "email": "{EMAILS[0]}", "ssn": "{SSNS[0]}"}}'
    assert exposure_in_source(f"customers = [{record}]").counts[PersonalKind.NATIONAL_ID] == 1
    assert exposure_in_source(f'"ssn": "{SSNS[0]}"') is None
    assert exposure_in_source(f"# a fake customer for the tests\nperson = {record}") is None
    assert exposure_in_source(f"{NAMES[0]} <{EMAILS[0]}> {PHONES[0]}") is None


@given(st.text(st.sampled_from("|,:'\"=<>/trdh\n\t @12aA.-\\") | st.characters(codec=None), max_size=200))
def test_any_text_is_read(text):
    exposure(text)
    for table in tables_in(text):
        find_in_table(table.header, table.rows)


@pytest.mark.parametrize(
    "unit",
    [
        "<tr>",
        "<tr><td>a",
        "<table><tr><th>a</th></tr>",
        "| a | b |\n",
        "a  b\n",
        "a,b\n",
        "'a': 'b', ",
        "k: v\n",
        " a b\n",
        "a=1\n",
        "\n",
        "a|",
        "'a':",
        '"',
    ],
)
def test_time_is_linear(unit):
    with bounded():
        exposure(unit * (200_000 // len(unit)))


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("ФИО", ["Каллистрат Суворов", "Потап Нестеров", "Анна Белова"], "person-name"),
        ("氏名", ["渡辺 康弘", "渚 尾形", "佐藤 陽子"], "person-name"),
        ("Kundenname", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer"], "person-name"),
        ("Né(e) le", ["15.05.1984", "03.11.1990", "27.02.1961"], "birth-date"),
        ("Születési dátum", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("手机号", ["15013552782", "19216248755", "13900831726"], "phone"),
        ("Telefonska številka", ["01 7267 149", "06 1126 067", "02 2213 941"], "phone"),
        ("Osoite", ["Benktanpolku 4, 63869 Lieksa", "Myllymäenkatu 171", "Kaivokatu 8"], "postal-address"),
        ("住所", ["沼津市 82-12-19", "川西市 18-22-71", "津市 3-4"], "postal-address"),
        ("d_o_b", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("bday", ["12-Jan-1988", "01-JUL-1967", "20-Sep-1955"], "birth-date"),
        ("dateOfBirth", ["1988-01-12T00:00:00Z", "1967-07-01T00:00:00.000Z", "1955-09-20T00:00:00Z"], "birth-date"),
        ("dob", ["19880112", "19670701", "19550920"], "birth-date"),
        ("cust_nm", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer"], "person-name"),
        ("empName", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer"], "person-name"),
        ("Kunde", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer", "Ida Lang", "Uwe Roth"], "person-name"),
        ("titular", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer", "Ida Lang", "Uwe Roth"], "person-name"),
        ("mob", ["091 8031 998", "052 892 826", "048 747 156"], "phone"),
        ("dateofbirth", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("nm_full", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer"], "person-name"),
        ("customerfullname", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer"], "person-name"),
        ("IPv4", ["81.2.69.142", "145.40.3.9", "63.12.4.8"], "ip-address"),
        ("BDATE", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("date_birth", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("ADR1", ["Benktanpolku 4, 63869 Lieksa", "Myllymäenkatu 171", "Kaivokatu 8"], "postal-address"),
        ("client_addr", ["81.2.69.142", "145.40.3.9", "63.12.4.8"], "ip-address"),
        ("ph_no", ["091 8031 998", "052 892 826", "048 747 156"], "phone"),
        ("CUST_PH", ["091 8031 998", "052 892 826", "048 747 156"], "phone"),
        ("BRTH_DT", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("data_ur", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("siswa_tanggalLahir", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("fst_nm", ["Olivia", "Brigitte", "Hans"], "person-name"),
        ("surname1", ["Polzer", "Strunz", "Auer"], "person-name"),
        ("pupil_name", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer", "Ida Lang", "Uwe Roth"], "person-name"),
        ("hasta_adi", ["Zeynep Kaya", "Mehmet Demir", "Elif Arslan", "Ayşe Aydın", "Emre Doğan"], "person-name"),
        ("Father's Name", ["Ramesh Sharma", "Sunil Gupta", "Rajesh Verma", "Anil Rao", "Vijay Patil"], "person-name"),
        ("medico_curante", ["Giulia Conti", "Marco Greco", "Luca Ferri", "Anna Serra", "Paolo Leone"], "person-name"),
        ("EMP_NAME_DISPLAY", ["Polzer, Olivia", "Strunz, Brigitte", "Auer, Hans", "Lang, Ida", "Roth, Uwe"], "person-name"),
        ("datenaiss", ["1984-05-15", "1990-11-03", "1961-02-27"], "birth-date"),
        ("nomprenom", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer"], "person-name"),
        ("lastip", ["81.2.69.142", "145.40.3.9", "63.12.4.8"], "ip-address"),
        ("mail_addr1", ["12 Long Lane", "3 Mill Road", "44 Old Street"], "postal-address"),
        ("emp_dri_lice_num", ["AHFN701492P6", "KONK111540P8", "QWRT482200A1"], "driving-licence"),
        ("keitai", ["090-4238-2340", "080-7957-9232", "070-5597-6374"], "phone"),
        ("gatuadress1", ["Industrivägen 695", "Kyrkogatan 42", "Skolgatan 7"], "postal-address"),
        ("nr_konta", ["83 1010 1023 0000 2613 9510 0000", "12 1140 2004 0000 3002 0135 5387", "61 1090 1014 0000 0712 1981 2874"], "bank-account"),
        ("column_4", [f"0{prefix} {number * 7919 % 9_000_000 + 1_000_000}" for number in range(40) for prefix in (151, 171, 176)], "phone"),
        ("column_4", [f"06 {number % 90 + 10} {number * 7 % 90 + 10} {number * 3 % 90 + 10} {number % 70 + 20}" for number in range(60)], "phone"),
        (
            "cpr_nr",
            [f"{day:02}0{day % 9 + 1}{year}-{day * 173 % 9000 + 1000}" for day, year in zip(range(1, 29), range(50, 78), strict=True)],
            "national-id",
        ),
    ],
)
def test_headers_of_many_languages_promise(header, values, kind):
    (column,) = find_in_column(header, values)
    assert column.kind == kind and column.confidence.at_least(Confidence.MEDIUM)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("telefon model", [f"Nokia {number}" for number in range(3310, 3350)]),
        ("Webadresse", [f"https://site.example/{number}" for number in range(30)]),
        ("geboren", [str(number) for number in range(900, 940)]),
        ("商品名", ["青い椅子", "木の机", "白い皿", "鉄の鍋"] * 6),
        ("cím", [f"A vas könyve {number}" for number in range(30)]),
        ("ph", ["7.35", "6.90", "7.12"] * 10),
        ("emp_count", [str(number) for number in range(30)]),
        ("part_no", [f"{number % 500 + 100}-{number % 80 + 11}-{number + 1010}" for number in range(300)]),
        ("nameof", ["Red Chair", "Blue Table", "Green Lamp"] * 9),
        ("addressid", [f"{number + 400} row" for number in range(30)]),
        ("server_addr", ["81.2.69.142", "145.40.3.9", "63.12.4.8"] * 9),
        ("ship_to", [f"Store {number}, aisle 4" for number in range(30)]),
        ("drawing", [f"{number % 500 + 200}-{number % 400 + 301}-{number + 1010}" for number in range(300)]),
        ("nombre_producto", ["Mesa Redonda", "Silla Azul", "Lámpara Verde"] * 9),
        (
            "team_name",
            [f"{city} {team}" for city in ("Boston", "Denver", "Austin", "Dallas", "Paris") for team in ("Tigers", "United", "Bears", "Stars")],
        ),
        (
            "account_name",
            [f"{a}, {b} and {c}" for a in ("Jarvis", "Allen", "Scott") for b in ("Lee", "Brown", "Terry") for c in ("Davis", "Grant", "James")],
        ),
        ("customer_segment", ["New Lead", "Key Account", "Small Business", "Public Sector", "Lost Deal"]),
        (
            "color_name",
            ["Verde Claro", "Azul Marino", "Rosa Viejo", "Violeta Oscuro", "Rojo Vivo", "Gris Perla", "Verde Oscuro", "Azul Cielo", "Blanco Roto"],
        ),
        ("column_5", [f"0{number * 37 % 900 + 100}-{number * 7919 % 900_000 + 100_000}" for number in range(300)]),
        ("Art.-Nr.", [f"0{number % 3 + 171} {number * 7919 % 9_000_000 + 1_000_000}" for number in range(300)]),
        ("drivers_licence_exp_date", [f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}" for number in range(60)]),
        ("idnumber", [f"{number * 7919 % 900_000 + 100_000}" for number in range(60)]),
        ("CaducidadDni", [f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}" for number in range(60)]),
        ("sin", [f"0.{number * 7919 % 900_000 + 100_000}" for number in range(60)]),
    ],
)
def test_headers_that_only_sound_like_it_promise_nothing(header, values):
    assert [column for column in find_in_column(header, values) if column.confidence.at_least(Confidence.MEDIUM)] == []


FAMILIES = [f"{a}{b}" for a in ("Lang", "Berg", "Stein", "Wald", "Feld") for b in ("mann", "er", "ner", "huber", "hofer", "au")]
"""Names of one word of which few lists know any."""


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("column_7", ["Olivia Polzer", "Brigitte Strunz", "Hans Auer", "Ida Lang", "Uwe Roth", "Karin Vogt", "Peter Kern"] * 3, None),
        ("column_7", [f"{given} {family}" for given in ("Olivia", "Hans") for family in FAMILIES], "person-name"),
        ("joined", [f"{1950 + number}-05-{number % 28 + 1:02}" for number in range(50)], None),
        ("column_8", [f"{1950 + number}-05-{number % 28 + 1:02}" for number in range(50)], "birth-date"),
        ("column_8", [f"{2010 + number // 5}-05-{number % 28 + 1:02}" for number in range(60)], None),
        ("built", [f"{1950 + number}-05-{number % 28 + 1:02}" for number in range(50)], None),
        ("straat", [f"{family}laan" for family in FAMILIES], "postal-address"),
        ("line1", [f"{number} {family} Expressway" for number, family in enumerate(FAMILIES, 11)], "postal-address"),
    ],
)
def test_what_only_values_show_is_told_with_little_confidence(header, values, kind):
    found = find_in_column(header, values)
    assert [(column.kind, column.confidence) for column in found] == ([(kind, Confidence.LOW)] if kind else [])
