import {useService} from "@web/core/utils/hooks";

/**
 * Open what is behind a figure: the action's own views over exactly the records that
 * were summed.
 *
 * @returns {Function} takes a link as the server gives it
 */
export function useLink() {
    const service = useService("action");
    return async (link) => {
        const action = await service.loadAction(link.action);
        return service.doAction({
            ...action,
            name: link.name,
            display_name: link.name,
            domain: link.domain,
            context: link.context,
            res_id: link.res_id || false,
            ...(link.res_id
                ? {views: [[false, "form"]], view_mode: "form"}
                : {}),
        });
    };
}
