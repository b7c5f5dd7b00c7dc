"""Invents the demo shop's customers from a seeded random source."""

import random
import unicodedata
from datetime import date
from typing import Any

Doc = dict[str, Any]

# Customer ids look like the vendor's: 13 digits. Numbers 1 to 4 are the demo customers.
CUSTOMER_BASE = 7_100_000_000_000
DEMO = (
    (
        "Ana",
        "García",
        "es",
        "ES",
        "Calle de la Brújula 14, 3º B",
        "Madrid",
        "MD",
        "Madrid",
        "28012",
    ),
    ("Marc", "Dubois", "fr", "FR", "27 rue des Goélands", "Lyon", "", "", "69002"),
    ("Emma", "Johnson", "en", "US", "418 Alder Creek Road", "Portland", "OR", "Oregon", "97205"),
    ("James", "Wilson", "en", "GB", "9 Lantern Quay", "Bristol", "ENG", "England", "BS1 4QT"),
)
_FIRST = {
    "en": (
        "Oliver Amelia Noah Grace Liam Chloe Ethan Ruby Lucas Hannah Mason Alice Logan Zoe Henry Nora "
        "Samuel Claire Isaac Molly Caleb Tessa Owen Bridget Priya Kenji Amara Dmitri"
    ),
    "fr": (
        "Camille Hugo Léa Louis Manon Jules Inès Théo Chloé Gabriel Élodie Antoine Margaux Baptiste "
        "Noémie Rémi Aurélie Thibault Océane Maxence"
    ),
    "es": (
        "Lucía Hugo Martina Mateo Sofía Diego Valeria Álvaro Carmen Javier Paula Íñigo Elena Raúl "
        "Noelia Andrés Rocío Sergio Marisol Tomás"
    ),
}
_LAST = {
    "en": (
        "Abbott Barlow Carver Dalton Easton Fletcher Granger Hollis Ingram Jarvis Keller Lambert Mercer "
        "Norwood Osborne Prescott Quincy Radley Sutton Thorne Underhill Vance Whitaker Yates Okafor "
        "Lindqvist Tanaka Mehta"
    ),
    "fr": (
        "Aubert Besson Charpentier Delorme Escoffier Fontaine Girard Hébert Jacquet Lacroix Marchand "
        "Noël Perrin Renaud Sauvage Tessier Vasseur Guérin Pelletier Roussel"
    ),
    "es": (
        "Alonso Benítez Castaño Domínguez Escudero Figueroa Gallego Herrero Iglesias Jurado Lozano "
        "Montero Núñez Ortega Peña Quintana Rivas Salgado Toledo Vidal"
    ),
}
_STREETS = {
    "US": "Alder Street,Harbor Avenue,Birch Lane,Quarry Road,Summit Drive,Juniper Court",
    "CA": "Maple Ridge Road,Lakeshore Drive,Cedar Street,Portage Avenue,Tamarack Way",
    "GB": "Mill Lane,Church Street,Station Road,Castle Terrace,Orchard Close",
    "FR": "rue des Lilas,avenue du Phare,rue de la Fontaine,chemin des Vignes,place du Marché",
    "ES": "Calle Mayor,Avenida del Puerto,Calle de los Olivos,Paseo de la Ribera,Calle Nueva",
}
_CITIES = {
    "US": "Portland,ME,Maine,04101;Boise,ID,Idaho,83702;Asheville,NC,North Carolina,28801;"
    "Duluth,MN,Minnesota,55802;Santa Fe,NM,New Mexico,87501;Miami,FL,Florida,33130",
    "CA": "Halifax,NS,Nova Scotia,B3J 1S9;Québec,QC,Quebec,G1R 4P5;Calgary,AB,Alberta,T2P 1J9;"
    "Montréal,QC,Quebec,H2Y 1C6",
    "GB": "Leeds,ENG,England,LS1 4DY;Cardiff,WLS,Wales,CF10 1EP;Inverness,SCT,Scotland,IV1 1HF",
    "FR": "Nantes,,,44000;Annecy,,,74000;Lille,,,59000;Toulouse,,,31000;Paris,,,75011",
    "ES": "Valencia,V,Valencia,46002;Bilbao,BI,Vizcaya,48005;Sevilla,SE,Sevilla,41004;"
    "Granada,GR,Granada,18009",
}
_COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "GB": "United Kingdom",
    "FR": "France",
    "ES": "Spain",
}
_LIVES_IN = {"en": ["US", "US", "US", "GB", "CA"], "fr": ["FR", "FR", "FR", "CA"], "es": ["ES", "ES", "US"]}


def customers(rng: random.Random, count: int, today: date) -> list[Doc]:
    """`count` customers as the vendor writes them; the first four are always the same people."""
    people = [_demo(n) for n in range(1, len(DEMO) + 1)]
    people += [_invented(rng, n) for n in range(len(DEMO) + 1, count + 1)]
    for person in people:
        person["createdAt"] = person["updatedAt"] = f"{today.year - 1}-03-02T09:00:00Z"
    return people


def _demo(n: int) -> Doc:
    first, last, locale, country, street, city, code, province, postcode = DEMO[n - 1]
    phone = {2: "+33639980142", 3: "+15035550142", 4: "+447700900142"}.get(n)
    email = f"{_plain(first)}.{_plain(last)}@example.com"
    place = (street, city, code, province, postcode)
    return _customer(n, (first, last), locale, email, phone, country, place)


def _invented(rng: random.Random, n: int) -> Doc:
    locale = rng.choices(("en", "fr", "es"), (55, 23, 22))[0]
    first = rng.choice(_FIRST[locale].split())
    last = rng.choice(_LAST[locale].split())
    country = rng.choice(_LIVES_IN[locale])
    house = rng.randint(1, 240)
    street = rng.choice(_STREETS[country].split(","))
    line = f"{street} {house}" if country == "ES" else f"{house} {street}"
    city, code, province, postcode = rng.choice(_CITIES[country].split(";")).split(",")
    email = f"{_plain(first)}.{_plain(last)}{n}@example.{rng.choice(('com', 'org', 'net'))}"
    place = (line, city, code, province, postcode)
    return _customer(n, (first, last), locale, email, _phone(rng, country), country, place)


def _customer(
    n: int,
    name: tuple[str, str],
    locale: str,
    email: str,
    phone: str | None,
    country: str,
    place: tuple[str, str, str, str, str],
) -> Doc:
    first, last = name
    street, city, code, province, postcode = place
    number = CUSTOMER_BASE + n
    return {
        "id": f"gid://shopify/Customer/{number}",
        "legacyResourceId": str(number),
        "firstName": first,
        "lastName": last,
        "displayName": f"{first} {last}",
        "email": email,
        "phone": phone,
        "locale": locale,
        "tags": ["demo"] if n <= len(DEMO) else [],
        "note": None,
        "metafields": {"loyalty.points": {"value": str(n * 137 % 1200), "type": "number_integer"}},
        "defaultAddress": {
            "name": f"{first} {last}",
            "firstName": first,
            "lastName": last,
            "address1": street,
            "address2": None,
            "city": city,
            "province": province or None,
            "provinceCode": code or None,
            "zip": postcode,
            "country": _COUNTRIES[country],
            "countryCodeV2": country,
            "phone": phone,
        },
    }


def _phone(rng: random.Random, country: str) -> str | None:
    """A number nobody has: ranges kept for fiction by NANPA, Ofcom and Arcep; Spain keeps none."""
    tail = rng.randint(0, 99)
    if country in {"US", "CA"}:
        area = rng.choice(("207", "208", "305")) if country == "US" else rng.choice(("514", "902"))
        return f"+1{area}55501{tail:02d}"
    if country == "GB":
        return f"+4477009{rng.randint(0, 999):05d}"
    if country == "FR":
        return f"+3363998{rng.randint(0, 9999):04d}"
    return None


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded.lower() if letter.isalnum())
