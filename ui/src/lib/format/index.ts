import { createFormatter, userLocale } from "./format";

/** The formatter of this reader's locale. */
export const format = createFormatter(userLocale());
