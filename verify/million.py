"""Puts very many past bookings into the venue and counts the rows that requests read.

Fails where a request reads more than `most` entries of indexes and rows of tables: it would grow with the years.
Usage: million.py BINARY FOLDER BOOKINGS
"""

import datetime
import os
import signal
import sys
import time
import uuid

from product import Product

binary, folder, bookings = sys.argv[1:4]
most = 6000
product = Product(binary, folder, os.environ.get("PORT", "18092"), log="warn")
psql = product.psql


def call(method, path, token=None, body=None):
    return product.call(method, path, token, body, str(uuid.uuid4()) if method == "POST" else None)


def rows_read():
    # connections report what they read a second after they fall idle
    time.sleep(1.2)
    return int(psql("-c", "SELECT (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables) + "
                          "(SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)"))


process = product.start()
try:
    product.ready()
    (booker, owner), (approver, staff) = product.sign_in("booker"), product.sign_in("approver")
    organisation, venue = owner["memberships"][0]["organisation_id"], staff["roles"][0]["venue_id"]
    began = time.time()
    psql("-v", f"bookings={bookings}", "-f", "verify/million.sql")
    count = psql("-c", "SELECT count(*) FROM booking")
    print(f"{count} bookings written in {time.time() - began:.0f} s", flush=True)

    spaces = {space["slug"]: space for space in call("GET", f"/v1/spaces?venue_id={venue}&limit=100")[1]}
    room, hall = spaces["zhizao"]["id"], spaces["huiju"]["id"]
    version = psql("-c", "SELECT v.id FROM layout_version v JOIN layout l ON l.id = v.layout_id WHERE l.slug = 'salon'")
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    at = lambda days, hours=0: (today + datetime.timedelta(days=days, hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    day = lambda days: f"venue_id={venue}&from={at(days)}&to={at(days + 1)}"
    past = psql("-c", "SELECT id FROM booking WHERE state = 'completed' ORDER BY random() LIMIT 1")
    wednesday = next(days for days in range(21, 28) if (today + datetime.timedelta(days=days)).weekday() == 2)
    wish = {"space_id": room, "start": at(wednesday, 6), "end": at(wednesday, 7), "event_type": "meeting", "title": "百万", "attendance": 3, "organisation_id": organisation}
    floor = dict(wish, space_id=hall, event_type="salon", layout_version_id=version, start=at(wednesday, 4), end=at(wednesday, 6))
    status, made = call("POST", "/v1/bookings", booker, dict(wish, space_id=spaces["zhisi"]["id"]))
    assert status == 201, made
    reference = made["reference"]
    asked = [
        ("a day's bookings", 200, "GET", f"/v1/bookings?{day(-1000)}&limit=100", approver, None),
        ("its board", 200, "GET", f"/v1/board?{day(-1000)}", approver, None),
        ("a week's board", 200, "GET", f"/v1/board?venue_id={venue}&from={at(-1007)}&to={at(-1000)}", approver, None),
        ("what is to decide", 200, "GET", f"/v1/bookings?venue_id={venue}&state=requested&from={at(0)}&to={at(60)}", approver, None),
        ("by reference", 200, "GET", f"/v1/bookings?venue_id={venue}&reference={reference}", approver, None),
        ("one's own", 200, "GET", "/v1/bookings?limit=50", booker, None),
        ("an organisation's", 200, "GET", f"/v1/bookings?organisation_id={organisation}&limit=50", booker, None),
        ("a space's", 200, "GET", f"/v1/bookings?venue_id={venue}&space_id={room}&from={at(-1000)}&to={at(-998)}", approver, None),
        ("a booking", 200, "GET", f"/v1/bookings/{past}", approver, None),
        ("its history", 200, "GET", f"/v1/bookings/{past}/history", approver, None),
        ("free starts in a room", 200, "GET", f"/v1/spaces/{room}/availability?from={at(20)[:10]}&to={at(26)[:10]}&minutes=60&event_type=meeting&group=enterprise", booker, None),
        ("free starts in a layout", 200, "GET", f"/v1/spaces/{hall}/availability?from={at(20)[:10]}&to={at(26)[:10]}&minutes=120&event_type=salon&group=enterprise&layout_version_id={version}", booker, None),
        ("tasks", 200, "GET", f"/v1/tasks?venue_id={venue}", approver, None),
        ("a booking is made", 201, "POST", "/v1/bookings", booker, wish),
        ("on a floor", 201, "POST", "/v1/bookings", booker, floor),
        ("it is refused with what would work", 409, "POST", "/v1/bookings", booker, floor),
    ]
    worst = []
    for name, expected, method, path, who, body in asked:
        if method == "GET":
            call(method, path, who)
        before = rows_read()
        began = time.time()
        status, answer = call(method, path, who, body)
        took = time.time() - began
        rows = rows_read() - before
        print(f"{rows:8} rows  {took * 1000:7.1f} ms  {name}", flush=True)
        if status != expected or rows > most:
            worst.append((name, status, rows, answer if status != expected else ""))
    before = rows_read()
    time.sleep(10)
    rows = (rows_read() - before) / 10
    print(f"{rows:8.0f} rows a second by the worker", flush=True)
    if rows > most:
        worst.append(("the worker", 0, rows, ""))
    assert not worst, worst
finally:
    process.send_signal(signal.SIGTERM)
    process.wait()
