import threading
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.orm.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import mute_logger

#: Nobody is written to: the rows would stay, the mails would leave.
QUIET = {
    "mail_activity_quick_update": True,
    "mail_create_nosubscribe": True,
    "mail_notify_force_send": False,
    "tracking_disable": True,
}
WAIT_SECONDS = 60


class RaceCase(BaseCase):
    """Real transactions side by side; what they leave is removed again."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(Registry, "_lock", threading.RLock()))
        self.registry = Registry(get_db_name())
        self.addCleanup(self.committed, self._remove)
        self.committed(self._remove)

    def _remove(self, env):
        """Remove what a race leaves."""
        raise NotImplementedError

    def committed(self, function):
        """What ``function(env)`` returns, in a transaction of its own."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, QUIET)
            result = function(env)
            env.flush_all()
            return result

    def at_once(self, numbers, read, act):
        """Have a worker for each number act once all of them have read.

        :param read: function of an environment and a number
        :param act: the same; done again, like a request, where it collides
        :return: how often each worker had to begin, and what went wrong
        """
        everybody_has_read = threading.Barrier(len(numbers))
        tries = dict.fromkeys(numbers, 0)
        errors = []

        def run(number):
            try:
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, QUIET)

                    def work():
                        tries[number] += 1
                        read(env, number)
                        if tries[number] == 1:
                            everybody_has_read.wait(WAIT_SECONDS)
                        act(env, number)

                    retrying(work, env)
            except Exception as error:  # noqa: BLE001 handed to the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=[number]) for number in numbers]
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(WAIT_SECONDS)
        return tries, errors
