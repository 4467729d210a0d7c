/**
 * Versions of the facts' meaning; a journal of another one is refused until an upgrade is written for it. Apart from the
 * facts' schema, so that reading a journal does not load the schema library.
 */
export const FACT_VERSION = 1;

/**
 * Of a record that speaks of pruned runs, or that follows a gap which they left. Programs that know of neither refuse it
 * by that number, where they would otherwise take it for damage.
 */
export const PRUNED_VERSION = 2;

export type FactVersion = typeof FACT_VERSION | typeof PRUNED_VERSION;

export function isKnownVersion(version: number): version is FactVersion {
  return version === FACT_VERSION || version === PRUNED_VERSION;
}
