"""odatapy: an OData 4.01 client with a typed model, expression builders, and batches in both formats."""

import uuid
from datetime import date, datetime, timezone
from decimal import Decimal

from checks import Checks, instant, number
from odatapy.client import filters as f
from odatapy.client.auth import BasicAuth
from odatapy.client.client import EdmEnabledODataClient
from odatapy.client.filters import Field
from odatapy.client.responses import ODataClientError
from odatapy.client.transport import HttpxTransport

checks = Checks()
ACCOUNTS = {row["AccountID"]: row for row in checks.data["Accounts"]}
transport = HttpxTransport(auth=BasicAuth(checks.user, checks.password))
client = EdmEnabledODataClient(checks.root, transport)


def uri(name):
    return client.entity_set_uri(name)


def get(entity, name):
    """A property that the answer must hold: `get_value` alone would give None for one that is missing."""
    return entity.get_property(name).value


def related(entity, name):
    """What is expanded: one entity, or a list."""
    link = entity.get_navigation_link(name)
    return link.inline_entity or list(link.inline_entity_set)


def listed(query, key):
    return [get(entity, key) for entity in client.iter_entities(query)]


def found(name, key, condition):
    """The keys of all rows that the server finds, in the order of the promised ones."""
    return sorted(listed(uri(name).filter(condition).select(key), key))


# --- what there is -----------------------------------------------------------------------------------------------

checks.same("service document", sorted(client.get_service_document().entity_sets), sorted([*checks.data, "WideOrders"]))
order_type = client.entity_set_type("Orders")
checks.same("key in $metadata", order_type.key_predicate_names, ["OrderID"])
checks.same("columns in $metadata", set(order_type.property_names), set(checks.data["Orders"][0]))
navigations = {"Account", "Lines", "Invoices", "Shipments"}
checks.same("navigations in $metadata", set(order_type.navigation_property_names), navigations)

# --- entities and their values -----------------------------------------------------------------------------------

promised = checks.rows("Orders", lambda row: row["OrderID"] == 10248)[0]
order = client.get_entity(client.entity_uri("Orders", 10248))
for name in ["OrderID", "AccountID", "Status", "ShipName", "Currency", "IsClosed", "Notes"]:
    checks.same(f"Orders(10248)/{name}", get(order, name), promised[name])
checks.same("a Decimal", get(order, "TotalAmount"), number(promised["TotalAmount"]))
checks.same("a DateTimeOffset", get(order, "OrderDate"), instant(promised["OrderDate"]))
checks.same("an entity tag", order.etag, f'W/"{promised["UpdatedAt"]}"')
for key in ["O'BRIEN", "(1),B=2;'", "A/B-7", "50%OFF", "MÜLLER", "ROCKET-🚀", "000123"]:
    name = checks.rows("Accounts", lambda row: row["AccountID"] == key)[0]["Name"]
    checks.same(f"Accounts by key {key}", get(client.get_entity(client.entity_uri("Accounts", key)), "Name"), name)
line = client.get_entity(client.entity_uri("OrderLines", {"OrderID": 10248, "ProductID": 11}))
wanted = checks.rows("OrderLines", lambda row: (row["OrderID"], row["ProductID"]) == (10248, 11))[0]
checks.same(
    "a compound key", (get(line, "Quantity"), get(line, "UnitPrice")), (wanted["Quantity"], number(wanted["UnitPrice"]))
)
guid = uuid.UUID("3f2504e0-4f89-11d3-9a0c-0305e82c3301")
shipment = client.get_entity(client.entity_uri("Shipments", guid))
checks.same("a Guid as key", (get(shipment, "ShipmentID"), get(shipment, "OrderID")), (guid, 10248))
large = listed(uri("StockLevels").filter(Field("OnHand").eq(9007199254740993)), "OnHand")
checks.same("an Int64 beyond 2^53", set(large), {9007199254740993})
value = client.get_value(client.entity_uri("Orders", 10248).append_property_segment("Status").append_value_segment())
checks.same("a raw value", value.text(), promised["Status"])
refused = checks.refused(
    "a key that is not there", ODataClientError, lambda: client.get_entity(client.entity_uri("Orders", 1))
)
checks.same("its status", refused.status_code, 404)

# --- filters -----------------------------------------------------------------------------------------------------


def filters(what, name, key, condition, promise):
    keys = checks.keys(name, key, promise)
    assert keys, f"{what} finds nothing, and so checks nothing"
    checks.same(f"{what}: {condition}", found(name, key, condition), keys)


may = datetime(2024, 5, 1, tzinfo=timezone.utc)
filters("a quote", "Accounts", "AccountID", Field("AccountID").eq("O'BRIEN"), lambda r: r["AccountID"] == "O'BRIEN")
filters("unicode", "Accounts", "AccountID", Field("Name").contains("Müller"), lambda r: "Müller" in r["Name"])
filters(
    "startswith",
    "Orders",
    "OrderID",
    Field("ShipName").startswith("Acme"),
    lambda r: (r["ShipName"] or "").startswith("Acme"),
)
filters(
    "endswith",
    "Orders",
    "OrderID",
    Field("ShipName").endswith("GmbH"),
    lambda r: (r["ShipName"] or "").endswith("GmbH"),
)
filters(
    "tolower",
    "Orders",
    "OrderID",
    Field("Status").tolower().eq("open"),
    lambda r: (r["Status"] or "").lower() == "open",
)
filters("length", "Accounts", "AccountID", Field("Name").length().gt(100), lambda r: len(r["Name"]) > 100)
filters(
    "indexof",
    "Products",
    "ProductID",
    Field("ProductName").indexof("POTLUCK").gt(0),
    lambda r: r["ProductName"].find("POTLUCK") > 0,
)
filters(
    "substring",
    "Accounts",
    "AccountID",
    Field("AccountID").substring(0, 3).eq("000"),
    lambda r: r["AccountID"][:3] == "000",
)
filters("null", "Accounts", "AccountID", Field("Industry").eq(None), lambda r: r["Industry"] is None)
filters(
    "in",
    "Orders",
    "OrderID",
    Field("OrderID").in_([10248, 10250, 12345]),
    lambda r: r["OrderID"] in (10248, 10250, 12345),
)
filters("a Guid", "Shipments", "OrderID", Field("ShipmentID").eq(guid), lambda r: r["ShipmentID"] == str(guid))
filters(
    "an instant",
    "Orders",
    "OrderID",
    f.and_(Field("OrderDate").ge(may), Field("OrderDate").lt(may.replace(day=2))),
    lambda r: may <= instant(r["OrderDate"]) < may.replace(day=2),
)
filters(
    "a date",
    "Products",
    "ProductID",
    Field("ReleasedOn").eq(date(2024, 5, 1)),
    lambda r: r["ReleasedOn"] == "2024-05-01",
)
filters("year", "Orders", "OrderID", Field("OrderDate").year().eq(1969), lambda r: instant(r["OrderDate"]).year == 1969)
filters(
    "month and day",
    "Products",
    "ProductID",
    f.and_(Field("ReleasedOn").month().eq(5), Field("ReleasedOn").day().le(2)),
    lambda r: r["ReleasedOn"] is not None and r["ReleasedOn"][5:7] == "05" and int(r["ReleasedOn"][8:]) <= 2,
)
filters(
    "a decimal",
    "Orders",
    "OrderID",
    Field("TotalAmount").eq(Decimal("9999999999999999.99")),
    lambda r: r["TotalAmount"] == "9999999999999999.99",
)
filters("a boolean", "Products", "ProductID", Field("Discontinued").eq(True), lambda r: r["Discontinued"])
filters(
    "or, not",
    "Orders",
    "OrderID",
    ~f.or_(Field("Status").eq("Open"), Field("Status").eq("Closed"), Field("Status").eq("Held")),
    lambda r: r["Status"] not in ("Open", "Closed", "Held"),
)
filters(
    "a path",
    "Orders",
    "OrderID",
    Field("Account/Country").eq("Germany"),
    lambda r: ACCOUNTS[r["AccountID"]]["Country"] == "Germany",
)
filters(
    "arithmetic",
    "OrderLines",
    "OrderID",
    Field("Quantity").mul(Field("UnitPrice")).gt(Decimal(100000)),
    lambda r: r["Quantity"] * number(r["UnitPrice"]) > 100000,
)
many = {row["OrderID"] for row in checks.data["OrderLines"] if row["Quantity"] > 90}
filters(
    "any",
    "Orders",
    "OrderID",
    Field("Lines").any("line", Field("line/Quantity").gt(90)),
    lambda r: r["OrderID"] in many,
)
few = {row["OrderID"] for row in checks.data["OrderLines"] if row["Quantity"] < 50}
filters(
    "all", "Orders", "OrderID", Field("Lines").all("l", Field("l/Quantity").ge(50)), lambda r: r["OrderID"] not in few
)
invoiced = {row["OrderID"] for row in checks.data["Invoices"]}
filters("any alone", "Orders", "OrderID", ~Field("Invoices").any(), lambda r: r["OrderID"] not in invoiced)
refused = checks.refused(
    "any in the other database", ODataClientError, lambda: found("Orders", "OrderID", Field("Shipments").any())
)
checks.same("its status", refused.status_code, 501)
found_by_search = set(listed(uri("Accounts").search(f.Search.phrase("müller")).select("AccountID"), "AccountID"))
exact = set(checks.keys("Accounts", "AccountID", lambda r: "Müller" in r["Name"]))
checks.same("search finds what contains has found", exact - found_by_search, set())
refused = checks.refused("a wrong filter", ODataClientError, lambda: found("Orders", "OrderID", Field("Nothing").eq(1)))
checks.same("its status and code", (refused.status_code, refused.error_code), (400, "bind.unknown_property"))

# --- pages -------------------------------------------------------------------------------------------------------

pages = list(client.iter_pages(uri("Orders").select("OrderID")))
checks.same("a list of 20,000 comes in pages", len(pages), 10)
everything = [get(entity, "OrderID") for page in pages for entity in page.entities]
checks.same("all keys once", everything, checks.keys("Orders", "OrderID"))
by_amount = (
    uri("OrderLines").filter(Field("OrderID").lt(13000)).select("OrderID", "ProductID").orderby("UnitPrice desc")
)
small = [len(page.entities) for page in client.iter_pages(by_amount, max_page_size=700)]
checks.same("pages of the size preferred", set(small[:-1]), {700})
lines = [(get(line, "OrderID"), get(line, "ProductID")) for line in client.iter_entities(by_amount)]
wanted = sorted((r["OrderID"], r["ProductID"]) for r in checks.data["OrderLines"] if r["OrderID"] < 13000)
checks.same("a compound key, ordered by something else", sorted(lines), wanted)
prices = {(r["OrderID"], r["ProductID"]): number(r["UnitPrice"]) for r in checks.data["OrderLines"]}
ordered = [prices[line] for line in lines]
checks.same("in the order wanted", ordered, sorted(ordered, reverse=True))
window = [
    get(entity, "OrderID") for entity in client.iter_entities(uri("Orders").select("OrderID").top(3000).skip(500))
]
checks.same("top and skip over pages", window, everything[500:3500])

# --- counts, select, expand --------------------------------------------------------------------------------------

checks.same("count", client.get_count(uri("Orders").append_count_segment()), len(everything))
page = client.get_entity_set(uri("Orders").filter(Field("Status").eq("Open")).count().top(1))
checks.same("count beside a page", page.count, len(checks.rows("Orders", lambda r: r["Status"] == "Open")))
entity = client.get_entity_set(uri("Products").select("ProductName").top(1)).entities[0]
checks.same("select", [p.name for p in entity.properties if not p.name.startswith("@")], ["ProductName"])
query = uri("Orders").filter(Field("OrderID").le(10300)).select("OrderID")
query = query.expand(
    "Account($select=Name)",
    "Lines($select=ProductID;$filter=Quantity gt 10;$orderby=ProductID desc)",
    "Shipments($count=true;$top=1)",
)
orders = client.get_entity_set(query).entities
checks.same("expand: orders", len(orders), 53)
for order in orders:
    account = checks.rows("Orders", lambda r: r["OrderID"] == get(order, "OrderID"))[0]["AccountID"]
    inner = [get(line, "ProductID") for line in related(order, "Lines")]
    wanted = checks.keys(
        "OrderLines", "ProductID", lambda r: r["OrderID"] == get(order, "OrderID") and r["Quantity"] > 10
    )
    if (get(related(order, "Account"), "Name"), inner) != (ACCOUNTS[account]["Name"], wanted[::-1]):
        checks.same(f"expand of {order['OrderID']}", inner, wanted[::-1])
checks.same("expand: every one has its account and its lines", True, True)

# --- batches -----------------------------------------------------------------------------------------------------

for form in ["multipart", "json"]:
    batch = client.batch(format=form, continue_on_error=True)
    first = batch.add_retrieve(client.entity_uri("Orders", 10248))
    second = batch.add_retrieve(uri("Accounts").filter(Field("AccountID").eq("MÜLLER")).select("Name"))
    third = batch.add_retrieve(client.entity_uri("Orders", 1))
    answers = list(client.execute_batch(batch))
    checks.same(f"{form} batch: statuses", [answer.status_code for answer in answers], [200, 200, 404])
    checks.same(f"{form} batch: an entity", get(answers[0].entity(), "AccountID"), "ALFKI")
    names = [get(account, "Name") for account in answers[1].entity_collection().entities]
    checks.same(f"{form} batch: a list", names, [ACCOUNTS["MÜLLER"]["Name"]])

# --- conditional requests, and the other version -----------------------------------------------------------------

checks.same("$metadata is not read twice", client.refresh_edm() is client.cached_edm, True)
order = client.get_entity(client.entity_uri("Orders", 10248))
again = client.get_entity(client.entity_uri("Orders", 10248), if_none_match=order.etag)
checks.same("an entity that did not change", again.status_code, 304)
old = EdmEnabledODataClient(checks.root, transport, odata_version="4.0", metadata_level="full", ieee754_compatible=True)
entity = old.get_entity(old.entity_uri("Orders", 10248))
checks.same("4.0, all metadata, numbers as texts", get(entity, "TotalAmount"), number(promised["TotalAmount"]))
checks.end()
