"""Kills the product at random moments while clients book, approve and cancel, and starts it again.

Nothing acknowledged may be lost: every booking that was answered with 201 is there, every approval stands, the invariants
hold, and every promised mail is in the folder, repeats under one Message-ID. Usage: kill.py BINARY FOLDER [SECONDS]
"""

import datetime
import email
import email.policy
import glob
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid

from product import Product

binary, folder, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 60
product = Product(binary, folder, os.environ.get("PORT", "18091"))
random.seed(7)


def patiently(*args, **kwargs):
    """The same request, with its key, until there is an answer: who loses the connection asks again."""
    while True:
        try:
            status, body = product.call(*args, **kwargs)
            if status not in (500, 503):
                return status, body
            if status == 500:
                faults.append((args, body))
        except OSError:
            pass
        time.sleep(0.05)


faults, made, approved, cancelled = [], {}, set(), set()
process = product.start()
product.ready()
booker, user = product.sign_in("booker", patiently)
approver, staff = product.sign_in("approver", patiently)
organisation, venue = user["memberships"][0]["organisation_id"], staff["roles"][0]["venue_id"]
spaces = {space["slug"]: space["id"] for space in patiently("GET", f"/v1/board?venue_id={venue}&from=2030-01-01T00:00:00Z&to=2030-01-02T00:00:00Z", approver)[1]["spaces"]}
until = time.time() + seconds


def client(number):
    dice = random.Random(number)
    while time.time() < until:
        day = datetime.date.today() + datetime.timedelta(days=dice.randrange(8, 55))
        start_at = datetime.datetime(day.year, day.month, day.day, dice.randrange(1, 11), dice.choice([0, 30]), tzinfo=datetime.timezone.utc)
        wish = {"space_id": spaces[dice.choice(["zhisi", "zhizao", "show"])], "start": start_at.isoformat(), "end": (start_at + datetime.timedelta(minutes=60)).isoformat(),
                "event_type": "meeting", "title": "演练", "attendance": 3, "organisation_id": organisation}
        status, body = patiently("POST", "/v1/bookings", booker, wish, str(uuid.UUID(int=dice.getrandbits(128))))
        if status == 201:
            made[body["id"]] = body
            if body["state"] == "requested" and dice.random() < 0.6:
                status, _ = patiently("POST", f"/v1/bookings/{body['id']}/approve", approver, key=str(uuid.uuid4()))
                if status == 200:
                    approved.add(body["id"])
            if dice.random() < 0.2:
                status, after = patiently("POST", f"/v1/bookings/{body['id']}/cancel", approver, {"reason": "演练"}, str(uuid.uuid4()))
                if status == 200:
                    cancelled.add(body["id"])
        elif status not in (409, 422):
            faults.append((status, body))


threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
kills = 0
while time.time() < until:
    time.sleep(random.uniform(0.3, 3))
    process.send_signal(signal.SIGKILL)
    process.wait()
    kills += 1
    process = product.start()
    product.ready()
for thread in threads:
    thread.join()

lost = [id for id in made if patiently("GET", f"/v1/bookings/{id}", approver)[0] != 200]
wrong = [id for id in approved - cancelled if patiently("GET", f"/v1/bookings/{id}", approver)[1]["state"] != "confirmed"]
wrong += [id for id in cancelled if patiently("GET", f"/v1/bookings/{id}", approver)[1]["state"] != "cancelled"]

# a lease of two minutes is the longest that a killed worker holds a mail back
patience = time.time() + 240
while product.psql("-c", "SELECT count(*) FROM message WHERE state = 'queued'") != "0" and time.time() < patience:
    time.sleep(1)
promised = set(product.psql("-c", "SELECT id FROM message").split())
ids = {}
for path in glob.glob(os.path.join(folder, "mail", "*.eml")):
    with open(path, "rb") as file:
        letter = email.message_from_binary_file(file, policy=email.policy.default)
    ids.setdefault(letter["message-id"].strip("<>").split("@")[0], []).append(path)
unsent = promised - set(ids)
process.send_signal(signal.SIGTERM)
process.wait()
check = subprocess.run([binary, "check"], env=product.env, capture_output=True, text=True)
print(f"{kills} kills, {len(made)} bookings, {len(approved)} approved, {len(cancelled)} cancelled, {len(promised)} messages promised, "
      f"{sum(len(paths) > 1 for paths in ids.values())} repeated")
print(check.stdout.strip())
for name, list_ in [("lost", lost), ("in a wrong state", wrong), ("faults", faults), ("not sent", sorted(unsent)), ("of nobody's", sorted(set(ids) - promised))]:
    if list_:
        print(name, len(list_), list_[:5])
sys.exit(bool(lost or wrong or faults or unsent or set(ids) - promised or check.returncode or not made or not kills))
