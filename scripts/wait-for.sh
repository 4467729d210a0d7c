#!/bin/sh
# Waits until an event is there, and prints what its file holds.
#
#   wait-for.sh TYPE ID [TIMEOUT-SECONDS]
#   wait-for.sh PAUSE_REQUESTED '' [TIMEOUT-SECONDS]
#
# Waits for events/TYPE_ID.event, without a timeout for ever; a timeout of 0 looks once.
# The bus is $SIGNALBOX_BUS, else the nearest .message-bus upwards.
#
# Exit: 0 it is there; 1 it did not come in time; 2 bad usage, or no bus found.

set -u
LC_ALL=C
export LC_ALL

refuse() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
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

{ [ $# -ge 2 ] && [ $# -le 3 ]; } || refuse "usage: ${0##*/} TYPE ID [TIMEOUT-SECONDS]"
type=$1
id=$2
timeout=${3:-}

case $type in
  '' | [!A-Z]* | *[!A-Z_]*) refuse "\"$type\" is no event type; one is TASK_COMPLETE" ;;
esac
case $id in
  '') [ "$type" = PAUSE_REQUESTED ] || refuse "$type needs an id" ;;
  [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*)
    refuse "\"$id\" is no id: letters, digits, \".\", \"_\" and \"-\", beginning with a letter or digit"
    ;;
esac
case $timeout in
  *[!0-9]*) refuse "\"$timeout\" is no timeout; give whole seconds" ;;
esac

bus=$(find_bus) || refuse 'no message bus here or above; run "signalbox init", or set SIGNALBOX_BUS'
[ -d "$bus" ] || refuse "there is no message bus at $bus; run \"signalbox init\""

event=$bus/events/$type${id:+_$id}.event
if [ -n "$timeout" ]; then deadline=$(($(date +%s) + timeout)); fi

until [ -e "$event" ]; do
  if [ -n "$timeout" ] && [ "$(date +%s)" -ge "$deadline" ]; then
    printf '%s: no %s within %s s\n' "${0##*/}" "${event##*/}" "$timeout" >&2
    exit 1
  fi
  # A part of a second is not POSIX, but known nearly everywhere.
  sleep 0.1 2>/dev/null || sleep 1
done

# It is there, which is the signal; that it may be taken away before it is read is no failure.
if [ -f "$event" ]; then cat -- "$event" 2>/dev/null || :; fi
exit 0
