#!/bin/bash
# Started in the container instead of its own entry point: builds the demo once,
# upgrades the add-ons when they have changed, and serves.
set -euo pipefail

database=o2c_demo
mail=(--smtp=mail --smtp-port=1025)
marker=/var/lib/odoo/o2c-built
addons=/mnt/extra-addons

modules=$(cd "$addons" && printf '%s\n' */__manifest__.py | xargs -n1 dirname | paste -sd,)
state=$(find "$addons" -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum)

run() {
    odoo --database="$database" "${mail[@]}" "$@"
}

build() {
    # Whatever an interrupted start has left.
    dropdb --if-exists --force "$database"
    rm -rf "/var/lib/odoo/filestore/$database"
    createdb --encoding=UTF8 --template=template0 --lc-collate=C "$database"
    run --init="$modules" --stop-after-init --no-http
    PYTHONPATH=/opt/o2c odoo shell --database="$database" "${mail[@]}" --no-http <<SCRIPT
settings = env["ir.config_parameter"].sudo()
settings.set_param("web.base.url", "$O2C_ADDRESS")
settings.set_param("web.base.url.freeze", "True")
from dev.demo import story
lines = story.build(env)
env.cr.commit()
print("The first run:", *lines, sep="\n  ")
SCRIPT
}

if [ ! -f "$marker" ]; then
    build
    echo "$state" > "$marker"
elif [ "$(cat "$marker")" != "$state" ]; then
    run --init="$modules" --update="$modules" --stop-after-init --no-http
    echo "$state" > "$marker"
fi

exec odoo --database="$database" --db-filter="^$database\$" --no-database-list "${mail[@]}"
