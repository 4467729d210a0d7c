"""A status monitor as the source system describes it: every file whole, at any instant. Usage: original-monitor.py BUS-OR-TRACK STOP-FILE"""
import datetime
import json
import os
import sys

bus, stop = sys.argv[1:3]
if os.path.isdir(os.path.join(bus, ".message-bus")):
    bus = os.path.join(bus, ".message-bus")
looks = 0
while not os.path.exists(stop):
    with open(os.path.join(bus, "worker-status.json")) as file:
        for worker, entry in json.load(file).items():
            beat = entry.get("last_heartbeat", "")
            if beat:
                datetime.datetime.fromisoformat(beat.replace("Z", ""))
            entry["task_id"], entry["status"], entry.get("progress_pct", 0)
    with open(os.path.join(bus, "locks.json")) as file:
        for path, lock in json.load(file).items():
            if "expires_at" in lock:
                datetime.datetime.fromisoformat(lock["expires_at"].replace("Z", ""))
            lock["worker_id"]
    with open(os.path.join(bus, "queue.jsonl")) as file:
        for line in file:
            datetime.datetime.fromisoformat(json.loads(line)["timestamp"].replace("Z", ""))
    os.listdir(os.path.join(bus, "events"))
    looks += 1
print(looks)
