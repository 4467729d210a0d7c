#!/bin/sh
# Puts an event into the bus, whole at once.
#
#   emit.sh TYPE ID [BODY]
#   emit.sh PAUSE_REQUESTED
#
# Makes events/TYPE_ID.event with BODY in it. Without BODY it is empty, or, inside a task (SIGNALBOX_TOKEN and
# SIGNALBOX_ATTEMPT_ID are set), the message that names the attempt, so that it can be taken for no other.
# The bus is $SIGNALBOX_BUS, else the nearest .message-bus upwards.
#
# Exit: 0 it is there; 1 there is one of that name already; 2 bad usage, or no bus found; 3 it could not be
# written.

set -u
LC_ALL=C
export LC_ALL

end() {
  printf '%s: %s\n' "${0##*/}" "$2" >&2
  exit "$1"
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

check_id() {
  case $2 in
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*)
      end 2 "$1 \"$2\" is no id: letters, digits, \".\", \"_\" and \"-\", beginning with a letter or digit"
      ;;
  esac
  [ ${#2} -le 200 ] || end 2 "$1 is longer than 200 characters"
}

# The attempt's message. The values are checked, so none of them can break out of its quotes.
message() {
  check_id SIGNALBOX_ATTEMPT_ID "$SIGNALBOX_ATTEMPT_ID"
  check_id SIGNALBOX_TOKEN "$SIGNALBOX_TOKEN"
  check_id SIGNALBOX_RUN_ID "${SIGNALBOX_RUN_ID:-}"
  check_id SIGNALBOX_TASK_ID "$task"
  source=${SIGNALBOX_WORKER_ID:-emit}
  check_id SIGNALBOX_WORKER_ID "$source"
  printf '{"id":"%s","type":"%s","source":"%s","timestamp":"%s","payload":' \
    "$SIGNALBOX_ATTEMPT_ID-$type-$$" "$type" "$source" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  printf '{"task_id":"%s","run_id":"%s","attempt_id":"%s","token":"%s"}}\n' \
    "$task" "$SIGNALBOX_RUN_ID" "$SIGNALBOX_ATTEMPT_ID" "$SIGNALBOX_TOKEN"
}

{ [ $# -ge 1 ] && [ $# -le 3 ]; } || end 2 "usage: ${0##*/} TYPE ID [BODY]"
type=$1
id=${2:-}
task=${SIGNALBOX_TASK_ID:-$id}

case $type in
  TASK_COMPLETE | TASK_FAILED | PROGRESS | BLOCKED | DEP_READY)
    # Another task's event must not carry this attempt's token.
    if [ "$id" != "$task" ]; then unset SIGNALBOX_TOKEN; fi
    check_id "$type" "$id"
    ;;
  HEARTBEAT | FILE_LOCK_REQUEST | FILE_UNLOCK | PARALLEL_COMPLETE) check_id "$type" "$id" ;;
  PAUSE_REQUESTED) [ -z "$id" ] || end 2 'PAUSE_REQUESTED has no id' ;;
  *) end 2 "\"$type\" is no event type; TASK_COMPLETE, TASK_FAILED, PROGRESS, HEARTBEAT, BLOCKED, FILE_LOCK_REQUEST, \
FILE_UNLOCK, DEP_READY, PARALLEL_COMPLETE and PAUSE_REQUESTED are" ;;
esac

bus=$(find_bus) || end 2 'no message bus here or above; run "signalbox init", or set SIGNALBOX_BUS'
{ [ -d "$bus/events" ] && [ -d "$bus/staging" ]; } ||
  end 2 "there is no message bus at $bus; run \"signalbox init\""

if [ $# -eq 3 ]; then
  body=$3
elif [ -n "${SIGNALBOX_TOKEN:-}" ] && [ -n "${SIGNALBOX_ATTEMPT_ID:-}" ]; then
  body=$(message) || exit 2
else
  body=
fi

# As private as the bus: a group may read only what is in a folder that it may write to.
case $(ls -ld "$bus/events") in
  ?????w*) umask 007 ;;
  *) umask 077 ;;
esac

event=$bus/events/$type${id:+_$id}.event
staged=$bus/staging/emit-$$-$(date +%s)-$type
trap 'rm -f -- "$staged"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

set -C
if [ -n "$body" ]; then printf '%s\n' "$body"; fi >"$staged" || end 3 "$staged could not be written"

# ln puts a link into a folder of that name, so the name is looked at first.
if [ -e "$event" ] || [ -L "$event" ] || ! ln -- "$staged" "$event" 2>/dev/null; then
  if [ -e "$event" ] || [ -L "$event" ]; then end 1 "there is a ${event##*/} already"; fi
  end 3 "$event could not be written"
fi
exit 0
