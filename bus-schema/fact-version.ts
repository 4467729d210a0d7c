/**
 * Version of the facts' meaning; a journal of another version is refused until an upgrade is written for it. Apart from
 * the facts' schema, so that reading a journal does not load the schema library.
 */
export const FACT_VERSION = 1;
