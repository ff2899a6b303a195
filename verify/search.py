"""Searches a million bookings by reference, phone, name and organisation, as the front desk does, and says how long it takes.

The bookings are cancelled ones, which take no place. Fails where a kind of search has a median above 10 ms or one search in
a hundred above 50 ms, or does not find what is there. Shows the plan of the product's own statement, and
fails where a step of it reads more than some thousands of bookings.
Usage: search.py BINARY FOLDER [BOOKINGS]
"""

import os
import random
import re
import signal
import sys
import time
import urllib.parse

from product import Product

binary, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
random.seed(7)
product = Product(binary, folder, os.environ.get("PORT", "18092"))
call = product.call


def psql(query):
    return product.psql("-c", query)


process = product.start()
try:
    product.ready()
    token, desk = product.sign_in("desk")
    venue = desk["roles"][0]["venue_id"]

    began = time.time()
    psql(f"""
    BEGIN;
    SET LOCAL session_replication_role = replica;
    INSERT INTO organisation (id, venue_id, kind, name, credit_code, state)
      SELECT gen_random_uuid(), '{venue}', 'enterprise', substr('一号湾云图矩阵智源光谷芯海量子星桥远航华创', 1 + (n * 7) % 20, 2) || n || '科技有限公司', 'T' || n, 'verified' FROM generate_series(1, 430) n;
    CREATE TEMP TABLE o ON COMMIT DROP AS SELECT id, row_number() OVER () - 1 AS n FROM organisation WHERE credit_code LIKE 'T%';
    CREATE TEMP TABLE s ON COMMIT DROP AS SELECT s.id, array_agg(a.id) AS areas, row_number() OVER () - 1 AS n FROM space s JOIN area a ON a.space_id = s.id
      WHERE s.pool_id IS NULL AND s.kind = 'room' GROUP BY s.id;
    INSERT INTO booking (id, reference, space_id, state, during, area_ids, holds_slot, event_type, title, attendance, organisation_id, contact_name, contact_phone, contact_email)
      SELECT gen_random_uuid(), 'S' || x.n, s.id, 'cancelled', tstzrange(x.t, x.t + interval '1 hour'), s.areas, true, 'meeting', '会议', 5, o.id,
        substr('王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗', 1 + (x.n::bigint * 31 % 20)::int, 1) || chr(19968 + (x.n::bigint * 7919 % 300)::int) || CASE WHEN x.n % 3 = 0 THEN '' ELSE chr(19968 + (x.n::bigint * 104729 % 300)::int) END,
        CASE WHEN x.n % 2 = 0 THEN '+86 ' ELSE '' END || '13' || lpad((x.n * 7368787::bigint % 1000000000)::text, 9, '0'), 'p' || x.n % 45000 || '@seed.example'
      FROM (SELECT n, timestamptz '2020-01-01' + make_interval(mins => (n * 3)::int) AS t FROM generate_series(1, {count}) n) x
      JOIN s ON s.n = x.n % (SELECT count(*) FROM s) LEFT JOIN o ON x.n % 2 = 0 AND o.n = x.n % 430;
    COMMIT;
    """)
    psql("VACUUM ANALYZE booking")
    psql("VACUUM ANALYZE organisation")
    print(f"{count} bookings in {time.time() - began:.0f} s, the table with its indexes {psql('SELECT pg_size_pretty(pg_total_relation_size($$booking$$))')}")
    sample = [line.split("|") for line in psql("SELECT contact_name, contact_phone, o.name FROM booking b JOIN organisation o ON o.id = b.organisation_id "
                                               "ORDER BY md5(b.id::text) LIMIT 400").splitlines()]
    fresh = []
    status, spaces = call("GET", f"/v1/spaces?venue_id={venue}&limit=100")
    figures = [re.sub(r"\D", "", phone) for _, phone, _ in sample]
    # references of the product's own: a few bookings by the desk
    room = next(space for space in spaces if space["slug"] == "zhisi")
    tomorrow = time.time() + 9 * 86400
    for hour in range(2, 9):
        start = time.strftime("%Y-%m-%d", time.gmtime(tomorrow)) + f"T{hour:02}:00:00Z"
        end = start.replace(":00:00Z", ":30:00Z")
        wish = {"space_id": room["id"], "start": start, "end": end, "event_type": "meeting", "title": "x", "attendance": 2, "contact": {"name": "王芳", "phone": "13800138000"},
                "override_reason": "x"}
        status, booking = call("POST", "/v1/bookings", token, wish)
        if status == 201:
            fresh.append(booking["reference"])
    assert fresh
    kinds = {
        "reference": fresh * 30,
        "whole phone number": figures[:200],
        "last six figures": [number[-6:] for number in figures[:200]],
        "last four figures": [number[-4:] for number in figures[:200]],
        "whole name": [name for name, _, _ in sample[:200]],
        "two characters of a name": [name[:2] for name, _, _ in sample[:200]],
        "organisation": [name for _, _, name in sample[:200]],
        "part of an organisation's name": [name[2:6] for _, _, name in sample[:200]],
        "what many have": ["科技有限", "有限公司"] * 50,
        "nothing": ["不存在的人", "24000000000", "nobody at all"] * 60,
    }
    failed = False
    for kind, needles in kinds.items():
        times = []
        for needle in needles:
            path = "/v1/desk/bookings?" + urllib.parse.urlencode({"venue_id": venue, "q": needle})
            began = time.perf_counter()
            status, found = call("GET", path, token)
            times.append(1000 * (time.perf_counter() - began))
            assert status == 200, found
            if bool(found) == (kind == "nothing"):
                print(f"{kind}: {needle!r} found {len(found)}")
                failed = True
        times.sort()
        median, slowest = times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"{kind:32} median {median:6.2f} ms, one in a hundred {slowest:6.2f} ms")
        failed |= median > 10 or slowest > 50

    source = open(os.path.join(os.path.dirname(__file__), "../src/booking/store/search.rs")).read()
    statement = re.sub(r"\\\s*\n\s*", "", re.search(r'sql_query\(\s*"(.*?)",\s*\)', source, re.S).group(1))
    name, phone, _ = sample[0]
    plan = psql(f"SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off; "
                f"PREPARE find(uuid, uuid[], text, text, text, bigint) AS {statement}; "
                f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE find('{venue}', NULL, '{fresh[0]}', '{re.sub(chr(92) + 'D', '', phone)[:2:-1]}', '{name}', 20);")
    print(plan)
    read = [int(rows) for rows in re.findall(r" on booking\w* .*rows=(\d+) ", plan)]
    failed |= "Seq Scan on booking" in plan or max(read) > 4000
    assert not failed
finally:
    process.send_signal(signal.SIGTERM)
    process.wait()
