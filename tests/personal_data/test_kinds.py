"""Kinds of personal data that strangers write: what stands in ⟦ ⟧ is hidden, and nothing else."""

import re

import pytest

from tests.personal_data.test_find import masked

NAMES = [
    "Could you resend the label to ⟦Tamsin Oakeshott⟧? She moved out.",
    "the account was opened by my late aunt, ⟦Philippa Wrenfield⟧",
    "my flatmate ⟦Ngozi⟧ signed for it",
    "who's ⟦Cormac Tierney⟧ and why is he on my invoice",
    "Please put ⟦Dymphna Rourke⟧ down as the recipient",
    "i think ⟦oisin⟧ from your team said it was fine",
    "⟦Thaddeus⟧: where is my refund?",
    "I'm ⟦Saoirse⟧, I emailed you yesterday",
    "it's ⟦Bronwen Prys⟧, order 1022",
    "cc: ⟦Lucinda Vane⟧",
    "regards\n⟦Ottoline Marsh⟧",
    "yours faithfully\n⟦R. Huxtable⟧",
    "cheers\n⟦Gav⟧",
    "from ⟦Ishaan Bhattacharya⟧ to whoever reads this",
    "Attention ⟦Quentin Abelard⟧, warehouse door 4",
    "we are the ⟦Castellanos⟧ family and our tent leaked",
    "name's ⟦Bartholomew⟧, last name ⟦Ives⟧",
    "my surname is ⟦Featherstonehaugh⟧, people misspell it",
    "you can reach my son ⟦Dashiell⟧ instead",
    "maiden name ⟦Pemberly⟧",
    "I go by ⟦Ziggy⟧",
    "The gift is for ⟦Marguerite⟧ and ⟦Lionel⟧",
    "signed by ⟦T. Brackenridge⟧ it says, nobody here is called that",
    "⟦Anneliese Vogt⟧ bought it, I'm ⟦Ruprecht Vogt⟧",
    "the parcel for ⟦Vihaan Deshmukh⟧ is open",
    "can ⟦Solveig⟧ pick it up instead of me",
    "her name? ⟦Ottilie⟧",
    "order for the ⟦Hargreaves⟧ wedding",
    "spoke w/ ⟦keisha⟧ in billing",
    "my boss ⟦Fitzgerald⟧ paid with the company card",
    "ask for ⟦Jedediah⟧ at the gate",
    "it's registered to ⟦Wilhelmina Aarts⟧",
    "la cuenta está a nombre de mi suegro, ⟦Eleuterio Cárdenas⟧",
    "lo recogió el portero, ⟦Fermín⟧",
    "pregunta por ⟦Remedios⟧ en conserjería",
    "soy ⟦Visitación Ledesma⟧ y espero una tienda",
    "firmó un tal ⟦Abundio Terrones⟧",
    "mi jefa ⟦Encarnación⟧ pagó el pedido",
    "⟦Ledesma, Visitación⟧",
    "⟦Trinidad Ballesteros⟧\npedido 1044",
    "me atendió ⟦Yamileth⟧ y me prometió el reembolso",
    "la señora ⟦Urrutia⟧ del tercero",
    "el paquete es para ⟦Nazaret⟧",
    "va dirigido a ⟦Saturnino Vela⟧",
    "quien compró fue ⟦Domitila⟧",
    "mi nombre es ⟦xochitl pantoja⟧",
    "me yamo ⟦gumersindo⟧",
    "ME LLAMO ⟦ERNESTINA PALAFOX⟧",
    "de: ⟦Rigoberto Cifuentes⟧",
    "un saludo,\n⟦Maite Goikoetxea⟧",
    "atte. ⟦Lic. Hermenegildo Paz⟧",
    "gracias\n⟦Leocadia⟧",
    "dile a ⟦Chema⟧ que ya llegó",
    "mi hermana ⟦Jimena⟧ lo pagó con su tarjeta",
    "⟦Iñaki Etxeberria⟧ no vive aquí",
    "apellidos: ⟦Orozco Villalpando⟧",
    "el titular es ⟦Evaristo Monreal⟧",
    "⟦evaristo monreal⟧ es mi padre",
    "se lo regalé a ⟦Lupita⟧",
    "soi ⟦Paqui⟧, la del chubasquero",
    "a la atención de ⟦Purificación Sanz⟧",
    "vive conmigo ⟦Anselmo Riquelme⟧",
    "por favor a nombre de ⟦Quiroga⟧",
    "hablé con ⟦Braulio⟧ y con ⟦Edurne⟧",
    "el repartidor preguntó por ⟦Zacarías⟧",
    "j'ai demandé à ⟦Apolline Guérinot⟧ de passer",
    "mon colocataire ⟦Thibault⟧ a signé",
    "adressé à ⟦Léopold Varin⟧",
    "le colis de ⟦Clotilde⟧",
    "⟦Violette Marchandeau⟧\ncommande 1099",
    "⟦Aurore Petitjean⟧, merci",
    "signé ⟦J. Lacombe⟧",
    "c'est ⟦Gwenaël⟧ qui a commandé",
    "au nom de ⟦l'indivision Kerbrat⟧",
    "mon mari ⟦Fulbert⟧ passera",
    "dites à ⟦Bérengère⟧ que c'est bon",
    "⟦Bérengère⟧ a dit oui",
    "voir avec ⟦Ghislain Tournier⟧",
    "je me prénomme ⟦Ondine⟧",
    "moi c'est ⟦Titouan⟧",
    "⟦Lefeuvre Titouan⟧",
    "we moved to ⟦98121-3402⟧",
]
ACCOUNTS = [
    "mi número de cliente es ⟦HP-20931⟧",
    "nº de socio ⟦884213⟧",
    "socia número ⟦77-1204⟧",
    "mi usuario es ⟦lupita.rv⟧",
    "usuario: ⟦montenegro_84⟧",
    "id de cliente: ⟦C-55129⟧",
    "mi id es ⟦55129-MX⟧",
    "tarjeta de fidelidad ⟦7003 4412⟧",
    "número de afiliado ⟦A20993⟧",
    "mon identifiant : ⟦clo_varin⟧",
    "numéro client ⟦FR-88120⟧",
    "ma carte de fidélité ⟦6044 1123 87⟧",
    "mon numéro d'adhérent est le ⟦20418⟧",
    "n° de compte client ⟦AB4410⟧",
]
STREETS = [
    "⟦Pza. de la Constitución s/n⟧",
    "estoy en ⟦avenida Insurgentes Sur 1602, Col. Crédito Constructor⟧",
    "⟦Carrer de Balmes 145, 08008 Barcelona⟧",
    "mi casa está en ⟦Los Almendros 22, Jerez⟧",
    "⟦Camino Viejo de Vélez km 3⟧",
    "⟦Cra 7 # 45-23, Bogotá⟧",
    "⟦Carrera 15 No. 93-60 apto 402⟧",
    "⟦Calle 100 # 8A-49⟧",
    "⟦Jr. Cusco 455, Lima⟧",
    "⟦Pasaje Los Robles 77, Santiago⟧",
    "entrega en ⟦41004 Sevilla⟧",
    "⟦Rúa do Franco 31⟧",
    "⟦Urbanización La Capellanía, casa 9⟧",
    "⟦Polígono Las Salinas nave 14⟧",
    "⟦Edificio Miramar, portal 2, 5ºC⟧",
    "⟦calle Serrano número 41⟧",
    "livrez ⟦12 r. Oberkampf⟧",
    "⟦5 imp. des Acacias⟧",
    "⟦résidence Les Tilleuls bât C⟧, Nantes",
    "⟦14, rue Saint-Honoré - 75001 Paris⟧",
    "⟦lieu-dit Kerguelen 29120 Pont-l'Abbé⟧",
    "⟦Rue de Bourgogne 14, 1009 Pully⟧",
    "⟦Boulder CO 80302⟧",
    "⟦1012 AB Amsterdam⟧",
    "⟦44 rowan street⟧",
    "⟦44 rowan st⟧",
    "⟦1180 s pine knoll rd unit 4⟧",
    "⟦1180 S. Pine Knoll Rd., Unit 4, Bend OR 97702⟧",
    "⟦220 foxglove ter⟧",
    "on ⟦Foxglove Terrace⟧",
    "the one on ⟦foxglove terrace⟧",
    "⟦rowan street 44⟧",
    "⟦Flat 2, Foxglove House, Mill Lane⟧",
]
POSTCODES = [
    "mandadlo al ⟦46021⟧",
    "vivo en el ⟦28013⟧",
    "mi cp ⟦29640⟧",
    "j'habite ⟦75011⟧",
    "je suis dans le ⟦69003⟧",
    "send it to ⟦94103⟧",
    "I'm in ⟦60614⟧",
    "do you have a store near ⟦30309⟧?",
    "my postcode ⟦SW1A 1AA⟧",
    "⟦sw1a1aa⟧",
    "⟦ec1v 9lb⟧",
    "ship to ⟦M5V 2T6⟧",
    "⟦m5v2t6⟧",
    "⟦K1A-0B1⟧ is my code",
    "⟦9 4 1 0 3⟧",
    "⟦9-4-1-0-3⟧",
    "⟦9.4.1.0.3⟧",
    "zip ⟦941-03⟧",
    "boulder colorado ⟦80302⟧",
    "my eircode is ⟦D02 X285⟧",
]
# Looks like one of the kinds above and is none.
HARMLESS = [
    "ship order 10442 to my new address",
    "is 10442 in your store?",
    "move it from 10442 to 10443",
    "it weighs 9lb and costs 191.22",
    "send it to 12000 people",
    "rate it 1 2 3 4 5",
    "1044 XL please",
    "my brother wants two",
    "mi hermana no la quiere",
    "I spoke to Support and to Customer Service",
    "the account number is on the invoice",
    "my username is not accepted",
    "carte de fidélité perdue",
    "two rooms on the third street",
    "calle arriba, calle abajo",
    "the torre Eiffel is tall",
    "who wrote Harry Potter?",
    "how old is Brad Pitt",
    "quién pintó a Isabel Allende",
    "qui a gagné Roland Garros",
    "do you have Calvin Klein or Tommy Hilfiger?",
    "recommend a book by Stephen King",
    "is Michael Jordan in stock in size 10?",
]


@pytest.mark.parametrize("marked", [*NAMES, *ACCOUNTS, *STREETS, *POSTCODES])
def test_each_kind_is_hidden(marked: str) -> None:
    """Names, account numbers, streets and postcodes of the countries we sell to, by list and by grammar."""
    hidden = masked(re.sub("[⟦⟧]", "", marked))
    wanted = re.sub("⟦.*?⟧", "\N{FULL BLOCK}", marked)
    assert re.sub("\N{FULL BLOCK}[ ,/\n]*(?=\N{FULL BLOCK})", "", hidden) == wanted


@pytest.mark.parametrize("text", HARMLESS)
def test_look_alikes_stay(text: str) -> None:
    """Orders, sizes, ratings and celebrities stay readable."""
    assert masked(text) == text


@pytest.mark.parametrize(
    "text", ["how old is Ana, my name is Ana Lund", "who played it? I'm Michael Jordan, 615 Laurel Lane"]
)
def test_a_quiz_hides_nobody_who_is_introduced(text: str) -> None:
    """Whoever says who they are is hidden, also in a question about the world and with a famous name."""
    assert "Lund" not in masked(text)
    assert "Jordan" not in masked(text)
    assert "Laurel" not in masked(text)
