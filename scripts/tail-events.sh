#!/bin/sh
# Follows the feed of a message bus: one JSON message a line, until interrupted.
#
#   tail-events.sh [-n] [BUS]
#
#   -n    only what is new from now on; without it, all that is there comes first
#   BUS   the bus folder; else $SIGNALBOX_BUS, else the nearest .message-bus upwards
#
# Exit: 2 bad usage, or no bus found.

set -u

usage() {
  printf 'usage: %s [-n] [BUS]\n' "${0##*/}" >&2
  exit 2
}

find_bus() {
  if [ -n "${SIGNALBOX_BUS:-}" ]; then
    printf '%s\n' "$SIGNALBOX_BUS"
    return 0
  fi
  folder=$(pwd -P)
  while [ ! -d "${folder%/}/.message-bus" ]; do
    [ "$folder" != / ] || return 1
    folder=${folder%/*}
    folder=${folder:-/}
  done
  printf '%s\n' "${folder%/}/.message-bus"
}

from=+1
while getopts n option; do
  case $option in
    n) from=0 ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -le 1 ] || usage

bus=${1:-$(find_bus)}
if [ ! -d "$bus" ]; then
  printf '%s: no message bus %s; run "signalbox init", or set SIGNALBOX_BUS\n' \
    "${0##*/}" "${bus:+at $bus}" >&2
  exit 2
fi

# -F and not -f: the feed may be replaced by a new file, or not be there yet.
exec tail -n "$from" -F -- "$bus/queue.jsonl"
