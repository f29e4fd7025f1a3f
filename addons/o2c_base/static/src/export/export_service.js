import {ExportDialog} from "./export_dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const POLL_MS = 1500;

/**
 * The rows to export of a list: those selected, else all that the search finds.
 *
 * @param {Object} root the list's data
 * @returns {Array} domain
 */
export function exportDomain(root) {
    const ids = root.isDomainSelected ? [] : root.selection.map((r) => r.resId);
    return ids.length ? [["id", "in", ids]] : root.domain;
}

function download(url) {
    const link = document.createElement("a");
    link.href = url;
    link.download = "";
    document.body.append(link);
    link.click();
    link.remove();
}

/**
 * Asks for Excel files, shows how far large ones are and hands them over; goes on
 * while the user does other things.
 */
export const exportService = {
    dependencies: ["orm", "dialog", "notification"],
    start(env, {orm, dialog, notification}) {
        function finish(status, isShown) {
            if (status.state === "done" && isShown) {
                download(status.url);
            } else if (status.state === "done") {
                const close = notification.add(_t("%s is ready.", status.name), {
                    type: "success",
                    sticky: true,
                    buttons: [
                        {
                            name: _t("Download"),
                            primary: true,
                            onClick: () => {
                                download(status.url);
                                close();
                            },
                        },
                    ],
                });
            } else {
                notification.add(status.error, {type: "danger", sticky: true});
            }
        }

        async function poll(id, onProgress) {
            for (;;) {
                await new Promise((resolve) => setTimeout(resolve, POLL_MS));
                let status = null;
                try {
                    status = await orm.silent.call("o2c.export", "status", [[id]]);
                } catch {
                    continue; // The connection comes back, or the page is left
                }
                onProgress(status);
                if (["done", "failed"].includes(status.state)) {
                    return status;
                }
            }
        }

        return {
            async start(model, domain, order, context) {
                const status = await orm.call(
                    "o2c.export",
                    "start",
                    [model, domain, order || null],
                    {context}
                );
                if (status.state === "done") {
                    download(status.url);
                    return;
                }
                let isShown = true;
                const listeners = [];
                const close = dialog.add(
                    ExportDialog,
                    {status, listen: (listener) => listeners.push(listener)},
                    {onClose: () => (isShown = false)}
                );
                poll(status.id, (now) => listeners.forEach((tell) => tell(now))).then(
                    (last) => {
                        finish(last, isShown);
                        close();
                    }
                );
            },
        };
    },
};

registry.category("services").add("o2c_export", exportService);
