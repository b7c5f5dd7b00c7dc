"""Names nobody introduces, numbers in words, streets of more countries, and what only looks like them."""

from pathlib import Path

import pytest

import shared.personal_data
from shared.personal_data.view import fold
from shared.personal_data.words import nearly_a_name
from tests.personal_data.test_find import masked, surviving

DATA = Path(shared.personal_data.__file__).parent / "data"

NAMES = [
    ("did henrik oyelowo get his refund", "henrik oyelowo"),
    ("WHY WAS GWENLLIAN RHYS CHARGED TWICE", "GWENLLIAN RHYS"),
    ("Alexadner Novak is on the label", "Alexadner Novak"),
    ("the label says fernanda quispe", "fernanda quispe"),
    ("Zulauf, Henrik", "Zulauf, Henrik"),
    ("henriknovak ordered it", "henriknovak"),
    ("HenrikZulauf ordered it", "HenrikZulauf"),
    ("Henrik van der Zulauf has it", "Henrik van der Zulauf"),
    ("it is H e n r i k, thanks", "H e n r i k"),
    ("Mia says it leaks", "Mia"),
    ("ma voisine Oxana a signé", "Oxana"),
    ("colis pour Zulauf Henrik", "Zulauf Henrik"),
    ("gracias, zulaufo", "zulaufo"),
    ("la mamá de Zulaufo llamó", "Zulaufo"),
    ("je mappelle zulauf", "zulauf"),
    ("did you tell Zulaufo about it", "Zulaufo"),
    ("hi this is quentina marlowsky, where is my parcel", "quentina marlowsky"),
    ("im jorvik halstrade from leeds", "jorvik halstrade"),
    ("good morning it's wendolyn trask here", "wendolyn trask"),
    ("this is rose marlowsky #1001", "rose marlowsky"),
    ("bonjour c'est tiphene kervadec, mon colis est perdu", "tiphene kervadec"),
    ("je suis maewenn le gouriadec et j'attends", "maewenn le gouriadec"),
    ("oui c'est maelenn à l'appareil", "maelenn"),
    ("hola soy nahiara etxebarrizaga", "nahiara etxebarrizaga"),
    ("aquí habla wilfrido tamayona", "wilfrido tamayona"),
]
NUMBERS = [
    (
        "ring five five five, oh one three, double four seven one",
        "five five five, oh one three, double four seven one",
    ),
    (
        "c'est le zéro six vingt et un quarante-trois soixante-cinq douze",
        "zéro six vingt et un quarante-trois soixante-cinq douze",
    ),
    (
        "al seis dos dos treinta y tres cuarenta y cinco diez",
        "seis dos dos treinta y tres cuarenta y cinco diez",
    ),
    ("zip: one oh two three five", "one oh two three five"),
    ("03 1 2 3 4 5 6 7 8", "03 1 2 3 4 5 6 7 8"),
    ("order #W4410982 from the other shop", "#W4410982"),
    ("passport K8812034 for customs", "K8812034"),
    ("national insurance QA 11 22 33 B", "QA 11 22 33 B"),
    ("CURP LOAA900101MDFXXX09", "LOAA900101MDFXXX09"),
    ("sécu 2.91.07.33.063.112", "2.91.07.33.063.112"),
    ("henrik underscore z arrobas ejemplo punto es", "henrik underscore z arrobas ejemplo punto es"),
]  # fmt: skip
STREETS = [
    ("Av. Tamaulipas 1204, Col. Roma Norte, 06700 CDMX", "Av. Tamaulipas 1204, Col. Roma Norte, 06700 CDMX"),
    ("Urb. El Olivar, bloque 3, 29640 Fuengirola", "Urb. El Olivar, bloque 3, 29640 Fuengirola"),
    ("445 Tamarack Drvie is the house", "445 Tamarack Drvie"),
    ("445 tamarack way please", "445 tamarack way"),
    ("77TamarackAvenue", "77TamarackAvenue"),
    ("9rueDesGlycines", "9rueDesGlycines"),
    ("Chemin des Glycines 14, 1009 Pully", "Chemin des Glycines 14, 1009 Pully"),
    ("9 impasse du moulin bleu 31000 toulouse", "9 impasse du moulin bleu 31000 toulouse"),
    ("au 6 place du marché 35000 saint malo svp", "6 place du marché 35000 saint malo"),
    ("18 rue des lilas appt 4 59000 lille", "18 rue des lilas appt 4 59000 lille"),
    ("Calle Mayor 55 3B", "Calle Mayor 55 3B"),
    ("calle mayor 55 2º izq", "calle mayor 55 2º izq"),
    ("c/ goya 14 ático 28001 madrid", "c/ goya 14 ático 28001 madrid"),
    ("12 Tamarack Stret, Barre, VT 05641", "12 Tamarack Stret, Barre, VT 05641"),
]  # fmt: skip
HARMLESS = [
    "this is totaly unaceptable",
    "this is sooooo slooow",
    "i'm lactose intolerant and diabetic",
    "it's kaput, zipper busted",
    "je suis plâtrée jusqu'en mars",
    "je suis kinésithérapeute libéral",
    "c'est pour un cadeau",
    "soy fontanero autónomo",
    "soy cliente habitual y quiero un descuento",
    "aquí llueve muchísimo",
    "does it work with Zulaufo or for Zulaufo?",
    "Is Amber a color? I want rose, not violet",
    "a tent for Iceland, Nepal or the Lake District",
    "do you ship to Guadalajara, San Antonio or Saint-Malo?",
    "Mira, ¿me dan otro? No cierra y la leña se daña",
    "bon ben je marie ma sœur le 20",
    "the Kestrel Duo Stove and the Wren Titanium Mug",
    "Decathlon or Patagonia? Petzl or Quechua?",
    "one or two sizes, three colors, four weeks",
    "deux ou trois jours, sept au plus",
    "camino de 12 km, plaza de 2, ronda de 4 etapas",
    "2 places assises, 3 chemins",
    "j'ai commandé 2 place assises 10442",
    "soy M, no XL",
    "Comment s'appelle-t-il ?",
    "En stock : Men's S, Men's M. Épuisé : Women's L.",
    "Disponible: Men's M, Men's L y Men's XL",
    "Teacher here, any discount?",
    "how long is the GR20 in kilometres",
    "order EN10442 is late",
    "1 2 3 go",
]


@pytest.mark.parametrize(("text", "value"), NAMES + NUMBERS + STREETS)
def test_found_without_an_introduction(text: str, value: str) -> None:
    """Lists, typing slips, words for digits and grammars of streets give a value away."""
    assert surviving(text, value) == "", masked(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("9 rue du bac pour la commande 10442", "█ pour la commande 10442"),
        ("9 rue du bac 3 articles manquants", "█ 3 articles manquants"),
        ("12 rue des petits champs, 75002 paris svp", "█ svp"),
        ("calle mayor 55 2º izq pedido 10442", "█ pedido 10442"),
        ("calle mayor 55 y quiero 3 bastones", "█ y quiero 3 bastones"),
    ],
)
def test_what_follows_an_address_stays(text: str, left: str) -> None:
    """Floor, door and town belong to it; what is wanted there does not."""
    assert masked(text) == left


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless(text: str) -> None:
    """Towns, goods, makes and the words that are names elsewhere stay readable."""
    assert masked(text) == text


def test_lists_are_folded_sorted_and_apart() -> None:
    """Each list is in order without doubles; what is a common word is in no list of names."""
    lists = {
        name: [word for line in path.read_text("utf-8").splitlines()[1:] for word in line.split()]
        for path in DATA.glob("*.txt")
        for name in [path.stem]
        if name != "well_known"
    }
    assert len(lists) == 6
    for name, listed in lists.items():
        assert listed == sorted(set(listed)), name
        assert all(word == fold(word) and word.isalpha() for word in listed), name
    for name in ("first_names", "surnames", "names_by_capital", "words_and_names"):
        assert set(lists[name]).isdisjoint(lists["common_words"]), name


def test_well_known_are_pairs() -> None:
    """Each line holds two words, in order and once."""
    lines = (DATA / "well_known.txt").read_text("utf-8").splitlines()[1:]
    assert lines == sorted(set(lines))
    assert all(len(line.split()) == 2 and line == fold(line) for line in lines)


def test_a_slip_in_a_name_is_no_other_word() -> None:
    """One wrong, missing, added or swapped letter is near; a word that has a meaning is not."""
    assert all(map(nearly_a_name, ("henirk", "henrk", "hennrik", "hanrik")))
    assert not any(map(nearly_a_name, ("house", "maison", "tienda", "zzzzzz", "ana")))
