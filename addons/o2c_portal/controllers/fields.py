"""What people type into forms, read with care."""

import math

from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.exceptions import UserError

#: Files that prove something; whatever a browser would run is not among them.
EXTENSIONS = {
    *("pdf", "png", "jpg", "jpeg", "heic", "txt", "csv", "eml"),
    *("doc", "docx", "xls", "xlsx", "odt", "ods"),
}
FILES_MOST = 5
FILE_BYTES_MOST = 10 * 1024 * 1024
TEXT_MOST = 5000
#: Of an id; more would be no number of a record.
DIGITS = 9


def amount_of(text, env):
    """An amount as it is typed, with the language's comma or point; None if empty.

    :raise UserError: when it is no amount
    """
    text = str(text or "").strip()
    if not text:
        return None
    lang = env["res.lang"]._get_data(code=env.lang or env.user.lang or "en_US")
    point = lang.decimal_point or "."
    plain = text.replace("\u00a0", "").replace(" ", "").replace("'", "")
    if point == ",":
        plain = plain.replace(".", "") if "," in plain else plain
        plain = plain.replace(",", ".")
    else:
        plain = plain.replace(",", "")
    try:
        value = math.nan if "_" in plain else float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e12:
        raise UserError(env._("%s is no amount.", text[:40]))
    return value


def date_of(text, env):
    """A date as browsers send it.

    :raise UserError: when it is none
    """
    try:
        day = fields.Date.to_date(str(text or ""))
    except ValueError:
        day = None
    if not day:
        raise UserError(env._("Choose a day."))
    return day


def text_of(text, env, name=None):
    """A text without surrounding space, not too long.

    :param str name: what the field is called, where it must not be empty
    """
    text = str(text or "").strip()
    if name and not text:
        raise UserError(env._("Fill in: %s.", name))
    if len(text) > TEXT_MOST:
        raise UserError(env._("Write at most %s letters.", TEXT_MOST))
    return text


def files_of(request, name, env):
    """Uploaded files, of harmless kinds and sizes.

    :return: list of (name, content)
    """
    found = []
    for file in request.httprequest.files.getlist(name):
        if not file.filename:
            continue
        plain = file.filename.replace("\\", "/").rsplit("/", 1)[-1][:120]
        if plain.rsplit(".", 1)[-1].lower() not in EXTENSIONS or "." not in plain:
            raise UserError(
                env._("%(file)s: send PDF, pictures, text or office files.", file=plain)
            )
        content = file.read(FILE_BYTES_MOST + 1)
        if len(content) > FILE_BYTES_MOST:
            raise UserError(env._("%s is larger than 10 MB.", plain))
        found.append((plain, content))
    if len(found) > FILES_MOST:
        raise UserError(env._("Send at most %s files.", FILES_MOST))
    return found


def number_of(text):
    """An id in a form; what is none is not found."""
    for number in ids_of([text]):
        return number
    raise NotFound()


def ids_of(texts):
    """The ids among some texts; what is none, or too long to be one, is left out."""
    digits = (str(text or "") for text in texts)
    return {int(text) for text in digits if text.isdecimal() and len(text) <= DIGITS}
