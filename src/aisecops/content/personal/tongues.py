"""What columns of persons are called in the languages of Europe and Asia, and what stands before a number or a day in their sentences.

Words are written as people write them and compared without case and accents. Those of scripts that put no spaces between words count anywhere in a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aisecops.content.personal.context import folded
from aisecops.content.personal.kinds import PersonalKind

_COLUMNS: dict[PersonalKind, str] = {
    PersonalKind.PERSON_NAME: """
        nome e cognome|nominativo|nom complet|nom et prénom|nom de famille|nombre y apellidos|nombre completo|titular de la cuenta
        |titular de la tarjeta|nombre del titular|vollständiger name|vor und nachname|familienname|ansprechpartner|kontaktperson|contactpersoon
        |voor en achternaam|volledige naam|för och efternamn|fullständigt namn|for og etternavn|fulde navn|fullt navn|koko nimi|imię i nazwisko
        |imiona|jméno a příjmení|příjmení|křestní jméno|meno a priezvisko|priezvisko|ime i prezime|ime in priimek|prezime|priimek|teljes név
        |vezetéknév|keresztnév|családnév|nume și prenume|nume de familie|prenume|eesnimi|perekonnanimi|vārds|uzvārds|vardas|pavardė|ad soyad
        |adı soyadı|soyad|soyadı|soyisim|mbiemri|nama lengkap|họ tên|họ và tên|фио|ф и о|фамилия|имя и фамилия|имя отчество|отчество|прізвище|піб
        |по батькові|презиме|име и фамилия|ονοματεπώνυμο|επώνυμο|氏名|姓名|お名前|担当者名|성명|성함|고객명|이름|नाम|पूरा नाम|ชื่อ นามสกุล
        |ชื่อ-นามสกุล|שם מלא|שם משפחה|الاسم الكامل|الاسم|اسم العميل|نام و نام خانوادگی|客户姓名|联系人
        |rufname|zuname|geburtsname|nom d usage|nom de naissance|nom naissance|nom usage|nazwisko rodowe|familiya|imya|otchestvo|fio|prizvyshche
        |eponymo|onomateponymo|shimei|myouji|xingming|adsoyad|ho ten|nama lengkap|nama depan|nama belakang|voornamen|etunimet|förnamn|tilltalsnamn
        |fornavn|efternavn|etternavn|mellemnavn|pierwsze imię|drugie imię|apellido paterno|apellido materno|ape pat|ape mat|ap paterno|ap materno
        """,
    PersonalKind.PHONE: """
        téléphone|portable|cellulare|recapito|telefoonnummer|mobiel|puhelinnumero|mobil|mobilnummer|telefonszám|mobilszám|telefón|telefonní číslo
        |numer telefonu|komórka|número de contacto|tfno|teléfono|telefon numarası|cep telefonu|nomor telepon|no hp|số điện thoại|điện thoại|телефон
        |номер телефона|мобильный|телефонен номер|τηλέφωνο|κινητό|電話番号|電話|携帯|手机号|手机|电话|联系电话|電話號碼|전화번호|전화|휴대폰|연락처
        |denwa|denwa bangou|denwa bango|keitai|keitai bangou|tlf|tlfn|tlfno|telf|telp|telpon|sdt|puh|matkapuh|matkapuhelin|gsmnummer|nr kom|shouji|dianhua|jeonhwa|hatif
        |calling number|called number|calling party|called party|a party|b party
        |फोन|मोबाइल|โทรศัพท์|เบอร์โทร|טלפון|נייד|الهاتف|رقم الهاتف|الجوال|تلفن|شماره تلفن
        """,
    PersonalKind.EMAIL: """
        электронная почта|почта|メールアドレス|电子邮件|邮箱|이메일|sähköposti|e posta|eposta|электронна пошта|ηλεκτρονικό ταχυδρομείο
        |البريد الإلكتروني|อีเมล|דוא ל|ईमेल
        """,
    PersonalKind.BIRTH_DATE: """
        geburtstag|geburtsdatum|geb|geb dat|nacimiento|f nacimiento|naissance|né le|née le|nascita|nascimento|geboren|geb datum|födelsedag|född|født
        |fødselsdato|syntymäaika|syntymäpäivä|data urodzenia|urodzony|datum narození|narozen|dátum narodenia|datum rođenja|datum rojstva
        |születési dátum|születési idő|született|data nașterii|sünniaeg|sünnikuupäev|dzimšanas datums|gimimo data|doğum tarihi|doğum günü
        |tanggal lahir|tgl lahir|ngày sinh|дата рождения|д р|день рождения|дата народження|дата на раждане|датум рођења|ημερομηνία γέννησης|生年月日
        |誕生日|出生日期|生日|출생일|생년월일|생일|जन्म तिथि|जन्मतिथि|วันเกิด|תאריך לידה|تاريخ الميلاد|تاریخ تولد
        """,
    PersonalKind.POSTAL_ADDRESS: """
        wohnort|straße|hausanschrift|lieferadresse|rechnungsadresse|rue|voie|domicile|calle|morada|logradouro|via|rua|residenza|straat|woonadres|adres
        |adresgegevens|gatuadress|bostadsadress|gateadresse|bopæl|osoite|katuosoite|lähiosoite|ulica|adres zamieszkania|ulice|bydliště|bydlisko
        |lakcím|utca|strada|domiciliu|aadress|adrese|adresas|ikamet|ev adresi|alamat|địa chỉ|адрес|адреса|место жительства|διεύθυνση|οδός
        |hausnr|str hnr|str nr|strasse hausnummer|huisnr|huisnummer|straatnaam|vejnavn|gatunamn|gade|vej|ul|ulica nr|ulice cp|jusho|pata|dir postal|dir residencia
        |dir domicilio|dizhi|juso|dia chi|unwan|logr|adres prozh|adres prozhivaniya
        |住所|地址|住址|주소|पता|ที่อยู่|כתובת|آدرس|نشانی
        """,
    PersonalKind.NATIONAL_ID: """
        身份证|身份证号|マイナンバー|주민등록번호|personalausweisnummer|carta d identità|documento de identidad|asmens kodas|רשימת ת ז|תעודת זהות
        |الرقم القومي|رقم الهوية|کد ملی|sv nummer|sv nr|sozialvers nr|versichertennummer|versicherten nr|vers nr|kvnr|rod cislo|rodné číslo|cédula|dui|curp|shenfenzheng
        """,
    PersonalKind.PASSPORT: "паспорт|护照|パスポート|여권|paszport|pasaport|διαβατήριο|útlevél|cestovní pas",
}
_PERHAPS_NAMES = "naam|namn|navn|nimi|jméno|meno|ime|név|nume|vārds|isim|adı|ad|nama|tên|имя|имена|име|ім'я|όνομα|名前|שם|ชื่อ"
"""Names of persons, and of anything else."""
_NAME_WORDS = f"{_PERHAPS_NAMES}|name|names|nom|noms|nombre|nombres|nome|nomes|nomi|namen|imię|imiona|shimei|namae|xingming|ireum|onoma|imya|ism|naav"
_WHO = """
    adjuster|agent|applicant|approver|assignee|attendee|attorney|beneficiary|borrower|brother|buyer|caller|candidate|cardholder|caregiver|cashier|child|claimant|clerk
    |client|clinician|coach|companion|consignee|contact|counselor|customer|daughter|deceased|defendant|dentist|dependent|doctor|donor|driver|employee|enumerator|father
    |guarantor|guardian|guest|heir|holder|husband|informant|inmate|instructor|insured|interviewer|judge|kin|landlord|lawyer|lodger|manager|member|midwife|mother|nominee
    |nurse|officer|owner|parent|participant|passenger|patient|payee|person|pharmacist|physician|plaintiff|player|policyholder|prescriber|professor|prospect|pupil
    |purchaser|recipient|referee|relative|requester|requestor|resident|respondent|seller|sender|sibling|signatory|sister|son|spouse|staff|student|subscriber|supervisor
    |surgeon|suspect|teacher|tenant|therapist|trainer|traveler|traveller|tutor|user|victim|visitor|volunteer|voter|wife|witness|worker
    |kunde|kundin|kunden|mitarbeiter|mitarbeiterin|patientin|versicherter|versicherte|versicherungsnehmer|mieter|vermieter|eigentümer|inhaber|kontoinhaber|halter|fahrer
    |bewerber|bewerberin|schüler|schülerin|lehrer|vater|mutter|ehemann|ehefrau|ehegatte|kind|hausarzt|arzt|ärztin|behandler|betreuer|ansprechpartner|empfänger
    |absender|besteller|käufer|verkäufer|sachbearbeiter|vorgesetzter|zeuge|erbe|teilnehmer|teilnehmerin|mitglied|gast|bearbeiter
    |patiente|employé|employée|salarié|salariée|élève|étudiant|étudiante|assuré|assurée|bénéficiaire|titulaire|locataire|propriétaire|conducteur|médecin|docteur|infirmier
    |père|mère|conjoint|conjointe|époux|épouse|enfant|tuteur|responsable|destinataire|expéditeur|acheteur|vendeur|témoin|adhérent|abonné|abonnée|usager|candidat
    |gérant|formateur|professeur|enseignant|interlocuteur
    |cliente|paciente|empleado|empleada|trabajador|alumno|alumna|estudiante|asegurado|titular|beneficiario|propietario|conductor|chofer|médico|padre|madre|hijo|hija
    |cónyuge|esposo|esposa|apoderado|contacto|destinatario|remitente|comprador|vendedor|testigo|socio|socia|usuario|usuaria|afiliado|candidato|docente|profesor
    |maestro|huésped|inquilino|arrendatario|acudiente|encargado
    |funcionário|funcionária|colaborador|aluno|aluna|estudante|segurado|beneficiário|proprietário|motorista|condutor|médica|pai|mãe|filho|filha|cônjuge|responsável
    |contato|destinatário|remetente|testemunha|sócio|usuário|utente|utilizador|hóspede
    |paziente|dipendente|alunno|studente|assicurato|titolare|intestatario|proprietario|conducente|autista|dottore|figlio|figlia|coniuge|moglie|marito|tutore|contatto
    |mittente|acquirente|venditore|testimone|ospite|referente
    |klant|patiënt|medewerker|werknemer|leerling|verzekerde|houder|begunstigde|eigenaar|bestuurder|arts|huisarts|vader|moeder|echtgenoot|voogd|ouder|contactpersoon
    |ontvanger|afzender|koper|verkoper|getuige|gebruiker|sollicitant|leraar|huurder|behandelaar|deelnemer
    |klient|klienta|pacjent|pacjenta|pracownik|pracownika|uczeń|ucznia|ubezpieczony|właściciel|kierowca|lekarz|lekarza|ojciec|ojca|matka|matki|dziecko|rodzic|opiekun
    |opiekuna|odbiorca|nadawca|kupujący|sprzedawca|świadek|członek|użytkownik|kandydat|nauczyciel|gość|najemca|małżonek
    |müşteri|hasta|çalışan|personel|öğrenci|sigortalı|sahibi|sürücü|doktor|hekim|baba|anne|çocuk|veli|vasi|alıcı|gönderen|satıcı|tanık|üye|kullanıcı|aday|öğretmen
    |misafir|kiracı|yetkili
    |kund|anställd|ansatt|medarbejder|elev|försäkrad|ägare|eier|ejer|förare|läkare|læge|lege|vårdnadshavare|foresatt|kontakt|mottagare|mottaker|modtager|avsändare
    |afsender|köpare|säljare|vitne|medlem|bruker|bruger|användare|sökande|ansøger|lærer|lärare
    |asiakas|asiakkaan|potilas|potilaan|työntekijä|henkilö|opiskelija|oppilas|lääkäri|huoltaja|vastaanottaja|lähettäjä|jäsen|käyttäjä|hakija|opettaja|yhteyshenkilö
    |zákazník|zak|pacient|zaměstnanec|vlastník|řidič|lékař|lékaře|otec|otce|příjemce|odesílatel|člen|uživatel|uchazeč|učitel|nájemce|manžel|manželka
    |ügyfél|vevő|beteg|dolgozó|tanuló|orvos|apja|anyja|gyermek|angajat|medic|copil|pacientul|clientul
    |grahak|pita|mata|pati|patni|rogi|mareez|karmchari|chhatra|abhibhavak|vidyarthi|pelanggan|pasien|karyawan|pegawai|siswa|mahasiswa|murid|guru|dosen|dokter|ayah|ibu
    |anak|suami|istri|wali|penerima|pengirim|pemilik|pengguna|anggota|nasabah|penduduk|patsient|sotrudnik|rabotnik|uchenik|vrach|otets|zakazchik|poluchatel
    |otpravitel|vladelets|voditel|kokyaku|kanja|shain|gakusei|seito|hogosha|tantousha|tantosha
"""
"""What persons are to whoever keeps a table of them."""
_PERHAPS_ADDRESSES = "cím|naslov|العنوان|home|ship to|bill to|deliver to|mail to|shipping|billing"
"""Addresses, and titles of books, ways to send a parcel or whatever else is at home."""
_JOINED: dict[PersonalKind, str] = {
    PersonalKind.PERSON_NAME: r"\b(?:kunden?|klant|patient(?:en)?|mitarbeiter|bewerber|mieter|versicherten|empfanger|absender|medarbejder|ansatt|asiakkaan|potilaan) ?"
    r"(?:des |der )?(?:namen?|naam|namn|navn|nimi)\b|\bname (?:des|der) (?:patient|kund|mitarbeiter|versichert)\w*",
    PersonalKind.PHONE: r"\btele?(?:f|ph)\w+\b(?! (?:modell?|typ\w*|marke|brand|id|plan|tarif\w*|art))|\b(?:handy|mobil|mobiel)(?:nummer|nr|tlf)\b"
    r"|\b(?:talrunis|telemovel|natel|gsm)\b",
    PersonalKind.BIRTH_DATE: r"\b(?:birth|geb(?:urts)?) ?(?:dt|tag|dat)\b|\b(?:dt|data|f|fec|fecha|d) ?(?:de )?(?:nasc?|nac)\b|\bne e le\b",
    PersonalKind.POSTAL_ADDRESS: r"\b(?!(?:web|mail|netz|ip|mac|inter)\w*)\w{3,14}(?:adresse?|anschrift|adres)\b|\bgyvenamoji vieta\b|\bstraa?ts? ?(?:en|und|og)\b",
}
"""Words that German and its kin write together, and stems with their endings."""
CALLS = """
    rückfragen|rueckfragen|erreichen|erreichen sie mich|llamarme|llamarnos|bel mij
    |anruf|anrufen|appeler|appelez moi|ara|arayın|bel me|bellen|bereikbaar|callback|cell|cellulare|celular|chiamami|chiamare|chiami|contactar
    |contacter|contattare|dzwonić|erreichbar|erreichen mich|gsm|handy|helistage|hívj|hívjon|joignable|joindre|kom|kontakt|liga me|ligar|ligue
    |llamar|llame|llámame|llámeme|me ligue|meine nummer|meu número|mi chiami|mi número|mijn nummer|mio numero|mit nummer|mitt nummer|mobiel|mobil
    |moje číslo|mon numéro|mój numer|móvil|nazovite|numaralı|numaram|numarasından|numeroon|numéro est|nå mig|nås på|pokličite|portable
    |proszę dzwonić|puh|puhelinnumeroni|rappelez moi|ring|ring meg|ring mig|ring til|ringa|ruf mich|rufen|rufen sie|rückruf|skambinkite|soita
    |soittaa|sunați|telefon|telefone|telefonisch|telefonnummer|telefono|telefonszám|telefonszámom|telefoon|telefoonnummer|teléfono|terugbellen
    |tfno|tlf|tél|téléphone|volejte|zadzwoń|zavolajte|zavolejte|zvaniet|καλέστε|τηλ|τηλέφωνο|звоните|мой номер|обадете|позвоните|тел|телефон
    |телефона|телефону|телефонуйте|拨打|电话|联系|致电|連絡先|電話|연락처|전화
"""
CARDS = """
    carta|carta di credito|carte|carte bancaire|tarjeta|cartão|cartao|creditcard|kaart|karta|kartę|karty|kort|kreditkort|kortti|luottokortti
    |kartı|kart|kreditkarte|bankkarte|kartica|kartya|kártya|card|карта|карты|карту|κάρτα|カード|카드|信用卡
"""
_BIRTHS = (
    "born|birth|gebor|geburt|geboort|nacid|nacio|nacim|nasci|nasceu|naiss|fodt|fodd|fodsel|fodelse|syntyn|syntyma|urodz|narozen|naroden|rojen|rojst|roden"
    "|szulet|nascut|naster|sundin|sunniaeg|sunnikuup|dzim|gimim|gimes|gimus|dogum|lahir|sinh|родил|рожд|народил|народж|роден|раждан|γενν"
)
"""How words for births begin in a folded text."""
_BIRTHS_BESIDE = "\u751f\u5e74|\u51fa\u751f|\u8a95\u751f|\u1109\u1162\u11bc\u1102\u1167\u11ab|\u110e\u116e\u11af\u1109\u1162\u11bc"
"""Those of scripts without spaces: year of birth and birth in Chinese and Japanese, and (folded) in Korean."""


def _words(listed: str) -> list[str]:
    parts = (re.sub(r"[\W_]+", " ", folded(part)).strip() for part in listed.split("|"))
    return sorted({part for part in parts if part}, key=lambda part: (-len(part), part))


def _undivided(word: str) -> bool:
    """Whether a script puts no spaces between words: ideographs, kana, Hangul (folded: its letters), Thai."""
    return any("\u0e00" <= c <= "\u0e7f" or "\u1100" <= c <= "\u11ff" or "\u2e80" <= c <= "\u9fff" for c in word)


def any_of(listed: str, then: str = "") -> re.Pattern[str]:
    """Return the pattern of any of these words, divided by ``|``, in a folded text, with what must come ``then``."""
    whole, parts = _divided(_words(listed))
    either = [rf"\b(?:{whole})\b"] if whole else []
    return re.compile(f"(?:{'|'.join([*either, *([parts] if parts else [])])}){then}")


def anywhere(listed: str) -> str:
    """Return a pattern of the same for an engine without look-around, which is to say only whether one of them is there."""
    whole, parts = _divided(_words(listed))
    return "|".join(filter(None, (whole and rf"(?:^|\W)(?:{whole})(?:[\W\d]|$)", parts)))


def _divided(words: Iterable[str]) -> tuple[str, str]:
    every = list(words)
    return "|".join(_written(w) for w in every if not _undivided(w)), "|".join(_written(w) for w in every if _undivided(w))


def _written(word: str) -> str:
    """A word in a pattern: ``rappelez-moi`` as ``rappelez moi``."""
    return re.escape(word).replace("\\ ", "[ -]")


COLUMNS: tuple[tuple[PersonalKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(f"{any_of(listed).pattern}|{_JOINED[kind]}" if kind in _JOINED else any_of(listed).pattern))
    for kind, listed in _COLUMNS.items()
)
PERHAPS_ADDRESSES = frozenset(_words(_PERHAPS_ADDRESSES))
PERHAPS_NAMES = frozenset(_words(_PERHAPS_NAMES))
NAME_WORDS = frozenset(_words(_NAME_WORDS))
WHO = frozenset(_words(_WHO))
CALLED = any_of(CALLS, r"\.?[^.\n\d+(]{0,20}\Z")
"""A telephone, or what one does to it, right before its number."""
CALLED_AFTER = re.compile(
    r"(?: ?(?:x|ext\.?) ?[0-9]{1,6})?[ ]?(?:numara|nolu|\u3078\u304a?\u96fb\u8a71|\u306b\u304a?\u96fb\u8a71|(?:\uc73c)?\ub85c \uc804\ud654)"
)
"""The same behind the number, where the verb comes last."""
CARD = any_of(CARDS)
BORN = re.compile(
    rf"(?:\b(?:{_BIRTHS})\w*|\bgeb\b\.?|\b(?:nar|ur|synt|nac)\.|\bd\.?o\.?b\b\.?|\bnat[oa](?: a [^\d,]{{2,20}})?,? il\b|{_BIRTHS_BESIDE})[^.,;\n\d]{{0,25}}\Z"
    r"|(?<![\w.])b\. ?\Z"
)
"""What stands before the day on which somebody was born, in a folded text."""
BORN_IN_FRENCH = re.compile(r"(?i)\bn\u00e9(?:e|\(e\))?(?: [\u00e0a] [^\d,.]{2,20})?,?(?: le)? ?:? ?\Z")
"""With its accent: ``ne`` says no."""
_BORN_AFTER = "geboren|dogumlu|szulet|sundinud|dzim|nascut|\u751f|\u1109\u1162\u11bc|\u110e\u116e\u11af\u1109\u1162\u11bc"
BORN_AFTER = re.compile(f"[ \u306b]?(?:{_BORN_AFTER})")
"""The same behind the day."""
BORN_ANYWHERE = rf"(?:^|\W)(?:{_BIRTHS}|geb|(?:nar|ur|synt|nac|b)\.|d\.?o\.?b|nat[oa]\W|ne(?:e|\(e\))?(?:\W|$))|{_BIRTHS_BESIDE}|{_BORN_AFTER}"
"""What must be somewhere in a folded text for one of them to be there, for an engine without look-around."""
