"""The query pack in Azure: a workbook and alert rules, made of the same files that are asked here."""
