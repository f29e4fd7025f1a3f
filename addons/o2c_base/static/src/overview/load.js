import {status, useComponent, useState} from "@odoo/owl";

const FOR_READERS = "odoo.exceptions.";
const NO_RIGHT = "odoo.exceptions.AccessError";

/** Whether the error speaks to the user; what broke inside goes to the server's log. */
function isForReaders(error) {
    return Boolean(error.exceptionName?.startsWith(FOR_READERS));
}

/**
 * Something that is asked of the server, with the states a reader has to see:
 * "loading", "ready", "denied" and "error". While it is asked for anew, what was
 * there stays on the screen.
 *
 * @param {Function} ask returns a promise of the data
 * @returns {Object} reactive: state, data, message, load(), fail()
 */
export function useLoad(ask) {
    const component = useComponent();
    let turn = 0;
    const loaded = useState({
        state: "loading",
        data: null,
        message: "",
        fail(message = "", state = "error") {
            Object.assign(loaded, {state, message, data: null});
        },
        async load() {
            const mine = ++turn;
            if (!loaded.data) {
                loaded.state = "loading";
            }
            try {
                const data = await ask();
                if (mine === turn && status(component) !== "destroyed") {
                    Object.assign(loaded, {state: "ready", data});
                }
            } catch (error) {
                if (mine === turn && status(component) !== "destroyed") {
                    loaded.fail(
                        isForReaders(error) ? error.data.message : "",
                        error.exceptionName === NO_RIGHT ? "denied" : "error"
                    );
                }
            }
        },
    });
    return loaded;
}
