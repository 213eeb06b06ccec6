"""python-odata: an object mapper that builds its classes from `$metadata`, asks without `OData-MaxVersion`, and pages by
following next links."""

from checks import Checks, instant, number
from odata import ODataError, ODataService

checks = Checks()
ACCOUNTS = {row["AccountID"]: row for row in checks.data["Accounts"]}
service = ODataService(checks.root, auth=(checks.user, checks.password), reflect_entities=True, quiet_progress=True)
checks.same("classes from $metadata", sorted(service.entities), sorted([*checks.data, "WideOrders"]))
Account, Order, Line, Product, Shipment = (
    service.entities[name] for name in ["Accounts", "Orders", "OrderLines", "Products", "Shipments"]
)

# --- entities and their values -----------------------------------------------------------------------------------

promised = checks.rows("Orders", lambda row: row["OrderID"] == 10248)[0]
order = service.query(Order).get(10248)
for name in ["OrderID", "AccountID", "Status", "ShipName", "Currency", "IsClosed", "Notes"]:
    checks.same(f"Order 10248, {name}", getattr(order, name), promised[name])
checks.same("a Decimal", order.TotalAmount, number(promised["TotalAmount"]))
checks.same("a DateTimeOffset", order.OrderDate, instant(promised["OrderDate"]))
checks.same("the related account, read when it is touched", order.Account.Name, ACCOUNTS[order.AccountID]["Name"])
products = sorted(line.ProductID for line in order.Lines)
checks.same("its lines", products, checks.keys("OrderLines", "ProductID", lambda r: r["OrderID"] == 10248))
line = service.query(Line).get(OrderID=10248, ProductID=11)
checks.same(
    "a compound key",
    line.Quantity,
    checks.rows("OrderLines", lambda r: (r["OrderID"], r["ProductID"]) == (10248, 11))[0]["Quantity"],
)
for key in ["O'BRIEN", "MÜLLER", "ROCKET-🚀", "50%OFF", "(1),B=2;'"]:
    checks.same(f"Account {key}", service.query(Account).get(key).Name, ACCOUNTS[key]["Name"])

# --- filters -----------------------------------------------------------------------------------------------------


def filters(what, entity, name, key, condition, promise):
    keys = checks.keys(name, key, promise)
    assert keys, f"{what} finds nothing, and so checks nothing"
    query = service.query(entity).filter(condition).select(getattr(entity, key))
    checks.same(f"{what}: {condition}", sorted(row[key] for row in query), keys)


may = instant("2024-05-01T00:00:00Z")
filters("unicode", Account, "Accounts", "AccountID", Account.Name.contains("Müller"), lambda r: "Müller" in r["Name"])
filters(
    "a quote", Account, "Accounts", "AccountID", Account.AccountID == "O'BRIEN", lambda r: r["AccountID"] == "O'BRIEN"
)
filters(
    "startswith",
    Order,
    "Orders",
    "OrderID",
    Order.ShipName.startswith("Acme"),
    lambda r: (r["ShipName"] or "").startswith("Acme"),
)
filters(
    "lacks", Product, "Products", "ProductID", Product.ProductName.lacks("e"), lambda r: "e" not in r["ProductName"]
)
filters(
    "and, or",
    Order,
    "Orders",
    "OrderID",
    ((Order.Status == "Held") | (Order.Status == "Open ")) & (Order.TotalAmount > 5000),
    lambda r: r["Status"] in ("Held", "Open ") and number(r["TotalAmount"]) > 5000,
)
filters("null", Order, "Orders", "OrderID", Order.ShippedDate.is_null(), lambda r: r["ShippedDate"] is None)
filters(
    "an instant with its offset",
    Order,
    "Orders",
    "OrderID",
    (Order.OrderDate >= may) & (Order.OrderDate < may.replace(day=2)),
    lambda r: may <= instant(r["OrderDate"]) < may.replace(day=2),
)
filters(
    "a boolean", Product, "Products", "ProductID", Product.Discontinued == True, lambda r: r["Discontinued"]
)  # noqa: E712
filters(
    "a Guid",
    Shipment,
    "Shipments",
    "OrderID",
    Shipment.ShipmentID == "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    lambda r: r["ShipmentID"] == "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
)
filters(
    "a path",
    Order,
    "Orders",
    "OrderID",
    Order.Account.Country == "Germany",
    lambda r: ACCOUNTS[r["AccountID"]]["Country"] == "Germany",
)
checks.refused("a wrong filter", ODataError, lambda: service.query(Order).raw({"$filter": "Nothing eq 1"}))

# --- pages, counts, expansions -----------------------------------------------------------------------------------

keys = [row["ShipmentID"] for row in service.query(Shipment).select(Shipment.ShipmentID)]
checks.same("all keys of 15,000 once", sorted(keys), checks.keys("Shipments", "ShipmentID"))
names = [
    row["Name"]
    for row in service.query(Account).order_by(Account.Name.desc(), Account.AccountID.asc()).select(Account.Name)
]
checks.same("order by code point", names, sorted((row["Name"] for row in checks.data["Accounts"]), reverse=True))
checks.same(
    "count",
    service.query(Order).filter(Order.Status == "Open").count(),
    len(checks.rows("Orders", lambda r: r["Status"] == "Open")),
)
window = [
    row["OrderID"]
    for row in service.query(Order).order_by(Order.OrderID.asc()).offset(100).limit(50).select(Order.OrderID)
]
checks.same("skip and top", window, list(range(10348, 10398)))
few = service.query(Line).filter(Line.OrderID <= 10260).expand(Line.Order.Account, Line.Product).all()
checks.same("expand: lines", len(few), len(checks.rows("OrderLines", lambda r: r["OrderID"] <= 10260)))
found = [(line.OrderID, line.ProductID, line.Order.Account.Name, line.Product.ProductName) for line in few]
orders = {row["OrderID"]: row for row in checks.data["Orders"]}
articles = {row["ProductID"]: row["ProductName"] for row in checks.data["Products"]}
wanted = [
    (r["OrderID"], r["ProductID"], ACCOUNTS[orders[r["OrderID"]]["AccountID"]]["Name"], articles[r["ProductID"]])
    for r in checks.rows("OrderLines", lambda r: r["OrderID"] <= 10260)
]
checks.same("expand: two levels", sorted(found), sorted(wanted))
total = service.query(Order).raw({"$filter": "OrderID le 10300", "$orderby": "TotalAmount desc", "$top": 3})
wanted = sorted(checks.rows("Orders", lambda r: r["OrderID"] <= 10300), key=lambda r: number(r["TotalAmount"]))[-3:][
    ::-1
]
checks.same("a query of one's own", [row["OrderID"] for row in total], [row["OrderID"] for row in wanted])
checks.end()
