"""The words for months, weekdays, small numbers in three languages, folded."""

from shared.contracts import Language

MONTHS = {
    name: n
    for n, names in enumerate(
        (
            "january jan janvier enero", "february feb fevrier febrero", "march mar mars marzo",
            "april apr avril abril", "may mai mayo", "june jun juin junio", "july jul juillet julio",
            "august aug aout agosto", "september sep sept septembre septiembre setiembre",
            "october oct octobre octubre", "november nov novembre noviembre",
            "december dec decembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
# Month names that are no other word, so that they mean a month alone too.
LONE_MONTHS = {name: n for name, n in MONTHS.items() if len(name) > 4 and name != "march"}
WEEKDAYS = {
    name: n
    for n, names in enumerate(
        (
            "monday lundi lunes", "tuesday mardi martes", "wednesday mercredi miercoles",
            "thursday jeudi jueves", "friday vendredi viernes", "saturday samedi sabado",
            "sunday dimanche domingo",
        )
    )
    for name in names.split()
}  # fmt: skip
NUMBERS = {
    name: n
    for n, names in {
        1: "one", 2: "two deux dos", 3: "three trois tres", 4: "four quatre cuatro", 5: "five cinq cinco",
        6: "six seis", 7: "seven sept siete", 8: "eight huit ocho", 9: "nine neuf nueve", 10: "ten dix diez",
        11: "eleven onze once", 12: "twelve douze doce", 13: "thirteen treize trece",
        14: "fourteen quatorze catorce", 15: "fifteen quinze quince", 16: "sixteen seize dieciseis",
        20: "twenty vingt veinte", 21: "veintiuno", 24: "veinticuatro", 30: "thirty trente treinta",
        40: "forty quarante cuarenta", 45: "forty-five", 50: "fifty cinquante cincuenta",
        60: "sixty soixante sesenta", 75: "seventy-five", 90: "ninety noventa",
        100: "hundred cent cien ciento",
    }.items()
    for name in names.split()
}  # fmt: skip
# Words that are a number in one language and something else in another ("works once").
ELSEWHERE: dict[str, Language] = {"once": "es", "cent": "fr", "seize": "fr", "dos": "es"}
