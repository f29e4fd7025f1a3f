"""The one shape of routes that show or change a customer's account."""

import functools

from odoo.http import route


def account_page(path, *methods):
    """A page of an account: its method is called with the visitor's scope.

    Who has none is sent to the login; ``account`` in the address chooses among several.

    :param str path: of the page
    :param methods: of HTTP, such as GET and POST
    """

    def decorate(method):
        @functools.wraps(method)
        def page(self, account=None, **form):
            scope = self._scope(account)
            if not scope:
                return self._to_login()
            return method(self, scope, **form)

        return route(
            path,
            type="http",
            auth="public",
            website=True,
            sitemap=False,
            methods=list(methods),
        )(page)

    return decorate
