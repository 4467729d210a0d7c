"""A worker as the source system describes it, run as a task's command: it knows the bus, and nothing of this program.

Appends messages to queue.jsonl, touches event files, and reads, changes and writes back the shared JSON files.
Usage: original-worker.py BUS TASK complete|fail GO-FILE [SHARED-FILE]
With a shared file, that is locked until GO-FILE is there, and the rest is done when there is a GO-FILE.on.
"""
import datetime
import json
import os
import sys
import time
import uuid

bus, task, ending, go = sys.argv[1:5]
worker = "worker-%s-%s" % (task, datetime.datetime.now().strftime("%Y%m%d%H%M%S"))


def now():
    return datetime.datetime.utcnow().isoformat() + "Z"


def post(kind, payload):
    message = {"id": "msg-%s" % uuid.uuid4(), "type": kind, "source": worker, "timestamp": now(), "payload": payload}
    with open(os.path.join(bus, "queue.jsonl"), "a") as queue:
        queue.write(json.dumps(message) + "\n")


def change(name, edit):
    path = os.path.join(bus, name)
    content = None
    while content is None:
        with open(path) as file:
            try:
                content = json.load(file)
            except ValueError:  # the other worker writes it this moment
                time.sleep(0.001)
    if edit(content) is False:
        return False
    with open(path, "w") as file:
        json.dump(content, file, indent=2)
    return True


def status(word, percent):
    change("worker-status.json", lambda content: content.update({worker: {
        "task_id": task, "status": word, "progress_pct": percent, "last_heartbeat": now(),
    }}))


def acquire(filepath):
    """Takes the file unless another worker has it, and keeps asking: half a minute, and then goes away without it."""
    def take(locks):
        if filepath in locks and locks[filepath]["worker_id"] != worker:
            return False
        locks[filepath] = {
            "worker_id": worker, "acquired_at": now(),
            "expires_at": (datetime.datetime.utcnow() + datetime.timedelta(minutes=30)).isoformat() + "Z",
        }

    for _ in range(300):
        if change("locks.json", take):
            post("FILE_LOCK", {"filepath": filepath})
            return
        time.sleep(0.1)
    sys.exit("cannot have " + filepath)


def release(filepath):
    def drop(locks):
        if filepath in locks and locks[filepath]["worker_id"] == worker:
            del locks[filepath]

    change("locks.json", drop)
    post("FILE_UNLOCK", {"filepath": filepath})
    open(os.path.join(bus, "events", "FILE_UNLOCK_all.event"), "w").close()


status("RUNNING", 0)
acquire("src/%s.ts" % task)
if len(sys.argv) > 5:
    acquire(sys.argv[5])
post("PROGRESS", {"task_id": task, "progress_pct": 50, "current_subtask": "half"})
status("RUNNING", 50)
while not os.path.exists(go):
    time.sleep(0.02)
if len(sys.argv) > 5:
    release(sys.argv[5])
    while not os.path.exists(go + ".on"):
        time.sleep(0.02)
if ending == "complete":
    post("TASK_COMPLETE", {"task_id": task, "commit_sha": "abc1234", "files_modified": [], "unblocks": []})
    open(os.path.join(bus, "events", "TASK_COMPLETE_%s.event" % task), "w").close()
else:
    post("TASK_FAILED", {"task_id": task, "error": "tests do not pass", "stack_trace": ""})
time.sleep(300)
