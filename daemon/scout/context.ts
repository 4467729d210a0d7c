/** A list that was cut holds its first entries; `cut` says of which list how many are missing. */
export interface Context {
  /** UTC, ISO 8601, ending in `Z`. */
  readonly discovered_at: string;
  /** False where time ran out before all was looked at. */
  readonly complete: boolean;
  readonly structure: {
    readonly directories: readonly string[];
    readonly entry_points: readonly string[];
    readonly config_files: readonly string[];
  };
  readonly dependencies: { readonly external: readonly string[]; readonly internal: readonly string[] };
  /** What entry points export: path → name → where and what it is. */
  readonly functions: Readonly<Record<string, Readonly<Record<string, Exported>>>>;
  readonly patterns: {
    readonly framework: string;
    readonly style: string;
    readonly testing: string;
    readonly test_files: readonly string[];
    readonly build_scripts: readonly string[];
  };
  readonly hot_files: readonly { readonly path: string; readonly modification_count: number }[];
  readonly entry_points: readonly string[];
  readonly cut: Readonly<Record<string, number>>;
}

export interface Exported {
  readonly line: number;
  readonly type: string;
  readonly exports: true;
}

/** Sorts, and keeps the first so many; what was cut is counted under the list's name. */
export class Lists {
  readonly cut: Record<string, number> = {};

  take(name: string, values: Iterable<string>, most: number): string[] {
    const sorted = [...new Set(values)].sort();
    if (sorted.length > most) this.cut[name] = sorted.length - most;
    return sorted.slice(0, most);
  }
}
