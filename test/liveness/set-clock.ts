import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Stands before libc in every process that is started with it, and adds to the wall clock what a file says, in seconds. */
const SHIM = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const long long none;

static long long offset(void) {
  static const volatile long long *told;
  if (told == NULL) {
    const char *path = getenv("WALL_CLOCK_OFFSET");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, fd, 0);
    told = map == MAP_FAILED ? &none : map;
    if (fd >= 0) close(fd);
  }
  return *told;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int answer = real(clock, at);
  if (answer == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += offset();
  return answer;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) *at = now.tv_sec;
  return now.tv_sec;
}
`;

/** A wall clock that can be set, for the processes that are started with its environment; the machine's stays as it is. */
export class SetClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #offset: string;

  private constructor(library: string, offset: string) {
    this.#offset = offset;
    this.environment = { LD_PRELOAD: library, WALL_CLOCK_OFFSET: offset };
  }

  /** @param folder where it may put its files. */
  static make(folder: string): SetClock | { readonly why: string } {
    const [source, library] = [join(folder, 'clock.c'), join(folder, 'clock.so')];
    writeFileSync(source, SHIM);
    const made = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { encoding: 'utf8' });
    if (made.status !== 0)
      return { why: `no C library can be compiled here: ${made.error?.message ?? made.stderr}` };
    const clock = new SetClock(library, join(folder, 'offset'));
    clock.set(HOUR_MS);
    const told = spawnSync(process.execPath, ['-p', 'Date.now()'], {
      env: { ...process.env, ...clock.environment },
      encoding: 'utf8',
    });
    clock.set(0);
    const ahead = Number(told.stdout) - Date.now();
    return Math.abs(ahead - HOUR_MS) < HOUR_MS / 2
      ? clock
      : { why: `node asks another clock: ${told.stdout}${told.stderr}` };
  }

  /** Sets it so far ahead of the true time, or behind it. */
  set(offsetMs: number): void {
    const seconds = Buffer.alloc(8);
    seconds.writeBigInt64LE(BigInt(Math.round(offsetMs / 1000)));
    // In its place: others look at this very file.
    const fd = openSync(this.#offset, constants.O_CREAT | constants.O_WRONLY, 0o600);
    writeSync(fd, seconds);
    closeSync(fd);
  }
}

export const HOUR_MS = 3_600_000;
export const YEAR_MS = 365 * 24 * HOUR_MS;
