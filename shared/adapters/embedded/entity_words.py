"""The words of sizes, colors, months, products and reasons, in three languages, with their normal form."""

import re


def _table(lines: str) -> dict[str, str]:
    """`normal: word, word` per line, which may repeat; the words carry no accents."""
    rows = (line.split(":", 1) for line in lines.strip().splitlines())
    return {word.strip(): normal.strip() for normal, listed in rows for word in listed.split(",")}


def _pattern(table: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))


COLORS = _table("""
red: red, rouge, rojo, roja, rojos, rojas
blue: blue, bleu, bleue, bleus, azul, azules
lake blue: lake blue
navy: navy, marine, azul marino
green: green, vert, verte, verts, verde, verdes
pine green: pine green
olive: olive, oliva
moss: moss
black: black, noir, noire, noirs, negro, negra, negros, negras
white: white, blanc, blanche, blanco, blanca
gray: gray, grey, gris, grise, grises
fog gray: fog gray
slate: slate
brown: brown, brun, brune, marron, cafe oscuro
orange: orange, naranja
signal orange: signal orange
yellow: yellow, jaune, amarillo, amarilla
pink: pink, rosa, rosado
purple: purple, violet, violette, morado, morada
beige: beige
clay: clay
sand: sand
oat: oat
walnut: walnut
""")
SIZES = _table("""
XS: extra small, extra-small, extra petit, extra chico
S: small, petite taille
M: medium, moyen, moyenne, mediana, mediano
L: large, grande taille
XL: extra large, extra-large, x-large, tres grand
XXL: xxl, 2xl, double xl
one size: one size, taille unique, talla unica
wide: wide fit, wide, ancho especial
long: long version
""")
PRODUCTS = _table("""
tent: tent, tents, tente, tentes, carpa, carpas, tienda de campana, casa de campana
tarp: tarp, tarps, bache, toldo
backpack: backpack, backpacks, rucksack, sac a dos, sacs a dos, mochila, mochilas
pack: pack, packs
daypack: daypack, daypacks
sleeping bag: sleeping bag, sleeping bags, sac de couchage, sacs de couchage, saco de dormir
sleeping bag: sacos de dormir, bolsa de dormir
sleeping pad: sleeping pad, sleeping pads, sleeping mat, matelas, tapis de sol, colchoneta
sleeping pad: esterilla, foam pad, air pad
pillow: pillow, oreiller, almohada
stove: stove, stoves, rechaud, rechauds, estufa, estufas, hornillo
cookset: cookset, popote, juego de cocina
mug: mug, mugs, tasse, taza
boots: boots, boot, hiking boots, bottes, botte, chaussures de marche, chaussures de randonnee
boots: botas, bota, hiker, hikers
shoes: shoes, shoe, chaussures, zapatos
sandals: sandals, sandal, sandales, sandalias
socks: socks, sock, chaussettes, chaussette, calcetines, medias
rain jacket: rain jacket, raincoat, impermeable, veste de pluie, manteau de pluie
rain jacket: chaqueta impermeable, chamarra impermeable
jacket: jacket, jackets, veste, vestes, manteau, blouson, chaqueta, chaquetas, chamarra, campera
down jacket: down jacket, doudoune, chaqueta de plumas, plumifero
shell: shell, shells
fleece: fleece, polaire, polar, forro polar
vest: vest, chaleco, gilet
pants: pants, trousers, pantalon, pantalones
shirt: shirt, t-shirt, tshirt, chandail, chemise, camisa, camiseta, playera, remera
sweater: sweater, pull, sueter
hat: hat, beanie, tuque, bonnet, gorro
gloves: gloves, glove, gants, mitaines, guantes
lantern: lantern, lanterne, lampe, linterna, farol
headlamp: headlamp, headlamps, head torch, lampe frontale, frontale, linterna frontal
power bank: power bank, powerbank, batterie externe, bateria externa
bottle: bottle, water bottle, gourde, bouteille, botella, cantimplora
filter: water filter, filtre a eau, filtro de agua
knife: knife, couteau, navaja, cuchillo
poles: trekking poles, poles, batons de marche, batons de randonnee, batons, bastones
gift card: gift card, gift cards, carte cadeau, carte-cadeau, tarjeta de regalo
kayak: kayak, kayaks
paddle: paddle, pagaie, remo
harness: harness, harnais, arnes
cooler: cooler, glaciere, hielera, nevera
""")
PROPERTIES_TOO = frozenset(["impermeable"])
REASONS = _table("""
wrong size: too small, too big, too large, too tight, too loose, doesn't fit, does not fit
wrong size: don't fit, dont fit, wrong size, trop petit, trop petite, trop petites, trop grand
wrong size: trop grande, trop grandes, mauvaise taille, me va pas, muy pequeno, muy pequena
wrong size: muy grande, muy chico, muy chica, me queda chica, me queda chico, me queda grande
wrong size: me quedan grandes, me quedan chicas, me quedan pequenas, talla equivocada
wrong item: wrong item, wrong color, not what i ordered, wrong product, wrong one, mauvais article
wrong item: mauvais produit, mauvaise couleur, pas ce que j'ai commande, articulo equivocado
wrong item: producto equivocado, color equivocado, no es lo que pedi
damaged: damaged, broken, cracked, torn, ripped, stained, abime, abimee, casse, cassee, dechire
damaged: dechiree, tache, tachee, endommage, danado, danada, roto, rota, manchado, manchada
defective: defective, faulty, doesn't work, does not work, stopped working, leaks, leaking
defective: defectueux, defectueuse, ne marche pas, ne fonctionne pas, fuit, defectuoso, defectuosa
defective: no funciona, no sirve, gotea
changed mind: changed my mind, don't like it, dont like it, don't want it, no longer need
changed mind: don't need it, change d'avis, ne me plait pas, n'en veux plus, plus besoin
changed mind: cambie de opinion, no me gusta, ya no lo quiero, ya no lo necesito, me arrepenti
ordered by mistake: by mistake, by accident, accidentally, par erreur, por error, sin querer
arrived late: too late, arrived late, arrive trop tard, trop tard, llego tarde, demasiado tarde
found cheaper: found it cheaper, cheaper elsewhere, moins cher ailleurs, mas barato en otro
""")
RELATIVE = _table("""
today: today, aujourd'hui, hoy
yesterday: yesterday, hier, ayer
tomorrow: tomorrow, demain
last week: last week, la semaine derniere, la semaine passee, la semana pasada
next week: next week, la semaine prochaine, la semana que viene, la proxima semana
last month: last month, le mois dernier, el mes pasado
monday: monday, lundi, lunes
tuesday: tuesday, mardi, martes
wednesday: wednesday, mercredi, miercoles
thursday: thursday, jeudi, jueves
friday: friday, vendredi, viernes
saturday: saturday, samedi, sabado
sunday: sunday, dimanche, domingo
""")
_MONTHS = _table("""
1: january, jan, janvier, enero
2: february, feb, fevrier, febrero
3: march, mars, marzo
4: april, apr, avril, abril
5: may, mai, mayo
6: june, jun, juin, junio
7: july, jul, juillet, julio
8: august, aug, aout, agosto
9: september, sept, sep, septembre, septiembre
10: october, oct, octobre, octubre
11: november, nov, novembre, noviembre
12: december, dec, decembre, diciembre
""")
MONTHS = {word: int(month) for word, month in _MONTHS.items()}
NUMBERS = _table("""
1: one, une
2: two, deux, dos
3: three, trois, tres
4: four, quatre, cuatro
5: five, cinq, cinco
6: six, seis
7: seven, sept, siete
8: eight, huit, ocho
9: nine, neuf, nueve
10: ten, dix, diez
12: twelve, a dozen, douze, doce
""")
CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD", "dolar": "USD",
    "dolare": "USD", "dolares": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP",
    "pesos": "MXN", "piastre": "CAD", "piastres": "CAD",
}  # fmt: skip
NOT_CODES = ("TOKEN", "USB", "COVID", "ISO", "IPX", "MP3")  # loud, but not codes
_COUNTED = dict.fromkeys(
    ("pairs", "paires", "pares", "items", "articles", "articulos", "of them", "units", "unidades", "pieces",
     "parcels", "colis", "paquetes", *PRODUCTS), "",
)  # fmt: skip

COLOR_PATTERN = _pattern(COLORS)
SIZE_PATTERN = _pattern(SIZES)
PRODUCT_PATTERN = _pattern(PRODUCTS)
REASON_PATTERN = _pattern(REASONS)
RELATIVE_PATTERN = _pattern(RELATIVE)
MONTH_PATTERN = _pattern(_MONTHS)
NUMBER_PATTERN = _pattern(NUMBERS)
COUNTED_PATTERN = _pattern(_COUNTED)
