export interface SmallWatch {
  close(): Promise<void>;
}

/**
 * Watches folders and files that stay small, on any platform and file system that chokidar knows. Loaded when it is first
 * needed, because it takes 30 ms; not for folders that grow, where its cost grows with every file (see DropBox).
 */
export async function watchSmall(paths: string | string[], onChange: () => void): Promise<SmallWatch> {
  const { watch } = await import('chokidar');
  const watcher = watch(paths, { depth: 0, ignoreInitial: true, followSymlinks: false });
  watcher.on('all', onChange);
  // Without a watch (too many in use) the caller's own rounds still find what is there.
  watcher.on('error', () => undefined);
  await new Promise<void>(resolve => watcher.once('ready', resolve));
  // What came between the first look and the watch is told by nobody.
  onChange();
  return { close: () => watcher.close() };
}
