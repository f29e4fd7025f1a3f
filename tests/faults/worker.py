# ruff: noqa: F821 (env and PORT are what the test gives)
# A worker process: takes orders from the test over a socket until it is closed.
import json
import socket

from odoo.tools import config

from odoo.addons.base.models import ir_mail_server

# Core would wait a minute for a connection.
ir_mail_server.SMTP_TIMEOUT = 2
env.cr.commit()
with (
    socket.create_connection(("127.0.0.1", PORT)) as connection,
    connection.makefile("rw") as orders,
):
    for line in orders:
        order = json.loads(line)
        config["smtp_port"] = order["smtp_port"]
        exec(order["script"], {"env": env})  # noqa: S102
        env.cr.commit()
        orders.write("done\n")
        orders.flush()
