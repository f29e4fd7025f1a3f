"""What pages of an account tell browsers."""

#: Odoo's own pages need scripts beside their text, so no policy forbids these. What
#: needs none of it is closed: other bases for addresses, plugins, frames of others.
POLICY = "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"
FORMS = "; form-action 'self'"


def careful(response, referrer="same-origin", leads_away=False):
    """Have a page kept by nobody, framed by nobody, and told to nobody.

    :param str referrer: to whom the page's address is told
    :param bool leads_away: whether its form goes to a payment provider
    :return: the response
    """
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "Referrer-Policy": referrer,
            "X-Frame-Options": "SAMEORIGIN",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": POLICY + ("" if leads_away else FORMS),
        }
    )
    return response
