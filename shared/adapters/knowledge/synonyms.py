"""Which words mean the same to a customer of a shop, in English, French and Spanish."""

from functools import lru_cache

from shared.adapters.knowledge.folding import stem, stems
from shared.contracts import Language

# One line is one concept. Words only: a phrase is listed by the word that carries it.
_CONCEPTS: dict[Language, str] = {
    "en": """
        refund reimbursement reimburse restitution compensation rebate moneyback
        money cash funds
        return returns returning sendback
        order purchase buy bought item product article
        cancel cancellation revoke undo abort
        deliver delivery shipping shipment ship dispatch send freight transport courier carrier
        parcel package box packet
        track tracking trace locate whereabouts
        arrive arrival come get receive
        late delay delayed overdue slow
        lost missing stolen vanished disappeared
        price cost fee charge rate amount expensive
        pay payment paid paying
        invoice bill receipt billing statement
        card credit debit visa mastercard
        discount promo promotion promotional coupon voucher code offer deal sale
        account profile login signin registration register signup user username
        password passcode pin credentials
        delete remove close deactivate erase
        change modify edit update alter switch correct swap adjust
        address street moved moving home
        size fit sizing measurement large small tight larger smaller bigger
        exchange swap replace replacement
        broken defective defect damaged faulty flaw stain torn
        warranty guarantee
        repair fix mend
        subscription subscribe membership plan
        newsletter mailing bulletin unsubscribe
        points loyalty rewards reward tier
        use redeem
        complaint complain claim dissatisfied unhappy
        feedback review opinion comment rating
        agent human person representative operator someone staff advisor
        contact call phone reach talk speak email chat
        store shop
        stock available availability restock backorder inventory
        material fabric made composition
        wash clean care laundry
        quick fast express overnight urgent soon
        abroad international overseas country customs peru mexico chile colombia argentina brazil japan china
        europe european germany france spain italy belgium portugal netherlands austria ireland poland sweden
        wrong mistaken incorrect different
        hole rip tear torn damaged broken defective defect
        company corporate business team wholesale bulk
        hours open opening time schedule
        error problem issue trouble bug fail glitch crash
        website site app page web
        gift present giftcard
        bulk wholesale reseller
        waterproof rain water wet
        weight weigh heavy light
        warm temperature cold
    """,
    "fr": """
        remboursement rembourser argent restitution avoir
        retour retourner renvoyer rendre renvoi reprendre repris
        commande achat acheter article produit
        annuler annulation resilier resiliation arreter
        livraison livrer expedition expedier envoi envoyer transport transporteur acheminement
        colis paquet
        suivi suivre localiser tracer
        arriver arrivee recevoir recu reception
        retard tarder lent
        perdu manquant vole disparu introuvable
        prix cout couter frais tarif cher montant
        gratuit offert gratuitement
        expirer expiration validite valable perimer
        versement fois mensualite
        concurrent concurrence revendeur
        payer paiement reglement regler
        facture justificatif facturation
        carte bancaire visa
        remise reduction promo promotion code coupon bon offre solde rabais
        compte profil connexion connecter identifiant inscription
        passe motdepasse mdp
        supprimer effacer fermer desactiver cloturer
        changer modifier corriger rectifier remplacer
        adresse demenager domicile rue
        taille pointure dimension grand petit
        echange echanger remplacement
        casse defectueux defaut abime endommage
        garantie garanti
        reparer reparation
        abonnement abonner
        newsletter lettre infolettre
        points fidelite recompense
        utiliser employer
        reclamation plainte plaindre mecontent
        avis commentaire
        conseiller humain personne agent operateur quelqu
        contacter appeler rappeler rappel telephone joindre parler
        magasin boutique
        stock disponible disponibilite rupture
        laver nettoyer entretien lavage
        vite rapide express urgent lendemain
        etranger international pays douane perou mexique chili colombie argentine bresil japon chine
        europe europeenne allemagne france espagne italie belgique suisse portugal luxembourg irlande autriche
        mauvais errone incorrect faux different erreur
        trou dechire troue abime defaut defectueux
        horaire ouvert ouverture heure
        erreur probleme souci bug panne
        site page application
        cadeau
        gros professionnel revendeur entreprise
    """,
    "es": """
        reembolso reembolsar dinero devolvermelo reintegro
        devolucion devolver regresar retornar
        pedido compra comprar orden articulo producto
        cancelar cancelacion anular anulacion baja terminar
        envio enviar entrega entregar expedicion despacho transporte transportista mandar
        paquete caja bulto
        seguimiento rastrear rastreo localizar
        llegar llegada recibir
        retraso tarde tardar demora
        perdido falta robado extraviado desaparecido
        precio coste costo costar cuesta tarifa gasto caro importe
        gratis gratuito gratuitamente
        caducar vencer expirar valer vigencia
        plazo cuota mensualidad
        pagar pago
        factura recibo facturacion comprobante
        tarjeta credito debito
        descuento promocion promocional codigo cupon oferta rebaja vale
        cuenta perfil sesion usuario registro
        contrasena clave
        eliminar borrar cerrar
        cambiar modificar corregir actualizar
        direccion domicilio mudar calle
        talla tamano medida numero
        cambio reemplazo
        roto defectuoso defecto danado averiado estropeado
        garantia
        reparar reparacion arreglar
        suscripcion suscribir suscriptor
        boletin newsletter
        puntos fidelidad lealtad
        usar utilizar canjear uso
        queja reclamacion reclamar
        opinion comentario
        agente humano persona operador asesor
        contactar llamar telefono hablar
        tienda
        existencias disponible disponibilidad stock agotado
        lavar limpiar cuidado
        rapido expres urgente
        extranjero internacional pais aduana peru mexico chile colombia argentina brasil japon china
        europa europea alemania francia espana italia belgica portugal irlanda austria holanda
        equivocado incorrecto erroneo otro distinto error
        agujero roto rasgado defecto defectuoso
        horario abierto hora atencion atender
        error problema fallo
        sitio web pagina aplicacion
        regalo
        mayorista mayor empresa
    """,
}


def concepts(text: str, language: Language) -> list[str]:
    """The names of the concepts that the words of `text` belong to; `~3` can be no stem."""
    by_stem = _by_stem(language)
    return [concept for word in stems(text, language) for concept in by_stem.get(word, ())]


@lru_cache(maxsize=3)
def _by_stem(language: Language) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for n, line in enumerate(_CONCEPTS[language].strip().splitlines()):
        for root in {stem(word, language) for word in line.split()}:
            found[root] = (*found.get(root, ()), f"~{n}")
    return found
