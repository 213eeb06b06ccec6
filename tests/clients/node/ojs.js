// o.js: plain objects become query options, requests are sent one by one or as a multipart batch.
const { o } = require("odata");
const { root, basic, data, accounts, same, refused, rows, keys, sorted, run } = require("./checks");

const headers = { Authorization: basic };
const service = () => o(root, { headers });

/** All rows of a query, by following next links. */
async function all(set, query) {
  const found = [];
  let next = null;
  let pages = 0;
  do {
    const response = await (next ? o(next, { headers }).get().fetch() : service().get(set).fetch(query));
    if (!response.ok) throw new Error(await response.text());
    const page = await response.json();
    found.push(...page.value);
    next = page["@odata.nextLink"];
    pages += 1;
  } while (next);
  return { found, pages };
}

async function filters(what, set, key, filter, promise) {
  const { found } = await all(set, { $filter: filter, $select: key });
  same(`${what}: ${filter}`, sorted(found.map((row) => row[key])), keys(set, key, promise));
}

run(async () => {
  const sets = await service().get("").query();
  same("service document", sorted(sets.map((set) => set.name)), sorted([...Object.keys(data), "WideOrders"]));
  const metadata = await (await service().get("$metadata").fetch()).text();
  same("$metadata", metadata.includes('<EntitySet Name="Orders" EntityType="Erp.Order"'), true);

  const promised = rows("Orders", (row) => row.OrderID === 10248)[0];
  const order = await service().get("Orders(10248)").query();
  for (const name of [
    "OrderID",
    "AccountID",
    "Status",
    "OrderDate",
    "RequiredDate",
    "UpdatedAt",
    "IsClosed",
    "Notes",
  ]) {
    same(`Orders(10248)/${name}`, order[name], promised[name]);
  }
  same("a Decimal as a number", order.TotalAmount, Number(promised.TotalAmount));
  for (const key of ["O''BRIEN", "M%C3%9CLLER", "A%2FB-7", "50%25OFF"]) {
    const name = accounts[decodeURIComponent(key).replaceAll("''", "'")].Name;
    same(`Accounts('${key}')`, (await service().get(`Accounts('${key}')`).query()).Name, name);
  }
  same("a navigation", (await service().get("Orders(10248)/Account").query()).Name, accounts[promised.AccountID].Name);
  same("a value", await (await service().get("Orders(10248)/Status/$value").fetch()).text(), promised.Status);
  const error = await refused("a key that is not there", service().get("Orders(1)").query());
  same("its status", error.status, 404);

  // The client encodes a blank as "+".
  await filters(
    "a quote and a blank",
    "Accounts",
    "AccountID",
    "Name eq 'O''Brien & Sons'",
    (r) => r.Name === "O'Brien & Sons"
  );
  await filters("unicode", "Accounts", "AccountID", "contains(Name, '🚀')", (r) => r.Name.includes("🚀"));
  await filters("a plus sign", "Accounts", "AccountID", "contains(Phone, '+4')", (r) => r.Phone?.includes("+4"));
  await filters(
    "a Guid",
    "Shipments",
    "OrderID",
    "ShipmentID eq 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    (r) => r.ShipmentID === "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
  );
  await filters(
    "instants",
    "Orders",
    "OrderID",
    "OrderDate ge 2024-05-01T02:00:00+02:00 and OrderDate lt 2024-05-02T00:00:00Z",
    (r) => r.OrderDate.slice(0, -1) >= "2024-05-01T00:00:00" && r.OrderDate < "2024-05-02"
  );
  const many = new Set(rows("OrderLines", (r) => r.Quantity > 90).map((r) => r.OrderID));
  await filters("any", "Orders", "OrderID", "Lines/any( line : line/Quantity gt 90 )", (r) => many.has(r.OrderID));
  const few = new Set(rows("OrderLines", (r) => r.Quantity < 50).map((r) => r.OrderID));
  await filters("all", "Orders", "OrderID", "Lines/all(l:l/Quantity ge 50)", (r) => !few.has(r.OrderID));

  const { found, pages } = await all("Shipments", { $select: "ShipmentID" });
  same("a list of 15,000 comes in pages", pages, 8);
  same("all keys once", sorted(found.map((row) => row.ShipmentID)), keys("Shipments", "ShipmentID"));
  const page = await (
    await service().get("Orders").fetch({ $count: true, $top: 2, $filter: "Status eq 'Open'" })
  ).json();
  same(
    "count beside a page",
    [page["@odata.count"], page.value.length],
    [rows("Orders", (r) => r.Status === "Open").length, 2]
  );
  same("count alone", await (await service().get("Orders/$count").fetch()).text(), String(data.Orders.length));
  const expanded = await service()
    .get("Orders")
    .query({ $top: 20, $select: "OrderID", $expand: "Account($select=Name),Lines($select=ProductID)" });
  same(
    "expand",
    expanded.map((x) => [x.OrderID, x.Account.Name, x.Lines.map((l) => l.ProductID)]),
    rows("Orders", (r) => r.OrderID < 10268).map((x) => [
      x.OrderID,
      accounts[x.AccountID].Name,
      rows("OrderLines", (l) => l.OrderID === x.OrderID)
        .map((l) => l.ProductID)
        .sort((a, b) => a - b),
    ])
  );

  // Batches, whose parts carry absolute or relative URLs. This client copies its headers into every part, and there
  // credentials are not allowed; so only the batch itself has them.
  for (const useRelativeURLs of [false, true]) {
    const batch = { endpoint: "$batch", boundaryPrefix: "batch_", useChangset: false, useRelativeURLs };
    batch.headers = new Headers({ Authorization: basic });
    const batched = o(root, { headers: { Accept: "application/json" }, batch });
    const answers = await batched
      .get("Orders(10248)")
      .get("Accounts?$filter=AccountID eq 'ALFKI'&$select=Name")
      .batch();
    const which = useRelativeURLs ? "with relative URLs" : "with absolute URLs";
    same(
      `a batch ${which}: statuses`,
      answers.map((answer) => answer.status),
      [200, 200]
    );
    same(`a batch ${which}: an entity`, answers[0].body.AccountID, "ALFKI");
    same(`a batch ${which}: a list`, answers[1].body[0].Name, accounts.ALFKI.Name);
  }
});
