"""A billing that speaks the JSON protocol: `python json_example.py PORT FILE`. It serves one request at a time."""
# ruff: noqa: ANN001, ANN201, D103, INP001, T201 -- an example to be read in one go, and part of no package

import json
import sqlite3
import sys
from decimal import Decimal
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

AUTHORIZATION = "Basic c21zZ3c6Y2hhbmdlLW1l"  # smsgw:change-me, in Base64
TABLES = """
CREATE TABLE IF NOT EXISTS account (login TEXT PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS payment (id INTEGER PRIMARY KEY, reference TEXT UNIQUE NOT NULL, login TEXT NOT NULL,
  amount TEXT NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
  accepted_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')));
INSERT OR IGNORE INTO account VALUES ('25656', 0);"""
PAYMENT = "SELECT reference, state, amount, currency, 'p' || id AS provider_reference, reason FROM payment "
LINES = """SELECT reference, amount, currency, 'p' || id AS provider_reference, accepted_at FROM payment
  WHERE state = 'accepted' AND accepted_at >= ? AND accepted_at < ?"""
INSERT = "INSERT INTO payment (reference, login, amount, currency, state, reason) VALUES (?, ?, ?, ?, ?, ?)"
GIVE = "UPDATE account SET balance = balance + ? WHERE login = ?"
TAKE = "UPDATE account SET balance = balance - ? WHERE login = ? AND balance >= ?"


def refusal(db, order):  # why this account cannot be paid this sum; None = it can
    if not db.execute("SELECT 1 FROM account WHERE login = ?", [order["account"]["account"]]).fetchone():
        return "account_not_found"
    soums = Decimal(order["amount"])
    return None if order["currency"] == "UZS" and soums >= 500 and soums * 100 % 1 == 0 else "amount_not_accepted"


def pay(db, reference, order):
    values = [order["account"]["account"], order["amount"], order["currency"]]
    known = db.execute("SELECT login, amount, currency FROM payment WHERE reference = ?", [reference]).fetchone()
    if known:  # the duplicate first: nothing is credited, whatever has become of the account
        return status(db, reference) if list(known) == values else (409, {"reason": "conflict"})
    reason = refusal(db, order)  # written down as well, so that it is final
    db.execute(INSERT, [reference, *values, "refused" if reason else "accepted", reason])
    if not reason:
        db.execute(GIVE, [int(Decimal(order["amount"]) * 100), values[0]])
    return 200 if reason else 201, status(db, reference)[1]


def status(db, reference):
    row = db.execute(PAYMENT + "WHERE reference = ?", [reference]).fetchone()
    return (200, {k: v for k, v in dict(row).items() if v}) if row else (404, {"reason": "not_found"})


def cancel(db, reference):
    row = db.execute("SELECT login, amount, state FROM payment WHERE reference = ?", [reference]).fetchone()
    if row and row["state"] == "accepted":  # what is spent stays credited
        tiyin = int(Decimal(row["amount"]) * 100)
        if not db.execute(TAKE, [tiyin, row["login"], tiyin]).rowcount:
            return 409, {"reason": "cannot_cancel"}
        db.execute("UPDATE payment SET state = 'cancelled' WHERE reference = ?", [reference])
    return status(db, reference)


def answer(db, request):
    body = json.loads(request["wsgi.input"].read(int(request.get("CONTENT_LENGTH") or 0)) or "{}")
    match request["REQUEST_METHOD"], request["PATH_INFO"].strip("/").split("/"):
        case "POST", ["check"]:
            return (422, {"reason": refusal(db, body)}) if refusal(db, body) else (200, {"found": True})
        case "POST", ["payments", reference]:
            return pay(db, reference, body)
        case "GET", ["payments", reference]:
            return status(db, reference)
        case "POST", ["payments", reference, "cancel"]:
            return cancel(db, reference)
        case "GET", ["statement"]:
            query = parse_qs(request["QUERY_STRING"])
            return 200, {"payments": [*map(dict, db.execute(LINES, query["from"] + query["to"]))], "complete": True}
    return 404, {}


def application(request, start):
    with db:  # one transaction: committed here, before a byte of the answer leaves
        code, document = answer(db, request) if request.get("HTTP_AUTHORIZATION") == AUTHORIZATION else (401, {})
    start(f"{code} -", [("Content-Type", f"application/{'json' if code < 300 else 'problem+json'}")])
    return [json.dumps(document).encode()]


db = sqlite3.connect(sys.argv[2])
db.row_factory = sqlite3.Row
db.executescript(TABLES)
with make_server("127.0.0.1", int(sys.argv[1]), application) as server:
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
