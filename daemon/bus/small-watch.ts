export interface SmallWatch {
  close(): Promise<void>;
}

/** chokidar drops a change that follows another within 50 ms, though it may be the one that made the file whole. */
const LOOK_AGAIN_MS = 100;

/**
 * Watches folders and files that stay small, on any platform and file system that chokidar knows. Loaded when it is first
 * needed, because it takes 30 ms; not for folders that grow, where its cost grows with every file (see DropBox).
 */
export async function watchSmall(paths: string | string[], onChange: () => void): Promise<SmallWatch> {
  const { watch } = await import('chokidar');
  const watcher = watch(paths, { depth: 0, ignoreInitial: true, followSymlinks: false });
  let later: NodeJS.Timeout | undefined;
  watcher.on('all', () => {
    onChange();
    clearTimeout(later);
    later = setTimeout(onChange, LOOK_AGAIN_MS);
  });
  // Without a watch (too many in use) the caller's own rounds still find what is there.
  watcher.on('error', () => undefined);
  await new Promise<void>(resolve => watcher.once('ready', resolve));
  // What came between the first look and the watch is told by nobody.
  onChange();
  return {
    close: () => {
      clearTimeout(later);
      return watcher.close();
    },
  };
}
