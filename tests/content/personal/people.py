"""Persons that do not exist, with numbers whose check digits hold; put together here, so that no scanner trips over the repository."""

from __future__ import annotations

AT = "@"
NAMES = ("Maria Schmidt", "Pavel Novak", "Aisha Khan", "Tomas Berg")
EMAILS = tuple(
    f"{local}{AT}{domain}"
    for local, domain in (("maria.schmidt", "gmx.de"), ("pnovak", "seznam.cz"), ("aisha.khan", "yahoo.co.uk"), ("t.berg", "gmail.com"))
)
PLACEHOLDERS = tuple(f"{local}{AT}example.{end}" for local, end in (("a.b", "com"), ("c", "org"), ("d.e", "net"), ("f", "com")))
PHONES = ("+49 171 39" + "20456", "+420 603 48" + "2117", "+44 7911 48" + "2913", "+47 412 93" + "857")
SSNS = tuple("-".join(parts) for parts in (("521", "44", "9382"), ("238", "71", "0456"), ("601", "32", "8874"), ("412", "55", "8834")))
BIRTHS = ("1984-02-11", "1990-12-01", "1971-07-23", "2001-03-03")
CARDS = ("4204 6610" + " 9906 9580", "2258304" + "011980365", "3794 2055" + "52 66785", "65981984" + "63464849")
IBANS = ("DE26 4833 78" + "87 6232 8601 29", "FR330404796" + "6697251027346468", "GB38MSLR" + "96935049258991", "NL95WUGU" + "9441177151")
IDS = {
    "UK NHS": ("609 139" + " 0996", "NHS number"),
    "DE Steuer-ID": ("862412" + "09577", "Steuer-ID"),
    "FR NIR": ("16205498" + "2295230", "NIR"),
    "ES DNI": ("710653" + "39P", "DNI"),
    "IT codice fiscale": ("VRCCCL47" + "R16G698J", ""),
    "NL BSN": ("45774" + "9799", "BSN"),
    "PL PESEL": ("690207" + "30205", "PESEL"),
    "BR CPF": ("378.233" + ".226-17", ""),
    "IN Aadhaar": ("4707 7580" + " 7284", "Aadhaar"),
    "CA SIN": ("365 629" + " 799", "social insurance number"),
    "AU TFN": ("460 971" + " 116", "tax file number"),
    "BE national number": ("54.05.14-" + "400.58", ""),
    "CH AHV": ("756.1189" + ".1858.32", ""),
    "CN resident id": ("140411195" + "610209077", ""),
    "KR RRN": ("510205-" + "1660160", ""),
    "ZA identity number": ("761228" + "7632173", "South African ID number"),
    "TR kimlik": ("777703" + "06748", "TC kimlik no"),
    "NO fodselsnummer": ("170528" + "18257", "f\u00f8dselsnummer"),
    "FI HETU": ("100939-" + "099Y", ""),
    "SE personnummer": ("631026-" + "4079", ""),
    "JP my number": ("925621" + "385260", "My Number"),
    "US SSN": (SSNS[0], "SSN"),
    "CZ/SK rodne cislo": ("855708/" + "4888", ""),
    "GR AMKA": ("300367" + "91702", "\u0391\u039c\u039a\u0391"),
    "RO CNP": ("217081505" + "3771", "CNP"),
    "BG EGN": ("042707" + "7826", "\u0415\u0413\u041d"),
    "HR OIB": ("903758" + "00398", "OIB"),
    "IE PPS": ("29919" + "82R", "PPS"),
    "Baltic personal code": ("399021" + "31278", "isikukood"),
    "TH identity number": ("5-5993-49324" + "-78-1", ""),
    "RU INN": ("870265" + "829505", "\u0418\u041d\u041d"),
    "UA RNOKPP": ("016592" + "8578", "RNOKPP"),
    "AR CUIL": ("20-82970" + "305-0", ""),
    "CL RUT": ("60.936." + "304-5", ""),
    "EC cedula": ("023702" + "5440", "c\u00e9dula"),
    "PT NIF": ("11635" + "7797", "contribuinte"),
    "AT Sozialversicherungsnummer": ("3969 03" + "1090", "SVNR"),
}
"""By scheme: a valid number (by python-stdnum), and a label, empty where it is recognised by itself."""
