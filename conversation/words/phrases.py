"""What customers say in so many words, in three languages, folded (lower case, no accents)."""


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(phrase for line in lines for phrase in line.split(", "))


YES = _phrases(
    "yes, y, yeah, yep, yup, sure, ok, okay, please do, go ahead, do it, confirm, confirmed, correct, right",
    "yes please, that s right, perfect, exact, oui, ouais, d accord, allez y, vas y, je confirme, bien sur",
    "oui s il vous plait, parfait, si, vale, claro, de acuerdo, adelante, confirmo, por favor, si por favor",
    "perfecto, dale, hagalo, hazlo, si quiero, faites le, sounds good, works for me, that works, that s fine",
    "i agree, i accept, je suis d accord, j accepte, ca me va, ca me convient, acepto, me parece bien",
    "esta bien, k, kk, okok, oki, okey, yea, yess, alright, all right, aye, of course, definitely, certainly",
    "absolutely, ouais, ouaip, ouep, d acc, dac, dacc, volontiers, bien sur que oui, ca marche, absolument",
    "sip, claro que si, por supuesto, desde luego, okis",
)
AGREEABLE = _phrases(
    "please, then, thanks, thank you, thx, so, and, well, just, now, fine, good, great, cool, with it",
    "with that, that s all, so much, very much, all good, got it, understood, alors, donc, et, svp, stp",
    "s il vous plait, it s fine, merci, beaucoup, c est bon, c est parfait, tres bien, compris, pues",
    "entonces, gracias, muchas gracias, muy bien, entendido, ya, for me, pour moi, it is fine, that is fine",
    "that is right, that is correct, y, bueno, super, genial, i do, wonderful, bonjour, hello, hi, hola",
)
NO = _phrases(
    "no, n, nope, nah, don t, do not, stop, not now, never mind, nevermind, leave it, no thanks, wait",
    "non, surtout pas, laissez tomber, pas maintenant, annulez, non merci",
    "no gracias, mejor no, dejalo, dejelo, todavia no, nop, nel, nan, not really, no way, pas question",
    "ni hablar, para nada, de ninguna manera",
)
GREETINGS = _phrases(
    "hi, hello, hey, hi there, hello there, good morning, good afternoon, good evening",
    "bonjour, salut, bonsoir, coucou, hola, buenos dias, buenas tardes, buenas noches, buenas, hola buenas",
    "hiya, helo, holi, holis, wesh, slt, bjr",
)
THANKS = _phrases(
    "thank you, thanks, thx, merci, gracias, ty, cheers, much appreciated, muchas gracias"
    ", tks, thanx, thnx, thank u, merci bien, mil gracias, grax"
)
BYES = _phrases(
    "bye, goodbye, see you, have a nice day, have a good day, au revoir, adieu, bonne journee, a bientot",
    "adios, hasta luego, hasta pronto, que tenga un buen dia, buen dia, ciao, chao, tchao, bye bye, cya",
)
HOW_ARE_YOU = _phrases(
    "how are you, how are you doing, how are you today, how is it going, how s it going, what s up",
    "ca va, comment ca va, comment allez vous, comment vas tu, vous allez bien",
    "que tal, que tal esta, como esta, como estas, como va, como esta usted",
)
ACKNOWLEDGED = _phrases(
    "ok, okay, k, great, perfect, awesome, super, cool, nice, good, got it, understood, i see, all good",
    "that s all, that is all, very much, so much, a lot, kk, okok, oki, okey, np, no problem, lol, haha",
    "d accord, parfait, genial, compris, tres bien, c est bon, beaucoup, bien, c est tout",
    "vale, de acuerdo, perfecto, entendido, muy bien, muy amable, mil gracias, es todo, eso es todo",
)
ALL_FOR_NOW = _phrases("that s all, that is all, c est tout, c est bon, es todo, eso es todo, all good")
ADDRESSED = _phrases(
    "there, everyone, everybody, team, all, folks, a tous, l equipe, equipe, a todos, todos, equipo",
    "today, again, and, et, y, for your help, for the help, pour votre aide, por su ayuda, por tu ayuda",
)
ABOUT_BOT = _phrases(
    "are you a bot, are you human, are you a robot, are you real",
    "what is your name",
    "what s your name, es tu un robot, etes vous un robot, qui es tu, qui etes vous",
    "eres un robot, eres humano, eres una persona, quien eres, como te llamas",
)
ABOUT_BOT_AT_THE_END = _phrases("who are you, what are you, what are you exactly")
FILLERS = _phrases("hmm, um, uh, well, oh, ah, actually, euh, bon, finalement, en fait, pues, bueno, mmm, eh")
GOES_ON = _phrases("and, what about, how about, but, et, mais, y, e, pero")
POINTS_BACK = _phrases(
    "it, they, them, that, this, those, that one, still, ils, elle, elles, celui ci, toujours",
    "todavia, ese, esa",
)
THE_OTHER = _phrases("the other, other one, l autre, el otro, la otra")
# Last words of titles that mean something else at a shop too: "the bag", "my bank".
MEANS_MORE = frozenset({"bag", "bank", "card", "cover", "pack", "set", "kit", "case", "box", "care", "light"})
ASKS_RULE = _phrases(
    "how long do i have, how many days, how much time, who pays, how much does, what is your, what s your",
    "combien de temps, combien de jours, quel est le delai, qui paie, combien coute",
    "cuanto tiempo, cuantos dias, que plazo, cual es el plazo, quien paga, cuanto cuesta",
)
QUESTION_WORDS = _phrases(
    "what, how, do, can, which, is, comment, quelle, quel, combien, puis, est, peut",
    "cual, como, cuanto, cuantos, puedo, se, que",
)
NEWSLETTER = _phrases(
    "newsletter, newsletters, news letter, mailing list, marketing emails, marketing e mails, promo emails",
    "infolettre, lettre d information, liste de diffusion, emails publicitaires, mails publicitaires",
    "boletin, boletines, lista de correo, correos publicitarios",
)
LEAVE = _phrases(
    "unsubscribe, unsubscribed, stop, remove, cancel, opt out, no more, take me off, don t want, turn off",
    "desabonner, desabonnez, desinscrire, desinscrivez, desinscription, desabonnement, arreter, arretez",
    "ne plus, plus recevoir, ne veux plus, retirez, supprimez, cancelar, baja, borrar, borrenme, quitar",
    "quitenme, no quiero, dejar de, desuscribir, desuscribirme, cancelen",
)
JOIN = _phrases(
    "subscribe, sign me up, sign up, join, add me, opt in, want to get, want to receive, start sending",
    "abonner, abonnez, m abonner, inscrire, inscrivez, m inscrire, recevoir, ajoutez moi",
    "suscribir, suscribirme, suscribanme, suscribeme, suscribame, apuntarme, apuntadme, recibir, anadanme",
    "inscribirme",
)
ADDRESS = _phrases(
    "address, house number, street, zip, zip code, postcode, postal code, ship to, send it to, deliver it to",
    "adress, addres, chez ma, chez mon, chez mes, to my mum, to my mom, casa de mi",
    "moved, apartment number, adresse, numero de rue, code postal, livrer a, demenage, envoyer a",
    "direccion, domicilio, codigo postal, numero de la calle, enviar a, enviarlo a, me mude, he mudado",
    "to my office, to my work, to work, to my parents, to my mother, to my neighbor, to my neighbour",
    "somewhere else, elsewhere, to my hotel, to a different place, a mon bureau, au bureau, au travail",
    "chez mes parents, chez mon voisin, chez ma voisine, ailleurs, a mi oficina, a la oficina",
    "al trabajo, a mi trabajo, a casa de, a otro sitio, a otro lugar",
)
SHIPPING_METHOD = _phrases(
    "express, overnight, faster, shipping method, standard shipping, plus vite, mode de livraison, livraison",
    "mas rapido, metodo de envio, envio urgente",
)
OTHER_FORM = _phrases(
    "size, color, colour, instead, swap, bigger, smaller, taille, pointure, couleur, a la place",
    "plutot, talla, color, en vez, en lugar",
)
MAY_WITHDRAW = _phrases(
    "never mind, nevermind, forget it, forget about it, don t bother, i changed my mind, changed my mind",
    "no longer want, don t want it anymore, i ll keep it, i will keep it, laissez tomber, oubliez",
    "j ai change d avis, je le garde, je la garde, ce n est plus la peine, plus besoin",
    "olvidelo, olvidalo, dejelo, cambie de opinion, he cambiado de opinion, ya no lo quiero",
    "ya no quiero, me lo quedo, me la quedo, ya no hace falta",
)
ASKS_HELP = _phrases(
    "pls, plz, please help me, somebody help, au secours, a l aide, socorro",
    "help, help me, i need help, i need some help, can you help me, i have a problem, i ve a problem",
    "i have a question, i need help with an order, i need help with my order, i have a problem with my order",
    "what can you do, what can you do for me, how can you help me",
    "aide, aidez moi, j ai besoin d aide, j ai un probleme, j ai une question, pouvez vous m aider",
    "j ai un probleme avec ma commande, que pouvez vous faire, que pouvez vous faire pour moi",
    "ayuda, necesito ayuda, tengo un problema, tengo una pregunta, me puede ayudar, me pueden ayudar",
    "necesito ayuda con mi pedido, tengo un problema con mi pedido, que puede hacer por mi",
)
POLITELY = _phrases(
    "pls, plz, please, hi, hello, hey, svp, stp, bonjour, salut, porfa, hola, favor, por, s, il, vous, plait",
)
BARE_QUESTIONS = _phrases(
    "what, where, when, why, how, who, which, is, are, it, and, so, then, huh, ou, quand, pourquoi, comment",
    "qui, quoi, quel, est, et, alors, donc, hein, que, donde, cuando, como, quien, cual, esta, es, entonces",
)
THINKS = _phrases(
    "let me think, think about it, not sure, i m thinking, one moment, one second, give me a minute, hmm",
    "laissez moi reflechir, je reflechis, je vais reflechir, pas sur, pas sure, un instant, une minute",
    "dejeme pensar, dejame pensar, lo pienso, no estoy seguro, no estoy segura, un momento, un segundo",
)
SIGNS = {
    **dict.fromkeys("👍👌✅✔🆗💯", "ok"),
    **dict.fromkeys("👎❌🚫🙅", "no"),
    **dict.fromkeys("🙏❤💕🧡💚💙💜😊🙂😀😃😄😁🥰😍🤗🎉👏", "thanks"),
    "👋": "hello",
}
"""What a sign says that stands alone, folded."""
LAUGHING = frozenset("😂🤣😅😆😹😁 ")
DRAWN_OUT = frozenset(
    word
    for phrases in (YES, NO, AGREEABLE, GREETINGS, THANKS, BYES, ACKNOWLEDGED, ASKS_HELP)
    for phrase in phrases
    for word in phrase.split()
    if len(word) > 1
)
"""Words that are known again with a letter held: "yesss", "nooo", "pleeease"."""
ALL_OF_THEM = _phrases(
    "all, everything, both, whole, tout, tous, toutes, les deux, todo, todos, todas, ambos, ambas",
    "los dos, las dos",
)
ABOUT_THE_WAIT = _phrases(
    "how long, how much longer, how much more time, how many minutes, how many people, when will, when does",
    "when do, when can, what s taking, what is taking, what takes, is anyone, is anybody, is someone, anyone",
    "is somebody, anybody, are you there, are you still, you there, still there, still waiting, i m waiting",
    "i am waiting, waiting, any news, any update, what place, which place, what number, my place",
    "combien de temps, combien de minutes, encore longtemps, c est long, quand, il y a quelqu un, quelqu un",
    "vous etes la, etes vous la, toujours la, j attends, ca prend, des nouvelles, quelle place",
    "cuanto falta, cuanto tiempo, cuanto mas, cuantos minutos, cuanto tarda, cuando, hay alguien, alguien",
    "sigue ahi, siguen ahi, esta ahi, estan ahi, sigo esperando, estoy esperando, alguna novedad, que lugar",
)
AROUND_THE_WAIT = _phrases(
    "i, m, am, s, is, are, do, does, d, will, ll, would, can, could, must, need, have, ve, has, got, to",
    "it, this, that, the, a, an, me, you, we, he, she, they, my, your, there, here, still, yet, now",
    "already, again, more, much, long, longer, time, wait, waiting, waited, take, takes, taking, be",
    "been, get, until, till, before, for, in, on, of, from, with, at, about, left, line, queue, place",
    "position, number, someone, somebody, anyone, anybody, person, people, human, agent, staff, team",
    "support, answer, answers, answering, reply, replies, respond, responds, response, come, comes",
    "coming, help, helps, talk, speak, write, writes, ahead, minutes, hours, hour, minute, so, and, but",
    "please, pls, just, really, hello, hi, hey, sir, madam, ok, okay, going, gonna, any, news, update",
    "updates, what, which, how, when, many, even, forever, ages, today, je, j, tu, vous, nous, il, elle",
    "qu, que, qui, c, ce, ca, est, et, y, ai, as, la, le, les, l, de, du, des, un, une, en, va, vais",
    "dois, doit, faut, encore, toujours, longtemps, temps, heures, heure, attendre, attends, attente",
    "attend, depuis, avant, jusqu, au, aux, file, rang, numero, mon, ma, quelqu, personne, humain",
    "conseiller, equipe, repond, repondre, reponse, reponde, repondra, vient, allo, bonjour, salut, svp",
    "te, plait, alors, combien, quand, sera, prend, prendre, t, parler, avec, quelle, quel, suis, etes",
    "nouvelles, moi, maintenant, deja, mais, devant, yo, usted, ustedes, el, ella, lo, los, las, del, al",
    "se, mi, su, por, para, cuanto, cuantos, cuanta, cuantas, cuando, falta, faltan, tiempo, mas",
    "minutos, horas, hora, espera, esperar, esperando, espero, tengo, tiene, hay, van, voy, hasta",
    "todavia, aun, ya, ahi, aqui, sigo, sigue, siguen, esta, estan, estoy, alguien, persona, agente",
    "asesor, equipo, atiende, atienden, atender, atenderme, contesta, contestan, contestar, contesten",
    "responde, responden, responder, respondan, hablar, hola, favor, porfa, lugar, fila, cola, turno",
    "novedad, noticias, alguna, tarda, tardan, demora, queda, desde, hace, rato, mucho, tanto, personas",
    "gente, delante, disculpe, oiga, senor, senora, ahora",
)
"""Words that may stand beside those for the message to be about the wait and nothing else."""
