import {useHotkey} from "@web/core/hotkeys/hotkey_hook";

/** Where keys mean something else: a list of choices opens with letters and Enter. */
const TAKEN = "select, .modal, .o_popover";
const ENTER_TAKEN = `button, a, ${TAKEN}`;

const free = (taken) => ({isAvailable: (target) => !target.closest?.(taken)});

/**
 * The keys of call mode. Single letters and digits work wherever no text is typed;
 * Control and Enter save from inside a text as well.
 *
 * @param {CallMode} mode
 */
export function useCallKeys(mode) {
    const {state, root} = mode;
    const focus = (name) => root.el.querySelector(`[name=${name}]`)?.focus();
    const onCard = (act) => () => state.card && act();
    const confirm = onCard(() => (state.isSnoozing ? mode.snooze() : mode.save()));

    for (const digit of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        useHotkey(
            `${digit}`,
            onCard(() => {
                const outcome = state.card.outcomes[digit - 1];
                if (outcome && state.card.may_write) {
                    mode.choose(outcome);
                }
            }),
            free(TAKEN)
        );
    }
    useHotkey("n", onCard(() => focus("note")), free(TAKEN));
    useHotkey("d", onCard(() => focus("date_next")), free(TAKEN));
    useHotkey("p", onCard(() => focus("partner_id")), free(TAKEN));
    useHotkey("o", onCard(() => mode.open()), free(TAKEN));
    useHotkey(
        "s",
        onCard(() => {
            if (state.card.may_write) {
                state.isSnoozing = true;
                requestAnimationFrame(() => focus("snooze_date"));
            }
        }),
        free(TAKEN)
    );
    useHotkey("arrowright", onCard(() => mode.once(() => mode.next())), free(TAKEN));
    useHotkey("arrowleft", () => mode.once(() => mode.previous()), free(TAKEN));
    useHotkey("enter", () => (state.card ? confirm() : mode.leave()), free(ENTER_TAKEN));
    useHotkey("control+enter", confirm, {bypassEditableProtection: true});
    useHotkey(
        "escape",
        () => {
            const typed = document.activeElement;
            if (state.isSnoozing) {
                state.isSnoozing = false;
            } else if (typed?.matches("input, textarea, select")) {
                typed.blur();
            } else {
                mode.leave();
            }
        },
        free(".modal, .o_popover")
    );
}
