"""What Odoo itself takes to hand over e-mails of one line, for comparison.

    python -m tests.bench.core_mails [--count 2000]

No reminder is decided about, written or followed: what is left is the least that a
night costs whose e-mails are Odoo's, sent by its own queue, one process.
"""

import argparse

from aiosmtpd.controller import Controller

from dev import testing

from .night import Swallow
from .run import MARK, read_result

SEND = """
import json, time
mails = env["mail.mail"].create([
    {{
        "subject": "Reminder",
        "body_html": "<p>Please pay.</p>",
        "email_from": "billing@seller.example",
        "email_to": f"customer{{number}}@buyer.example",
        "auto_delete": False,
    }}
    for number in range({count})
])
env.cr.commit()
start, begin = time.perf_counter(), time.process_time()
mails.send(auto_commit=True)
result = {{
    "seconds": time.perf_counter() - start,
    "cpu_seconds": time.process_time() - begin,
    "states": sorted(set(mails.mapped("state"))),
}}
print({mark!r} + json.dumps(result))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    count = parser.parse_args().count
    database = testing.new_database("core_mails")
    server = Swallow()
    controller = Controller(server, hostname="127.0.0.1", port=testing.free_port())
    controller.start()
    try:
        script = SEND.format(count=count, mark=MARK)
        options = testing.smtp_options(controller.port)
        result = read_result(testing.run_script(database, script, *options))
    finally:
        controller.stop()
        testing.drop_database(database)
    print(f"{result}, {server.count} arrived")


if __name__ == "__main__":
    main()
