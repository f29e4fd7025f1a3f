"""Bring the add-ons' translation files up to date with their terms.

    python -m dev.translations [DATABASE]

Writes i18n/<add-on>.pot and merges it into each .po file there, from a database in
which the add-ons of this tree are installed (the test database unless told otherwise);
prints how many terms of each language are still to be translated.
"""

import sys

from dev import testing
from dev.paths import ADDONS

SCRIPT = """
import io
from pathlib import Path
import polib
from odoo.tools.translate import trans_export

for name in {names}:
    folder = Path({addons!r}) / name / "i18n"
    folder.mkdir(exist_ok=True)
    buffer = io.BytesIO()
    trans_export(None, [name], buffer, "po", env)
    template = folder / f"{{name}}.pot"
    template.write_bytes(buffer.getvalue())
    fresh = polib.pofile(str(template))
    for path in sorted(folder.glob("*.po")):
        language = polib.pofile(str(path))
        language.merge(fresh)
        for entry in language.obsolete_entries():
            language.remove(entry)
        language.save()
        print(f"{{path.name}} of {{name}}:", len(language.untranslated_entries()),
              "to translate,", len(language.fuzzy_entries()), "to look at")
"""


def main():
    names = sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))
    database = sys.argv[1] if len(sys.argv) > 1 else testing.template_database()
    print(testing.run_script(database, SCRIPT.format(names=names, addons=str(ADDONS))))


if __name__ == "__main__":
    main()
