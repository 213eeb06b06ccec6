// @odata/client: filters from builders, `$format=json` in every request, batches in both formats.
const { OData } = require("@odata/client");
const { Guid, RawString } = require("@odata/client/lib/types");
const { root, user, password, data, accounts, same, refused, rows, keys, sorted, run } = require("./checks");

const client = OData.New4({ serviceEndpoint: root, credential: { username: user, password } });
const options = () => client.newOptions();
const orders = client.getEntitySet("Orders");

async function filters(what, set, key, filter, promise) {
  const found = await client.getEntitySet(set).query(options().filter(filter).select(key).format("json"));
  same(`${what}: ${filter}`, sorted(found.map((row) => row[key])), keys(set, key, promise));
}

run(async () => {
  const promised = rows("Orders", (row) => row.OrderID === 10248)[0];
  const order = await orders.retrieve(10248);
  for (const name of ["OrderID", "AccountID", "Status", "OrderDate", "IsClosed", "Notes"]) {
    same(`Orders(10248)/${name}`, order[name], promised[name]);
  }
  const line = await client.getEntitySet("OrderLines").retrieve({ OrderID: 10248, ProductID: 11 });
  same(
    "a compound key",
    line.Quantity,
    rows("OrderLines", (r) => r.OrderID === 10248 && r.ProductID === 11)[0].Quantity
  );
  const error = await refused("a key that is not there", orders.retrieve(1));
  same("its message", error.message, "there is no entity with this key");

  const filter = () => client.newFilter();
  await filters(
    "a text",
    "Accounts",
    "AccountID",
    filter().property("AccountID").eq("ROCKET-🚀"),
    (r) => r.AccountID === "ROCKET-🚀"
  );
  await filters("unicode, by hand", "Accounts", "AccountID", "contains(Name,'Müller')", (r) =>
    r.Name.includes("Müller")
  );
  await filters(
    "a quote, by hand",
    "Accounts",
    "AccountID",
    "AccountID eq 'O''BRIEN'",
    (r) => r.AccountID === "O'BRIEN"
  );
  await filters("a list", "Orders", "OrderID", filter().property("OrderID").in([10248, 10250]), (r) =>
    [10248, 10250].includes(r.OrderID)
  );
  await filters(
    "between",
    "Orders",
    "OrderID",
    filter().property("OrderID").between(10300, 10310),
    (r) => r.OrderID >= 10300 && r.OrderID <= 10310
  );
  const guid = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
  await filters(
    "a Guid",
    "Shipments",
    "OrderID",
    filter().property("ShipmentID").eq(Guid.from(guid)),
    (r) => r.ShipmentID === guid
  );
  // Its own literals of instants are those of OData 2.0.
  const [from, to] = [RawString.from("2024-05-01T00:00:00Z"), RawString.from("2024-05-01T12:00:00.000Z")];
  await filters(
    "between instants",
    "Orders",
    "OrderID",
    filter().property("OrderDate").gt(from).property("OrderDate").lt(to),
    (r) => r.OrderDate.slice(0, -1) > "2024-05-01T00:00:00" && r.OrderDate < "2024-05-01T12:00:00"
  );
  const some = filter()
    .property("Status")
    .eq("Held")
    .group(filter().property("OrderID").lt(10400).property("IsClosed").eq(false));
  await filters(
    "two properties",
    "Orders",
    "OrderID",
    some,
    (r) => r.Status === "Held" && r.OrderID < 10400 && !r.IsClosed
  );
  same(
    "find",
    (await orders.find({ AccountID: "O'BRIEN".replaceAll("'", "''"), Status: "Held" })).length,
    rows("Orders", (r) => r.AccountID === "O'BRIEN" && r.Status === "Held").length
  );

  same(
    "count",
    await orders.count(filter().property("Status").eq("Open")),
    rows("Orders", (r) => r.Status === "Open").length
  );
  const few = await orders.query(options().top(5).skip(10).orderby("OrderID", "desc").select(["OrderID", "Status"]));
  const wanted = rows("Orders")
    .sort((a, b) => b.OrderID - a.OrderID)
    .slice(10, 15);
  same(
    "top, skip, orderby, select",
    few.map((r) => [r.OrderID, r.Status]),
    wanted.map((r) => [r.OrderID, r.Status])
  );
  const expanded = await orders.query(options().top(3).expand(["Account", "Lines"]).orderby("OrderID", "asc"));
  same(
    "expand",
    expanded.map((r) => [r.Account.Name, r.Lines.length]),
    rows("Orders", (r) => r.OrderID < 10251).map((r) => [
      accounts[r.AccountID].Name,
      rows("OrderLines", (l) => l.OrderID === r.OrderID).length,
    ])
  );
  same(
    "search",
    (await client.getEntitySet("Products").query(options().search("AIRPORT POTLUCK", false)))
      .map((r) => r.ProductName)
      .includes("AIRPORT POTLUCK"),
    true
  );

  const requests = () => [
    client.newBatchRequest({ collection: "Orders", id: 10248, method: "GET", withContentLength: false }),
    client.newBatchRequest({ collection: "Accounts", method: "GET", params: options().filter("AccountID eq 'ALFKI'") }),
  ];
  for (const [form, send] of [
    ["multipart", "execBatchRequests"],
    ["JSON", "execBatchRequestsJson"],
  ]) {
    const answers = await client[send](requests());
    same(
      `a ${form} batch: statuses`,
      answers.map((answer) => answer.status),
      [200, 200]
    );
    same(`a ${form} batch: an entity`, (await answers[0].json()).AccountID, "ALFKI");
    same(
      `a ${form} batch: a list`,
      (await answers[1].json()).value.map((r) => r.Name),
      [accounts.ALFKI.Name]
    );
  }
});
