// odata2ts: a client generated from `$metadata` (in ./generated, before this script runs), on top of fetch.
const { FetchClient } = require("@odata2ts/http-client-fetch");
const { ErpService } = require("./generated/ErpService");
const { root, basic, data, accounts, same, refused, rows, keys, sorted, run } = require("./checks");

const client = new FetchClient({ headers: { Authorization: basic } });
const service = new ErpService(client, root.replace(/\/$/, ""));

/** This generator leaves it to its caller to double quotes. */
const quoted = (text) => text.replaceAll("'", "''");

/** All rows of a query, by following next links. */
async function all(collection, build) {
  let answer = await collection.query(build);
  const found = [...answer.data.value];
  let pages = 1;
  while (answer.data["@odata.nextLink"]) {
    answer = await client.get(answer.data["@odata.nextLink"]);
    found.push(...answer.data.value);
    pages += 1;
  }
  return { found, pages };
}

async function filters(what, set, key, condition, promise) {
  let text;
  const { found } = await all(service[set](), (query, q) => {
    const filter = condition(q);
    text = filter.toString();
    query.select(key).filter(filter);
  });
  same(`${what}: ${text}`, sorted(found.map((row) => row[key])), keys(set, key, promise));
}

run(async () => {
  // Entities and their values.
  const promised = rows("Orders", (row) => row.OrderID === 10248)[0];
  const order = (await service.Orders(10248).query()).data;
  for (const name of ["OrderID", "AccountID", "Status", "ShipName", "OrderDate", "Currency", "IsClosed", "Notes"]) {
    same(`Orders(10248)/${name}`, order[name], promised[name]);
  }
  same("a Decimal as a number", order.TotalAmount, Number(promised.TotalAmount));
  for (const key of ["O'BRIEN", "(1),B=2;'", "A/B-7", "50%OFF", "MÜLLER", "ROCKET-🚀", "000123"]) {
    same(`Accounts by key ${key}`, (await service.Accounts(quoted(key)).query()).data.Name, accounts[key].Name);
  }
  const line = (await service.OrderLines({ OrderID: 10248, ProductID: 11 }).query()).data;
  same(
    "a compound key",
    line.Quantity,
    rows("OrderLines", (r) => r.OrderID === 10248 && r.ProductID === 11)[0].Quantity
  );
  const guid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  same("a Guid as key", (await service.Shipments(guid).query()).data.OrderID, 10248);
  const account = (await service.Orders(10248).Account().query()).data;
  same("a navigation", account.Name, accounts[promised.AccountID].Name);
  const error = await refused("a key that is not there", service.Orders(1).query());
  same("its status", error.status, 404);

  // Filters.
  const may = "2024-05-01T00:00:00Z";
  const many = new Set(rows("OrderLines", (r) => r.Quantity > 90).map((r) => r.OrderID));
  const few = new Set(rows("OrderLines", (r) => r.Quantity < 50).map((r) => r.OrderID));
  const invoiced = new Set(data.Invoices.map((r) => r.OrderID));
  await filters(
    "a quote",
    "Accounts",
    "AccountID",
    (q) => q.AccountID.eq(quoted("O'BRIEN")),
    (r) => r.AccountID === "O'BRIEN"
  );
  await filters(
    "unicode",
    "Accounts",
    "AccountID",
    (q) => q.Name.contains("Müller"),
    (r) => r.Name.includes("Müller")
  );
  await filters(
    "startswith",
    "Orders",
    "OrderID",
    (q) => q.ShipName.startsWith("Acme"),
    (r) => r.ShipName?.startsWith("Acme")
  );
  await filters(
    "endswith",
    "Orders",
    "OrderID",
    (q) => q.ShipName.endsWith("GmbH"),
    (r) => r.ShipName?.endsWith("GmbH")
  );
  await filters(
    "tolower",
    "Orders",
    "OrderID",
    (q) => q.Status.toLower().eq("open"),
    (r) => r.Status?.toLowerCase() === "open"
  );
  await filters(
    "null",
    "Accounts",
    "AccountID",
    (q) => q.Industry.isNull(),
    (r) => r.Industry === null
  );
  await filters(
    "in",
    "Orders",
    "OrderID",
    (q) => q.OrderID.in(10248, 10250),
    (r) => [10248, 10250].includes(r.OrderID)
  );
  await filters(
    "a Guid",
    "Shipments",
    "OrderID",
    (q) => q.ShipmentID.eq(guid),
    (r) => r.ShipmentID === guid
  );
  await filters(
    "an instant",
    "Orders",
    "OrderID",
    (q) => q.OrderDate.eq(may),
    (r) => r.OrderDate === may
  );
  await filters(
    "year",
    "Orders",
    "OrderID",
    (q) => q.OrderDate.year().eq(1969),
    (r) => r.OrderDate.startsWith("1969")
  );
  await filters(
    "a date",
    "Products",
    "ProductID",
    (q) => q.ReleasedOn.ge("2038-01-01"),
    (r) => r.ReleasedOn >= "2038"
  );
  await filters(
    "a boolean",
    "Products",
    "ProductID",
    (q) => q.Discontinued.isTrue(),
    (r) => r.Discontinued
  );
  await filters(
    "and, or, not",
    "Orders",
    "OrderID",
    (q) => q.Status.eq("Held").or(q.Status.eq("Open ")).not().and(q.OrderID.lt(10400)),
    (r) => !["Held", "Open "].includes(r.Status) && r.OrderID < 10400
  );
  await filters(
    "a path",
    "Orders",
    "OrderID",
    (q) => q.Account.props.Country.eq("Germany"),
    (r) => accounts[r.AccountID].Country === "Germany"
  );
  await filters(
    "any",
    "Orders",
    "OrderID",
    (q) => q.Lines.any((l) => l.Quantity.gt(90)),
    (r) => many.has(r.OrderID)
  );
  await filters(
    "all",
    "Orders",
    "OrderID",
    (q) => q.Lines.all((l) => l.Quantity.ge(50)),
    (r) => !few.has(r.OrderID)
  );
  await filters(
    "any alone",
    "Orders",
    "OrderID",
    (q) => q.Invoices.any(),
    (r) => invoiced.has(r.OrderID)
  );

  // Pages, counts, select, expand.
  const { found, pages } = await all(service.Orders(), (query) => query.select("OrderID"));
  same("a list of 20,000 comes in pages", pages, 10);
  same(
    "all keys once",
    found.map((row) => row.OrderID),
    keys("Orders", "OrderID")
  );
  const names = await all(service.Accounts(), (query, q) =>
    query.select("Name").orderBy(q.Name.desc(), q.AccountID.asc()).top(500)
  );
  const codePoints = (text) => Buffer.from(text, "utf8");
  const wanted = data.Accounts.map((row) => row.Name).sort((a, b) => Buffer.compare(codePoints(b), codePoints(a)));
  same(
    "order by code point",
    names.found.map((row) => row.Name),
    wanted.slice(0, 500)
  );
  const page = (await service.Orders().query((query, q) => query.count().top(2).skip(3).filter(q.Status.eq("Open"))))
    .data;
  same("count beside a page", page["@odata.count"], rows("Orders", (r) => r.Status === "Open").length);
  same("top", page.value.length, 2);
  const expanded = await service.Orders().query((query, q) =>
    query
      .select("OrderID")
      .filter(q.OrderID.le(10300))
      .expanding("Account", (inner) => inner.select("Name"))
      .expanding("Lines", (inner, l) => inner.select("ProductID").filter(l.Quantity.gt(10)).orderBy(l.ProductID.desc()))
  );
  same(
    "expand",
    expanded.data.value.map((o) => [o.OrderID, o.Account.Name, o.Lines.map((l) => l.ProductID)]),
    rows("Orders", (r) => r.OrderID <= 10300).map((o) => [
      o.OrderID,
      accounts[o.AccountID].Name,
      rows("OrderLines", (l) => l.OrderID === o.OrderID && l.Quantity > 10)
        .map((l) => l.ProductID)
        .sort((a, b) => b - a),
    ])
  );
  const search = await all(service.Accounts(), (query) => query.select("AccountID").search("Müller"));
  same(
    "search",
    search.found.some((row) => row.AccountID === "MÜLLER"),
    true
  );

  // Numbers that JSON readers of JavaScript would round come as texts when they are asked for in that way.
  const texts = { headers: { Accept: "application/json;IEEE754Compatible=true" } };
  const large = await service.StockLevels().query((query, q) => query.filter(q.OnHand.eq("9007199254740993")), texts);
  same("an Int64 beyond 2^53", [...new Set(large.data.value.map((row) => row.OnHand))], ["9007199254740993"]);
  const total = await service
    .Orders()
    .query((query, q) => query.filter(q.TotalAmount.eq("9999999999999999.99")), texts);
  same(
    "a large Decimal",
    total.data.value.map((row) => row.TotalAmount),
    ["9999999999999999.99"]
  );
});
