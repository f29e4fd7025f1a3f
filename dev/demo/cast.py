"""Who plays in the demo: companies, users and customers, as plain data.

Every name is made up and every address ends in the reserved domain
``.example``, so that no mail can ever reach a real person.
"""

from dataclasses import dataclass

COLLECTOR = "o2c_base.group_collector"
CREDIT_MANAGER = "o2c_base.group_credit_manager"
AUDITOR = "o2c_base.group_auditor"
SELLER = "sales_team.group_sale_salesman"


@dataclass(frozen=True)
class User:
    """Somebody who logs in; the password is the login."""

    login: str
    name: str
    role: str  # the group's XML id
    does: str
    company: str = "main"


USERS = (
    User("collector", "Clara Berger", COLLECTOR, "chases the customers of Nordlicht"),
    User("jonas", "Jonas Brandt", COLLECTOR, "shares them; on holiday, Clara acts"),
    User("dana", "Dana Moore", COLLECTOR, "chases the American customers", "us"),
    User("credit", "Konrad Weiss", CREDIT_MANAGER, "decides on limits and holds"),
    User("sales", "Sven Albers", SELLER, "sells; sees which of his orders wait"),
    User("auditor", "Aylin Demir", AUDITOR, "reads everything, changes nothing"),
)


@dataclass(frozen=True)
class Customer:
    """A customer and his habits."""

    key: str
    name: str
    character: str  # a key of history.CHARACTERS
    country: str
    city: str
    email: str = ""
    phone: str = ""
    lang: str = "en_US"
    terms: str = "30"  # a key of companies.TERMS
    company: str = "main"
    currency: str = "EUR"
    per_month: float = 1.0
    amount: tuple = (900, 4200)
    group: str = ""  # the key of the parent company
    payables: tuple = ()  # (name, e-mail) of his accounts-payable contact
    note: str = ""


# The leading parts: each shows something that a collector meets every week.
LEADS = (
    Customer(
        "alpen",
        "Alpen Haustechnik AG",
        "punctual",
        "CH",
        "Chur",
        "kreditoren@alpen-haustechnik.example",
        "+41 81 555 01 10",
        "de_DE",
        per_month=2,
        note="Pays a day or two before the due date.",
    ),
    Customer(
        "baltic",
        "Baltic Marine Service OÜ",
        "punctual",
        "EE",
        "Tallinn",
        "accounts@balticmarine.example",
        "+372 555 0120",
        amount=(2500, 9800),
        note="Pays on the due date, in one sum per month.",
    ),
    Customer(
        "cervenka",
        "Červenka Strojírny s.r.o.",
        "slow",
        "CZ",
        "Brno",
        "fakturace@cervenka.example",
        "+420 555 013 013",
        per_month=2,
        note="Always three to five weeks late, and always pays in full.",
    ),
    Customer(
        "dubois",
        "Dubois Robinetterie SARL",
        "slow",
        "FR",
        "Lyon",
        "compta@dubois-robinetterie.example",
        "+33 4 55 50 14 14",
        amount=(4000, 14000),
        note="Slow but sure.",
    ),
    Customer(
        "eder",
        "Eder & Gruber OG",
        "disputer",
        "AT",
        "Linz",
        "buchhaltung@eder-gruber.example",
        "+43 732 555 015",
        "de_DE",
        per_month=1.5,
        note="Pays punctually what he agrees with, and not a cent of the rest.",
    ),
    Customer(
        "fenwick",
        "Fenwick Process Ltd",
        "promiser",
        "GB",
        "Leeds",
        "ap@fenwick-process.example",
        "+44 113 555 0161",
        per_month=1.5,
        amount=(2200, 7900),
        note="'The cheque is in the post.' Half of it comes, two months late.",
    ),
    Customer(
        "gerlach",
        "Gerlach Metallbau GmbH",
        "bankrupt",
        "DE",
        "Chemnitz",
        "info@gerlach-metallbau.example",
        "+49 371 555 0171",
        "de_DE",
        amount=(3000, 12000),
        note="Stopped paying five months ago; nobody picks up the phone.",
    ),
    Customer(
        "hansa",
        "Hansa Chemie Gruppe AG",
        "ordinary",
        "DE",
        "Hamburg",
        "zentrale@hansa-chemie.example",
        "+49 40 555 0180",
        "de_DE",
        per_month=0.5,
        payables=("Kreditorenbuchhaltung", "kreditoren@hansa-chemie.example"),
        note="Head office; the plants below buy on their own account.",
    ),
    Customer(
        "hansa_stade",
        "Hansa Chemie Werk Stade GmbH",
        "slow",
        "DE",
        "Stade",
        "werk.stade@hansa-chemie.example",
        "+49 4141 555 018",
        "de_DE",
        per_month=1.5,
        amount=(5000, 21000),
        group="hansa",
        payables=("Petra Lohse", "petra.lohse@hansa-chemie.example"),
    ),
    Customer(
        "hansa_brake",
        "Hansa Chemie Werk Brake GmbH",
        "ordinary",
        "DE",
        "Brake",
        "werk.brake@hansa-chemie.example",
        "+49 4401 555 018",
        "de_DE",
        amount=(2000, 9000),
        group="hansa",
        payables=("Jan Harms", "jan.harms@hansa-chemie.example"),
    ),
    Customer(
        "iberia",
        "Iberia Bombas SL",
        "instalments",
        "ES",
        "Zaragoza",
        "pagos@iberia-bombas.example",
        "+34 976 555 019",
        terms="thirds",
        per_month=0.5,
        amount=(9000, 27000),
        note="Pays in three instalments; the last one tends to be forgotten.",
    ),
    Customer(
        "jansen",
        "Jansen Waterwerken BV",
        "forgetful",
        "NL",
        "Zwolle",
        "crediteuren@jansen-water.example; info@jansen-water.example",
        "+31 38 555 0191",
        note="Two addresses in one field.",
    ),
    Customer(
        "kovac",
        "Kovač Instalacije d.o.o.",
        "forgetful",
        "HR",
        "Rijeka",
        "",
        "+385 51 555 020",
        note="No e-mail address: somebody has to call.",
    ),
    Customer(
        "lindqvist",
        "Lindqvist Industri AB",
        "forgetful",
        "SE",
        "Västerås",
        "faktura(at)lindqvist.example",
        "+46 21 555 0211",
        note="An address that no mail server accepts.",
    ),
    Customer(
        "meridian",
        "Meridian Tools Inc.",
        "slow",
        "US",
        "Houston",
        "payables@meridiantools.example",
        "+1 713 555 0122",
        currency="USD",
        amount=(3000, 15000),
        note="Buys in US dollars from Germany, and from the American company too.",
    ),
    Customer(
        "meridian_us",
        "Meridian Tools Inc.",
        "slow",
        "US",
        "Houston",
        company="us",
        currency="USD",
        per_month=0.5,
    ),
    Customer(
        "norden",
        "Norden Fjernvarme A/S",
        "unmatched",
        "DK",
        "Aalborg",
        "bogholderi@norden-fjernvarme.example",
        "+45 55 50 23 23",
        amount=(1500, 6000),
        note="Paid without saying what for: the money waits to be matched.",
    ),
    Customer(
        "ostsee",
        "Ostsee Klimatechnik GmbH",
        "credited",
        "DE",
        "Rostock",
        "rechnung@ostsee-klima.example",
        "+49 381 555 024",
        "de_DE",
        note="Has an open credit note that covers what is overdue.",
    ),
    Customer(
        "polder",
        "Polder Techniek VOF",
        "penny",
        "NL",
        "Lelystad",
        "administratie@polder-techniek.example",
        "+31 320 555 025",
        amount=(200, 900),
        note="Forgot the cents; not worth a letter.",
    ),
    Customer(
        "wien",
        "Wiener Wassertechnik KG",
        "ordinary",
        "AT",
        "Wien",
        "office@wiener-wassertechnik.example",
        "+43 1 555 0260",
        "de_DE",
        company="branch",
        per_month=1.5,
        note="Served by the branch in Vienna.",
    ),
    Customer(
        "donau",
        "Donau Anlagenbau GmbH",
        "forgetful",
        "AT",
        "Krems",
        "finanz@donau-anlagenbau.example",
        "+43 2732 555 027",
        "de_DE",
        company="branch",
    ),
    Customer(
        "orion",
        "Orion Filtration LLC",
        "slow",
        "US",
        "Cleveland",
        "ap@orionfiltration.example",
        "+1 216 555 0128",
        company="us",
        currency="USD",
        amount=(2000, 8000),
    ),
    Customer(
        "pacific",
        "Pacific Rim Pumps Corp.",
        "promiser",
        "US",
        "Portland",
        "accounts@pacificrim-pumps.example",
        "+1 503 555 0129",
        company="us",
        currency="USD",
    ),
    Customer(
        "quarry",
        "Quarry Lake Utilities",
        "punctual",
        "US",
        "Madison",
        "finance@quarrylake.example",
        "+1 608 555 0130",
        company="us",
        currency="USD",
    ),
)

# The chorus: ordinary customers, some of whom forget an invoice now and then.
CHORUS = tuple(
    Customer(
        key,
        name,
        "ordinary",
        country,
        city,
        f"accounts@{key}.example",
        phone,
        "de_DE" if country == "DE" else "en_US",
        per_month=0.7,
    )
    for key, name, country, city, phone in (
        ("rhein-sanitaer", "Rhein Sanitär GmbH", "DE", "Neuss", "+49 2131 555 031"),
        ("sorensen", "Sørensen Maskin ApS", "DK", "Vejle", "+45 55 50 32 32"),
        ("toscana-acque", "Toscana Acque S.p.A.", "IT", "Pisa", "+39 050 555 033"),
        ("ulmer-bau", "Ulmer Bau KG", "DE", "Ulm", "+49 731 555 0340"),
        ("vltava", "Vltava Energo a.s.", "CZ", "Praha", "+420 555 035 035"),
        ("weser-werft", "Weser Werft GmbH", "DE", "Elsfleth", "+49 4404 555 036"),
        ("xanthos", "Xanthos Hydraulics Ltd", "CY", "Larnaca", "+357 24 555037"),
        ("zwolse", "Zwolse Zuivel BV", "NL", "Zwolle", "+31 38 555 0380"),
    )
)

CUSTOMERS = LEADS + CHORUS

# Keys that are the same customer as another key, seen by another company.
SAME_AS = {"meridian_us": "meridian"}
