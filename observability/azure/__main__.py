"""Writes workbook.json and main.tf.json: `python -m observability.azure`."""

from observability.azure.files import FILES, made

if __name__ == "__main__":
    for name, text in made().items():
        (FILES / name).write_text(text, "utf-8")
