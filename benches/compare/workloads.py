"""The workloads: for each, many targets as OData and, in the same order, as paths of the limit server.

Their parameters come from a generator with a fixed seed, so every server is asked the same, in every run.
"""

import datetime
import random
from urllib.parse import quote

FIRST_DAY = datetime.date(2022, 1, 1)
DAYS = 1600
TARGETS = 2000
LIST = "Orders?$select=Id,OrderNo,Status,OrderDate,Total,Currency&$orderby=OrderDate desc&$top=25&$skip={}"
TEN = "Id,OrderNo,AccountId,Status,OrderDate,Total,Currency,ShipCity,IsRush,UpdatedAt"
TWELVE = "Id,OrderNo,AccountId,Status,OrderDate,RequiredDate,Total,Currency,Priority,IsRush,ShipCity,UpdatedAt"
LINE = "Id,OrderId,LineNo,ProductId,Description,Quantity,UnitPrice,Amount"
STATUS = [("Open", "Held"), ("Draft", "Open"), ("Shipped", "Invoiced"), ("Closed", "Cancelled")]
SOUGHT = ["Adler", "falke", "Marine", "Köln", "otter", "Glass", "seeds.example", "GmbH"]


def day(number):
    return (FIRST_DAY + datetime.timedelta(days=number)).isoformat()


def list_view(random, _scale):
    skip = 25 * random.randrange(40)
    return LIST.format(skip) + "&$count=true", f"list/{skip}"


def list_uncounted(random, _scale):
    skip = 25 * random.randrange(40)
    return LIST.format(skip), f"list_uncounted/{skip}"


def record(random, scale):
    key = random.randint(1, int(500_000 * scale))
    return f"Orders({key})?$select={TEN}", f"record/{key}"


def related(random, scale):
    key = random.randint(1, int(500_000 * scale))
    return f"OrderLines?$select={LINE}&$filter=OrderId eq {key}&$top=200", f"related/{key}"


def filtered(random, _scale):
    first = random.randrange(DAYS - 100)
    since, until, (one, other), digit = day(first), day(first + 90), random.choice(STATUS), random.randrange(10)
    conditions = f"OrderDate ge {since} and OrderDate lt {until} and (Status eq '{one}' or Status eq '{other}')"
    conditions += f" and contains(CustomerRef,'{digit}')"
    return (
        f"Orders?$select={TEN}&$filter={conditions}&$orderby=Total desc&$top=200&$skip=40",
        f"filter/{since}/{until}/{one}/{other}/%25{digit}%25",
    )


def page(random, scale):
    key = random.randrange(int(500_000 * scale) - 2000)
    return f"Orders?$select={TWELVE}&$filter=Id gt {key}&$orderby=Id&$top=2000", f"page/{key}"


def search(random, scale):
    # One in three is rare: the whole table is read for it.
    text = random.choice(SOUGHT) if random.randrange(3) else f"{random.randint(100, int(100_000 * scale))}@"
    conditions = " or ".join(f"contains({name},'{text}')" for name in ["Name", "Email", "City"])
    select = "Id,AccountNo,Name,Email,City,Country"
    return f"Accounts?$select={select}&$filter={conditions}&$top=25", f"search/%25{quote(text)}%25"


def count(random, _scale):
    since = day(random.randrange(DAYS))
    return f"Invoices?$filter=IssueDate ge {since}&$count=true&$top=0", f"count/{since}"


def expand(random, _scale):
    country, revenue = random.choice(["DE", "FR", "US", "JP", "PL"]), random.randrange(45_000_000)
    orders = "Orders($select=Id,OrderNo,OrderDate,Total,Status;$orderby=OrderDate desc,Id desc;$top=5)"
    conditions = f"Country eq '{country}' and AnnualRevenue gt {revenue}"
    select = f"$select=Id,Name,Country,AnnualRevenue&$filter={conditions}&$orderby=Id&$top=20"
    return f"Accounts?{select}&$expand={orders}", f"expand/{country}/{revenue}"


def metadata(_random, _scale):
    return "$metadata", "metadata"


WORKLOADS = {
    "list": ("list view: 25 rows of 6 columns by date, `$count=true`", list_view),
    "list_uncounted": ("the same without `$count`", list_uncounted),
    "record": ("one record by its key, 10 columns", record),
    "related": ("related list: the lines of one order", related),
    "filter": ("`and`, `or`, `contains`, ordered, 200 rows", filtered),
    "page": ("2,000 rows of 12 columns", page),
    "search": ("`contains` in three columns, 25 rows", search),
    "count": ("`$top=0&$count=true` with a filter", count),
    "expand": ("20 accounts with 5 orders each", expand),
    "metadata": ("`$metadata`", metadata),
}


def targets(name, scale):
    """Pairs: the OData target, and the path of the limit."""
    generator = random.Random(f"penstock {name.removesuffix('_uncounted')}")
    pairs = [WORKLOADS[name][1](generator, scale) for _ in range(TARGETS)]
    return [(quote(odata, safe="/?$=&(),:;'"), limit) for odata, limit in pairs]
