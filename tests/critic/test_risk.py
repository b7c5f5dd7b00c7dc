"""Reasons for a person: heard in three languages, not heard where the words only look alike."""

from pathlib import Path

import pytest

from shared.adapters.embedded.risk import KeywordRiskWatch, asked_for_person, open_risk_watch
from shared.contracts import AssessMessage
from shared.errors import SettingsError

REASONS: dict[str, list[str]] = {
    "asked_for_person": [
        "I want a human",
        "can I talk to a real person please",
        "agent",
        "Representative!!",
        "let me speak to your manager",
        "connect me with someone",
        "get me a humna",
        "put me through to customer service rep",
        "I need to speak with an agent about my order",
        "this bot is useless, human please",
        "transfer me to a supervisor",
        "is there a real person I can chat with?",
        "stop bot. call me back",
        "I would like to talk to somebody about a refund",
        "I want to spaek to a person",
        "human",
        "Can someone call me?",
        "je veux parler à un humain",
        "passez-moi un conseiller",
        "un conseiller svp",
        "je voudrais parler à quelqu'un",
        "puis-je avoir une vraie personne ?",
        "transférez-moi à un responsable",
        "pas un robot, une personne",
        "quiero hablar con una persona",
        "páseme con un asesor",
        "necesito un agente humano",
        "asesor por favor",
        "comuníqueme con alguien",
        "quiero hablar con un humano ya",
        "¿puedo hablar con el gerente?",
    ],
    "legal_threat": [
        "I will sue you",
        "it never worked and my lawyer will write to you",
        "you will hear from my lawyer",
        "I am filing a chargeback",
        "reporting you to the BBB",
        "see you in court",
        "I will take legal action",
        "je vais porter plainte",
        "mon avocat va vous contacter",
        "je saisis la DGCCRF",
        "voy a demandarlos",
        "hablaré con mi abogado",
        "los voy a denunciar a profeco",
    ],
    "safety": [
        "the stove exploded and burned my hand",
        "my son was injured by the tent pole",
        "the power bank caught fire",
        "I had to go to hospital",
        "le réchaud a pris feu",
        "je me suis brûlé avec la lampe",
        "la batería explotó",
        "mi hija tuvo una quemadura con la estufa",
        "the canister leaks gas",
    ],
    "hardship": [
        "my husband passed away last week",
        "my mother died and I need to cancel",
        "I have cancer and cannot travel",
        "I lost my job",
        "mon père est décédé",
        "je suis en deuil",
        "mi padre falleció",
        "perdí mi trabajo",
    ],
    "missing_delivery": [
        "tracking says delivered but I got nothing",
        "it says it was delivered yesterday but it is not here",
        "my package was stolen",
        "my parcel never arrived",
        "marked as delivered and I have not received it",
        "le suivi indique livré mais je n'ai rien reçu",
        "mon colis a été volé",
        "colis perdu",
        "dice entregado pero no recibí nada",
        "me robaron el paquete",
        "mi pedido nunca llegó",
    ],
    "defect": [
        "the zipper broke after two days",
        "my tent arrived damaged",
        "the lantern stopped working",
        "there is a hole in my jacket",
        "it came with a crack",
        "la fermeture est cassée",
        "ma lampe ne fonctionne plus",
        "reçu une tente déchirée",
        "la mochila llegó rota",
        "la linterna no enciende",
        "es defectuoso",
    ],
    "wholesale": [
        "I want to order 50 jackets for my company",
        "do you do wholesale",
        "bulk order pricing",
        "we are a reseller",
        "vendez-vous en gros ?",
        "je veux 40 tentes",
        "I run a shop and want to order 50 tents",
        "wholesale pack prices? my last order was 1003",
        "do you sell packs in bulk",
        "what's your trade discount",
        "can you quote me for 1250 headlamps",
        "prix de gros sur les sacs ?",
        "vous êtes grossistes ?",
        "quisiera comprar por mayor",
        "compran al por mayor?",
        "precio mayorista",
        "quiero 30 mochilas para mi empresa",
    ],
    "fraud": [
        "I did not place this order",
        "there is an unauthorized charge on my card",
        "someone used my card on your site",
        "my account was hacked",
        "my card was stolen",
        "je n'ai pas passé cette commande",
        "ma carte a été piratée",
        "c'est une fraude",
        "no reconozco este cargo",
        "me hackearon la cuenta",
        "alguien usó mi tarjeta",
    ],
    "strong_negative": [
        "this is the worst service ever",
        "I am absolutely furious",
        "never buying from you again",
        "c'est inadmissible",
        "vous êtes des voleurs",
        "es una vergüenza",
        "estoy harto de esperar",
        "this is fucking ridiculous",
    ],
}

HARMLESS: list[str] = [
    "I don't need a human, just the tracking",
    "is this a human-sized tent?",
    "the agent was great yesterday",
    "thanks, the person I spoke to was lovely",
    "a tent for 4 people",
    "two-person tent",
    "Does the first aid kit come with bandages?",
    "how long does the stove burn",
    "my lantern battery died",
    "I lost my password",
    "do you have a tent for winter",
    "where is my order 1001",
    "can I return a jacket",
    "when will it be delivered",
    "it was delivered yesterday, thanks",
    "the promo code is not working",
    "the website is broken",
    "la página de pago no carga en mi teléfono",
    "le site ne charge plus depuis ce matin",
    "what happens if my package gets lost?",
    "does the warranty cover a broken zipper if it breaks?",
    "is the Longshore 65 Pack in stock",
    "I have 500 points, how many dollars is that",
    "ship to my work address",
    "are you a bot or a human?",
    "I want to buy a gift for someone",
    "no need for an agent",
    "pas besoin de conseiller",
    "je ne veux pas parler à quelqu'un",
    "no necesito un agente",
    "una tienda de campaña para dos personas",
    "tente pour quatre personnes",
    "quiero cambiar la talla",
    "¿cuánto cuesta el envío?",
    "merci beaucoup, personne très gentille hier",
    "the tent pole color",
    "Can I pick it up in person?",
    "I want a bigger size",
    "my order of 2 jackets",
    "is the stove good for a campfire",
    "I want to change my personal data",
    "order 1050 please",
    *(
        "1001 jacket",
        "my 1003 boots are too small",
        "1004 2 jackets",
        "1189 items",
        "commande 1012 deux sacs",
    ),
    *(
        "la 1004 veste",
        "1010 chaqueta azul",
        "is the 45 pack waterproof",
        "it says 2026 boots",
        "1001 1002 tents",
    ),
    *("where's my 1004 parcel with 3 bottles", "do the 500 lumens lamps float", "1020 boots size 44"),
    "the jacket is not broken, I just changed my mind",
    "the worst-case weather for this tent?",
    "can you help me find a manager discount?",
    "I need a sleeping bag for one person",
    "I work at a hospital, do you have a discount",
    "quiero una carpa para 3 personas",
    "I need people to know how good you are",
    "I have a question about my order",
    "Do you sell cleaning agents for tents",
    "My name is Ana and I need help with my order",
    "someone at home will accept the delivery",
    "que personne ne signe le colis",
    "necesito saber si alguien puede recibir el paquete",
]


@pytest.fixture(scope="module")
def watch() -> KeywordRiskWatch:
    """The shop's own watch."""
    return open_risk_watch()


def reasons(watch: KeywordRiskWatch, text: str) -> list[str]:
    ask = AssessMessage(conversation_id="c1", turn_id="t1", step_id="t1.assess", text=text)
    return [signal.reason for signal in watch.assess(ask).signals]


@pytest.mark.parametrize(
    ("reason", "text"), [(reason, text) for reason, texts in REASONS.items() for text in texts]
)
def test_a_reason_is_heard(watch: KeywordRiskWatch, reason: str, text: str) -> None:
    """Each reason is heard however customers of three languages put it, with slips too."""
    assert reason in reasons(watch, text)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_look_alike_is_no_reason(watch: KeywordRiskWatch, text: str) -> None:
    """Negations, products and small talk that use the same words call nobody."""
    assert reasons(watch, text) == []


def test_the_strongest_reason_comes_first(watch: KeywordRiskWatch) -> None:
    """An injury outranks a defect and anger, whatever is said first."""
    text = "I am furious, the stove is defective, it exploded and my lawyer knows. Get me a human!"
    found = reasons(watch, text)
    assert found[:2] == ["safety", "legal_threat"]
    assert set(found) >= {"defect", "asked_for_person", "strong_negative"}


def test_the_words_are_named(watch: KeywordRiskWatch) -> None:
    """A signal shows what was heard."""
    ask = AssessMessage(
        conversation_id="c1", turn_id="t1", step_id="t1.assess", text="Let me talk to a person!"
    )
    (signal,) = watch.assess(ask).signals
    assert signal.span == "talk to a person"


@pytest.mark.parametrize("text", REASONS["asked_for_person"])
def test_a_person_can_be_asked_for_without_any_model(text: str) -> None:
    """The plain function hears what the watch hears."""
    assert asked_for_person(text)


def test_a_wrong_rules_file_is_named(tmp_path: Path) -> None:
    """A signal without patterns stops the start, naming the file."""
    file = tmp_path / "risk.toml"
    file.write_text('[words]\n[[signal]]\nreason = "x"\n')
    with pytest.raises(SettingsError, match=r"risk\.toml.*patterns"):
        open_risk_watch(file)
