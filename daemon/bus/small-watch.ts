export interface SmallWatch {
  close(): Promise<void>;
}

/** chokidar drops a change that follows another within 50 ms, though it may be the one that made the file whole. */
const LOOK_AGAIN_MS = 100;
/** Where nothing can be watched. */
const LOOK_EACH_MS = 2000;

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
  // Without a watch (too many in use, or none to be had) there is nothing but to look.
  let looks: NodeJS.Timeout | undefined;
  watcher.on('error', () => {
    looks ??= setInterval(onChange, LOOK_EACH_MS);
  });
  await new Promise<void>(resolve => watcher.once('ready', resolve));
  // What came between the first look and the watch is told by nobody.
  onChange();
  return {
    close: () => {
      clearTimeout(later);
      clearInterval(looks);
      return watcher.close();
    },
  };
}
