"""Word lists that tell names from the words customers write all day, in English, French and Spanish."""

from functools import cache

# Words that are never a name after "my name is" or "I'm", and end one that has begun.
_COMMON = """
a about above account actually add address after again all almost already also although always am an and
another any anybody anyone anything app are around as ask asking at available away back bad be because been
before being best better between big black blue both box brand bring broken brown but buy buying by call
called came can cancel canceling cannot cant card cards care case change changed charge charged chat check
checking cheers city client code come company complaint confused contact correct could currently curious
customer customers damaged day days dear delay delayed deliver delivered delivery did didnt different
disappointed discount do does doesnt done dont dot down due each early either else email emails enough even
ever every everyone everything exchange expected expecting extremely false fantastic feedback few fine first
for forward free from frustrated full furious get getting gift give given go going gone good got great green
grey gray guest guys had happy has hate have having he hello help her here hey hi him his hold home hope how
however i id if im impossible in incorrect info interested into is isnt issue it item items its ive just
keep kind kindly know large last late later leave left less let like little live ll long look looking lost
lot love mad made mail make making manager many matter may maybe me mean medium member message might mine
misspelled missing moment
more morning most moved mr mrs ms much must my myself name named names need needed needs
never new news next nice no nobody none nope nor not nothing now number of off ok okay old on once one only
open or order ordered ordering orders other our out over package packages paid pay payment people person
phone pink please poor possible present price problem product products promo purple question quick quite
rather re read ready real really received red refund refunded regarding regards replacement request return
returned returning returns ridiculous right said same saw say says see seem seen sender sent service set
several shall she ship shipped shipping shop short should shouldnt sick sincerely since size sizes small so
some someone something soon sorry spelled status still stolen store stuck student stuff such support sure
take taken talk team terrible than thank thanks that thats the their them then there these they thing things
think this those though three tired to today together told tomorrow tonight too track tracking tried true
try trying two unable unacceptable under unhappy until up upset urgent us use used user using ve very via
waiting want wanted was wasnt watch way we website week weeks welcome well went were what whats when where
which while white who whole whom whose why will with without won wondering wont work working worried worst
booking confirmation policy claim password passport ssn digits street avenue road city state country birthday
birth dob login username speaking writing apartment pin zip ending please
would wrong x year years yellow yes yesterday yet you your yours
monday tuesday wednesday thursday friday saturday sunday january february march april june july august
september october november december christmas easter english french spanish canada france spain england uk
usa america american canadian british europe paypal visa mastercard amex klarna ups fedex usps dhl google
apple amazon instagram facebook whatsapp android iphone
abord ai alors ami appelle apres as assez attends au aucun aujourd aujourdhui aussi autre aux avais avant
avec avez avoir avons bien bon bonjour bonne bonsoir car ce cela ces cet cette chez client cliente colis
combien comme comment commande commandes compte content contente contre cordialement dans de deja demain
demande depuis des desole desolee deux deviens dois dont du elle elles en encore est et etait etais ete etes
etre eux faire fait faut fois furieux furieuse hier il ils inquiet inquiete intéresse interesse jamais je
jour jours la le les leur livraison livre lui ma mais malade mal me mecontent mecontente meme merci mes
message moi moins mon monsieur madame ne ni nom non nos notre nous nouveau nouvelle numero on ont ou oui par
parce pas perdu peut peux plus plutot pour pourquoi pourrais pouvez prenom probleme qu quand que quel quelle
qui quoi rembourse remboursement retard retour sa salut sans se ses seul si soit sommes son sont suis sur
ta te tellement tes toi ton toujours tous tout toute tres triste trop tu un une urgent vais valable veux voici
voila vos votre voudrais vous vrai vraiment
lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout
septembre octobre novembre decembre
a ahora al algo alguien algun alguna alli antes apellido aqui asi aun aunque ayer ayuda bastante bien buenas
bueno buenos cada casi cliente clienta como con correo cosa cual cuando cuanto cuenta de decepcionado
decepcionada del desde despues dia dias donde dos el ella ellos en encantado encantada enfadado enfadada
enfermo enferma entonces entre envio era eres es esa ese eso esta estaba estado estan estar este esto estoy
fue fuera gracias gustaria ha haber habia hace hacer hacia han hasta hay he hola hoy igual incorrecto la las
le les lo los luego mal manana mas me mejor menos mi mientras mio mis mismo momento mucha muchas mucho muchos
muy nada nadie ni ningun no nombre nos nosotros nuestro nueva nuevo numero nunca o otra otro paquete para
pedido pedidos perdido pero perdon persona pero podria poco por porque posible primera primero problema
pronto puede pueden puedo pues que quien quiero quisiera reembolso saludos se sea senor senora ser si
siempre sigo sin sobre solo somos son soy su sus tal tambien tan tanto tarde te tengo tiene todavia todo
todos trabajo tu tus un una unas uno unos urgente usted ustedes va vale veces ver vez vivo voy y ya yo
lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto
septiembre octubre noviembre diciembre
"""

# Names that are also words, colors, months, goods or places: a capital inside a sentence or an
# introduction ("my name is") must say that a person is meant.
_BOTH = """
ace alba alma amber angel april archer art ash aspen august aurora autumn baker ball banks basil bay bean
belle bell best bill bird bishop black blanc blanca blanche blue bond booker bowman bright brook brooke
brooks brown buck buddy bush butcher butler candy carpenter carter case chance charity chase cherry christian
church clay cliff cole colt cook cooper cross crystal cruz cruise daisy dale dawn day dean destiny dolores
drew duke dusty eagle earl early ember english eve faith farmer fern fields field fisher fleur flores flora
flower ford forest forrest foster fox frank frost gene ginger glen gold golden grace grant gray green grey
guy hall harbor harper hart harvest hawk hazel heath heather hill hills holiday holly hope house hunt hunter
iris ivory ivy jack jade jasmine jay jean jeans jewel joy june juniper justice kay king kit knight lake lane
laurel leaf lee leo levi lily linden liberty little long love low luna luz lynn major mar maria mark marks
marin marine martin mason max may meadow melody mercy merit miles milo miller mills mint misty moon moss mont
mora myrtle noble noel nova oak oakley ocean olive opal page paige paris park parker parks patience pat paz
pearl penny perry petit piper pine pierce pierre poppy porter potter power powers presley price prince queen
rain raven ray reed reid rey rich rio river rivers rob robin rock roman rosa rose roses rowan roy ruby rue
rush rusty sage sailor sally sandy savannah scout sharp short sky skye skylar small smart snow sol soledad
spencer star starr stella sterling stone storm stout strange street strong sue summer summers sunny swan
taylor terra tent trinity troy true turner tyler vale van velvet victor victoria viola violet virginia wade
walker ward waters way wells west white wild will wilder winter winters wise wolf wood woods wren wright
young zen main broadway park market center centre union church high mill station castle lincoln washington
austin houston dallas charlotte jackson madison phoenix orlando florence sydney london brooklyn georgia
carolina dakota montana israel asia india china chelsea kent devon jordan kenya cairn alder
claro clara sierra reina leon delgado rubio moreno blanco bravo campos castillo fuentes iglesias montes
navarro pascual prado ramos rico rojas rojo serrano toro torres valle vega vida grand leblanc lebrun legrand
lefort marchand boulanger berger roi roux sauvage noir blond bleu vert
"""

_FIRST = """
aaron abdul abdullah abigail adam adele adrian adriana agnes agathe ahmad ahmed aidan aisha alain alan
albert alberto alejandra alejandro alessandro alex alexander alexandra alexandre alexis alfonso alfred
alfredo ali alice alicia alina alison allison alvaro alyssa amanda amelia amelie amina amir amit amy ana
anais andre andrea andreas andres andrew andy angela angelica angie anika anita ann anna anne annette annie
anthony antoine anton antonio anya aoife arav aarav ariana ariel arjun arnaud arthur arturo asha ashley
audrey aurelie aurelien ava axel ayesha baptiste barbara beatrice beatriz ben benjamin bernard bernardo
bertrand beth bethany betty bianca blake bob bobby brad bradley brandon brenda brendan brett brian bridget
bruce bruno bryan caitlin caleb camila camille carl carla carlos carmen carol caroline carolyn cassandra
catalina catherine cecile cecilia celia celine cesar charles charlie chen chiara chloe chris christina
christine christophe christopher cindy claire clarisse claude claudia claudio clement cody colin colleen
connor consuelo corentin corey corinne courtney craig cristian cristina curtis cynthia damien dan dana
daniel daniela danielle danny daphne darius darren dave david deborah debra delphine denis denise dennis
derek deepak diana diane diego dieter dimitri dmitri dominic dominique donald donna dorothy doug douglas
dylan eddie edgar eduardo edward edwin eileen elaine eleanor elena eleonore eli elias elijah elisa elisabeth
elise eliza elizabeth ella ellen ellie elodie eloise elsa emil emile emilia emilie emilio emily emma
emmanuel enrique enzo eric erica erik erika erin ernesto estelle esteban esther ethan etienne eugene eva
evan evelyn fabien fabienne fabio fatima federico felipe felix fernanda fernando fiona florent florian
frances francesca francesco francis francisco franck francois francoise fred frederic frederick gabriel
gabriela gabrielle gael gareth gary gaspard gemma genevieve geoffrey george gerald gerard gerardo gilles
giovanni giulia gloria gonzalo gordon grace graham greg gregory guadalupe guillaume guillermo gustavo hannah
hans harold harriet harry hassan hector heidi helen helena helene henri henry herve hiroshi hugh hugo
hussein ian ibrahim ignacio ingrid ines inigo irene irina isaac isabel isabella isabelle ismael ivan jacob
jacqueline jacques jaime jake james jamie jan jane janet janice jared jason javier jeanne jeff jeffrey jen
jenna jennifer jenny jeremy jerome jerry jesse jessica jesus jill jim jimmy joan joanna joaquin joe joel
johan johanna john johnny jon jonas jonathan jorge jose josefina joseph josephine josh joshua josie joyce
juan juana juanita judith judy jules julia julian juliana julie julien juliet juliette julio justin justine
karen karim karina karl kate katherine kathleen kathryn kathy katia katie katrina kavya keith kelly ken
kenji kenneth kenny kevin khalid kim kimberly kristen kristin kyle lars laszlo latoya laura lauren laurence
laurent lautaro lawrence lea leah leila leila lena leonard leonardo leslie liam lillian linda lindsay lionel
lisa logan lois lola lorena lorenzo lori lorraine louis louise luca lucas lucia lucie lucy luis luisa lukas
luke lydia madeleine mael magali manon manuel manuela marc marcel marcela marcelo marco marcos marcus
margaret margarita margaux margot mariam mariana marianne marie marilyn marina mario marion marisol marissa
marjorie marlene marta martha martina martine mary mateo mathieu mathilde matt matteo matthew matthieu
matthias maureen maurice mauricio maxence maxime maxwell megan mehdi mei melanie melinda melissa mercedes
meredith michael michel michele michelle miguel mike mikhail milan milena mireille miriam mohamed mohammad
mohammed molly monica monique morgan moritz muhammad mustafa nadia nadine nancy naomi natalia natalie
natasha nathalie nathan neha neil nicholas nicola nicolas nicole nigel nikhil nikita nikolai nina noah
noelia noemie nora norah norma octavio odile oleg olga oliver olivia olivier omar oscar oswaldo owen pablo
paloma pamela paola pascale patrice patricia patrick paul paula pauline pedro peggy pete peter philip
philippe phil phoebe pilar priya quentin rachel rachid rafael rahul raj rajesh ralph ramon ramona randy
raphael raquel raul raymond rebecca regina regis remi rene renee ricardo richard rick ricky rita robert
roberto rocio rodrigo rodney roger rohan roland romain ronald rosalind rosario rosemary roxane ruben russell
ruth ryan sabine sabrina salma salvador sam samantha samir samuel sandra sandrine sanjay santiago sara sarah
sasha scott sean sebastian sebastien serena serge sergei sergio seth shannon sharon shaun shawn sheila
sherry shirley silvia simon simone sofia sofie solange sonia sonya sophia sophie stacey stacy stanley stefan
stephane stephanie stephen steve steven stuart susan susana susanne suzanne svetlana sylvia sylvie tamara
tania tanya tara tatiana ted teresa terry tessa theo theodore theresa therese thibault thierry thomas
tiffany tim timothy tina tobias todd tom tomas tommy toni tony tracy travis trevor tristan ulrich ursula
valentin valentina valerie vanessa veronica veronique vicente vicky vikram vincent viviana vivian vladimir
walter wanda wayne wendy wei wilfried william wyatt xavier ximena yan yanis yann yara yasmin yasmine yolanda
yousef yuki yusuf yves yvette yvonne zachary zacharie zoe zoey
"""

# Makes of clothes and gear that carry a person's name: "Calvin Klein jeans" is not about Calvin.
_MAKES = """
calvin klein|michael kors|tommy hilfiger|ralph lauren|kate spade|marc jacobs|hugo boss|
jack wolfskin|eddie bauer|helly hansen|tory burch|dr martens|jimmy choo|louis vuitton|tommy bahama|
steve madden|stella mccartney|johnnie walker
"""


@cache
def common_words() -> frozenset[str]:
    """Words that are no name."""
    return frozenset(_COMMON.split())


@cache
def doubtful_names() -> frozenset[str]:
    """Words that may be a name and usually are not."""
    return frozenset(_BOTH.split()) | common_words()


@cache
def first_names() -> frozenset[str]:
    """First names that are hardly ever anything else."""
    return frozenset(_FIRST.split()) - doubtful_names()


@cache
def makes() -> frozenset[tuple[str, str]]:
    """Pairs of words that look like a person and are a brand."""
    pairs = (pair.split() for pair in _MAKES.replace("\n", "").split("|"))
    return frozenset((first, second) for first, second in pairs)
