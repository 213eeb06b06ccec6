// The requests that Salesforce Connect sends to a running server, in a fixed mix, at a fixed rate; every answer is
// checked. Started by `run`, which says where the server is. Talks to that server only.
//
// What is asked for is learned from the server in `setup`, so the sample data may have any scale; but they must not
// change meanwhile. Which request comes when depends on its number alone: two runs at one rate ask the same.

import http from "k6/http";
import encoding from "k6/encoding";
import exec from "k6/execution";
import { Counter, Rate, Trend } from "k6/metrics";

const BASE = __ENV.PENSTOCK_LOAD_BASE;
const RATE = Number(__ENV.PENSTOCK_LOAD_RATE);
const DURATION_S = Number(__ENV.PENSTOCK_LOAD_DURATION_S);
const CLIENTS = Number(__ENV.PENSTOCK_LOAD_CLIENTS);
const ROUNDS_OF_CHECKS = 40;
const PAGES_MAX = 12; // of one walk along next links
const LOOPBACK = /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\/.*\/$/;
if (!LOOPBACK.test(BASE)) throw new Error(`${BASE} is no service root on this machine with a slash at its end`);

const HEADERS = { Accept: "application/json", "OData-MaxVersion": "4.0" };
if (__ENV.PENSTOCK_LOAD_USER) HEADERS.Authorization = `Basic ${encoding.b64encode(__ENV.PENSTOCK_LOAD_USER)}`;
if (__ENV.PENSTOCK_LOAD_GZIP === "1") HEADERS["Accept-Encoding"] = "gzip";

// Of a hundred actions. An action is one request, but for the walk along next links.
const MIX = [
  ["list", 34, list],
  ["record_filter", 16, recordByFilter],
  ["record_key", 6, recordByKey],
  ["related", 20, related],
  ["search_contains", 6, searchContains],
  ["search_free", 4, searchFree],
  ["page_skip", 4, pageBySkip],
  ["page_next", 2, pagesByNextLink],
  ["count", 8, count],
];
const KINDS = MIX.map(([kind]) => kind);
const times = Object.fromEntries(KINDS.map((kind) => [kind, new Trend(`kind_${kind}`, true)]));
const bytes = Object.fromEntries(KINDS.map((kind) => [kind, new Counter(`bytes_${kind}`)]));
const requests = Object.fromEntries(KINDS.map((kind) => [kind, new Counter(`requests_${kind}`)]));
const wrong = new Counter("wrong_answers");
const right = new Rate("right_answers");

const checking = __ENV.PENSTOCK_LOAD_CHECK === "1";
export const options = {
  scenarios: {
    salesforce: checking
      ? { executor: "shared-iterations", vus: 1, iterations: KINDS.length * ROUNDS_OF_CHECKS, maxDuration: "60s" }
      : {
          // An open model: requests come at their time, whether earlier ones are answered or not.
          executor: "constant-arrival-rate",
          rate: RATE,
          duration: `${DURATION_S}s`,
          preAllocatedVUs: CLIENTS,
          gracefulStop: "20s",
        },
  },
  thresholds: { wrong_answers: ["count==0"], right_answers: ["rate==1"] },
  setupTimeout: "60s",
  summaryTrendStats: ["med", "p(95)", "p(99)", "max", "count"],
  systemTags: ["status", "error_code"],
  maxRedirects: 0,
};

// --- one request -----------------------------------------------------------------------------------------------------

class Wrong extends Error {}

function expect(holds, what) {
  if (!holds) throw new Wrong(what);
}

/** Asks for a target below the service root, or for a next link as it is. */
function ask(kind, target) {
  const url = target.startsWith(BASE) ? target : BASE + target;
  const answer = http.get(url, { headers: HEADERS, timeout: "30s", tags: { kind } });
  if (times[kind]) {
    times[kind].add(answer.timings.duration);
    bytes[kind].add(answer.body ? answer.body.length : 0);
    requests[kind].add(1);
  }
  expect(answer.status === 200, `status ${answer.status} ${answer.error}: ${target.slice(0, 300)}`);
  return answer.body;
}

/** A page. `size` is the most rows that it may have; with a total, the number of rows is known exactly. */
function page(kind, set, options, size, skip = 0) {
  const target = `${set}?${query(options)}`;
  const body = JSON.parse(ask(kind, target));
  const rows = body.value;
  const total = body["@odata.count"];
  expect(Array.isArray(rows), `no rows: ${target}`);
  if (options.$count === "true") {
    const left = Math.max(0, total - skip);
    expect(rows.length === Math.min(size, left), `${rows.length} rows of ${total}: ${target}`);
  } else {
    expect(rows.length <= size, `${rows.length} rows, more than ${size}: ${target}`);
  }
  return { rows, total, next: body["@odata.nextLink"], target };
}

const query = (options) =>
  Object.entries(options)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
const text = (value) => `'${value.replaceAll("'", "''")}'`;

/** What was asked for comes back exactly. */
function echo({ rows, target }, property, value) {
  for (const row of rows) {
    const [found, wanted] = [row[property], value].map((any) => JSON.stringify(any));
    expect(row[property] === value, `${property} is ${found}, not ${wanted}: ${target}`);
  }
}

function sorted({ rows, target }, holds) {
  for (let i = 1; i < rows.length; i++) expect(holds(rows[i - 1], rows[i]), `row ${i} is out of order: ${target}`);
}

const latestFirst = (a, b) => Date.parse(a.OrderDate) >= Date.parse(b.OrderDate);

// --- the mix ---------------------------------------------------------------------------------------------------------

/** A number that looks drawn, but is the same for the same action in every run. */
function drawn(number, salt) {
  let x = (Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca77)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}
const pick = (from, number, salt) => from[drawn(number, salt) % from.length];

/** A list view shows 25 rows and asks for one more. */
function list(kind, known, n) {
  const open = pick(known.statuses, n, 1);
  switch (drawn(n, 2) % 7) {
    case 0:
      page(kind, "Accounts", { $select: "AccountID", $count: "true", $top: 26 }, 26);
      break;
    case 1:
      page(kind, "Orders", { $select: "AccountID,OrderDate,OrderID,ShipCity,ShipCountry", $count: "true", $top: 26 }, 26);
      break;
    case 2: {
      const country = pick(known.countries, n, 3);
      const options = { $select: "AccountID,City,Country", $count: "true", $filter: `Country eq ${text(country)}` };
      echo(page(kind, "Accounts", { ...options, $orderby: "City", $top: 26 }, 26), "Country", country);
      break;
    }
    case 3: {
      const options = { $select: "OrderDate,OrderID,Status", $count: "true", $orderby: "OrderDate desc", $top: 26 };
      sorted(page(kind, "Orders", options, 26), latestFirst);
      break;
    }
    case 4: {
      const filter = `Status eq ${text(open)} and OrderDate ge 2023-05-01T00:00:00Z`;
      const options = { $select: "AccountID,OrderDate,OrderID,Status", $count: "true", $filter: filter };
      const found = page(kind, "Orders", { ...options, $orderby: "OrderDate desc", $top: 26 }, 26);
      echo(found, "Status", open);
      sorted(found, latestFirst);
      break;
    }
    case 5: {
      const options = { $select: "IsClosed,OrderID,Status", $count: "true", $filter: "IsClosed eq false", $top: 26 };
      echo(page(kind, "Orders", options, 26), "IsClosed", false);
      break;
    }
    default:
      page(kind, "Orders", { $select: "OrderID,ShipName", $count: "true", $orderby: "ShipName desc", $top: 26 }, 26);
  }
}

/** A record page: the key as a filter, as Salesforce asks for it. */
function recordByFilter(kind, known, n) {
  const [set, property, keys, rest] = pick(known.records, n, 4);
  const key = pick(keys, n, 5);
  const literal = typeof key === "string" && set !== "Shipments" ? text(key) : key;
  const options = { $select: `${property},${rest}`, $count: "true", $filter: `${property} eq ${literal}`, $top: 1 };
  const found = page(kind, set, options, 1);
  expect(found.total === 1, `${found.total} records: ${found.target}`);
  echo(found, property, key);
}

/** A record by its own URL. */
function recordByKey(kind, known, n) {
  const [set, property, keys] = pick(known.records, n, 6);
  const key = pick(keys, n, 7);
  const literal = typeof key === "string" && set !== "Shipments" ? text(key) : String(key);
  const target = `${set}(${encodeURIComponent(literal)})`;
  const row = JSON.parse(ask(kind, target));
  echo({ rows: [row], target }, property, key);
}

/** A related list: the key of the parent as a filter on the children. */
function related(kind, known, n) {
  const order = pick(known.orders, n, 8);
  const account = pick(known.accounts, n, 9);
  switch (drawn(n, 10) % 4) {
    case 0:
    case 1: {
      const filter = `AccountID eq ${text(account)}`;
      const options = { $select: "AccountID,OrderDate,OrderID,Status", $count: "true", $filter: filter, $top: 26 };
      echo(page(kind, "Orders", options, 26), "AccountID", account);
      break;
    }
    case 2: {
      const options = { $select: "OrderID,ProductID,Quantity", $count: "true", $filter: `OrderID eq ${order}`, $top: 26 };
      echo(page(kind, "OrderLines", options, 26), "OrderID", order);
      break;
    }
    default: {
      const filter = `OrderID eq ${order}`;
      const options = { $select: "Carrier,OrderID,ShipmentID,TrackingNo", $count: "true", $filter: filter, $top: 7 };
      echo(page(kind, "Shipments", options, 7), "OrderID", order);
    }
  }
}

function holdsWord({ rows, target }, word, properties) {
  const holds = (value) => typeof value === "string" && value.toLowerCase().includes(word.toLowerCase());
  for (const row of rows) {
    expect(properties.some((property) => holds(row[property])), `a row without ${word}: ${target}`);
  }
}

/** Global search without a search index: one term for each text field; now and then an object with 150 of them. */
function searchContains(kind, known, n) {
  const [set, key, properties] = drawn(n, 11) % 8 === 0 ? known.wide : pick(known.searched, n, 12);
  const word = pick(known.words, n, 13);
  const filter = properties.map((property) => `contains(${property},${text(word)}) eq true`).join(" or ");
  const select = set === known.wide[0] ? key : [key, ...properties].join(",");
  const found = page(kind, set, { $select: select, $count: "true", $filter: filter, $top: 25 }, 25);
  if (set !== known.wide[0]) holdsWord(found, word, properties);
}

/** Global search with `$search`. */
function searchFree(kind, known, n) {
  const word = pick(known.words, n, 14);
  const properties = ["AccountID", "City", "Country", "Industry", "Name", "Phone", "Website"];
  const options = { $select: properties.join(","), $count: "true", $search: word, $top: 25 };
  holdsWord(page(kind, "Accounts", options, 25), word, properties);
}

/** A page deep in a list, by offset. */
function pageBySkip(kind, known, n) {
  const skip = 500 * (drawn(n, 15) % Math.ceil(known.totals.Orders / 500));
  const options = { $select: "OrderID,Status", $count: "true", $skip: skip, $top: 500 };
  sorted(page(kind, "Orders", options, 500, skip), (a, b) => a.OrderID < b.OrderID);
}

/** All pages of a list, each where the one before says. */
function pagesByNextLink(kind, known, n) {
  const byDate = drawn(n, 16) % 2 === 0;
  const status = pick(known.statuses, n, 17);
  const filter = `Status eq ${text(status)}`;
  const options = byDate
    ? { $select: "OrderDate,OrderID,Status", $count: "true", $filter: filter, $orderby: "OrderDate desc" }
    : { $select: "OrderID,Status", $count: "true" };
  let { rows, total, next, target } = page(kind, "Orders", options, 2000);
  const seen = new Set();
  let last = null;
  for (let pages = 1; ; pages++) {
    sorted({ rows: last ? [last, ...rows] : rows, target }, byDate ? latestFirst : (a, b) => a.OrderID < b.OrderID);
    if (byDate) echo({ rows, target }, "Status", status);
    rows.forEach((row) => seen.add(row.OrderID));
    last = rows[rows.length - 1];
    if (!next || pages === PAGES_MAX) break;
    expect(next.startsWith(BASE), `a next link that leads elsewhere: ${next}`);
    target = next;
    const body = JSON.parse(ask(kind, next));
    rows = body.value;
    expect(rows.length > 0 && body["@odata.count"] === total, `an empty page, or another total: ${target}`);
    next = body["@odata.nextLink"];
  }
  if (!next) expect(seen.size === total, `${seen.size} different rows of ${total}: ${target}`);
}

function count(kind, known, n) {
  const set = pick(Object.keys(known.totals), n, 18);
  const status = pick(known.statuses, n, 19);
  switch (drawn(n, 20) % 4) {
    case 0: {
      const { total, target } = page(kind, set, { $count: "true", $top: 0 }, 0);
      expect(total === known.totals[set], `${total}, not ${known.totals[set]}: ${target}`);
      break;
    }
    case 1: {
      const options = { $count: "true", $filter: `Status eq ${text(status)}`, $top: 0 };
      const { total, target } = page(kind, "Orders", options, 0);
      expect(total === known.ofStatus[status], `${total}, not ${known.ofStatus[status]}: ${target}`);
      break;
    }
    case 2: {
      const total = Number(ask(kind, `${set}/$count`));
      expect(total === known.totals[set], `${set}/$count is ${total}, not ${known.totals[set]}`);
      break;
    }
    default: {
      const total = Number(ask(kind, `Orders/$count?${query({ $filter: `Status eq ${text(status)}` })}`));
      expect(total === known.ofStatus[status], `${total} orders of status ${status}, not ${known.ofStatus[status]}`);
    }
  }
}

// --- the run ---------------------------------------------------------------------------------------------------------

/** Learns what there is to ask for. */
export function setup() {
  const rows = (set, select, top) => page("setup", set, { $select: select, $count: "true", $top: top }, top);
  const different = (values) => [...new Set(values.filter((value) => value !== null && value !== undefined))];
  const accounts = rows("Accounts", "AccountID,Country,Name", 2000);
  const orders = rows("Orders", "OrderID,Status", 2000);
  const invoices = rows("Invoices", "InvoiceNo", 500);
  const products = rows("Products", "ProductID", 500);
  const shipments = rows("Shipments", "ShipmentID", 500);
  const lines = rows("OrderLines", "OrderID", 1);
  const wide = rows("WideOrders", "OrderID", 1);
  const statuses = different(orders.rows.map((row) => row.Status));
  const keys = (found, property) => found.rows.map((row) => row[property]);
  const words = different(accounts.rows.flatMap((row) => row.Name.match(/\b[A-Za-z]{4,12}\b/g)));
  const ofStatus = {};
  for (const status of statuses) {
    const options = { $select: "OrderID", $count: "true", $filter: `Status eq ${text(status)}`, $top: 1 };
    ofStatus[status] = page("setup", "Orders", options, 1).total;
  }
  const texts = Array.from({ length: 150 }, (_, i) => `Text${String(i + 1).padStart(3, "0")}`);
  return {
    accounts: keys(accounts, "AccountID"),
    countries: different(keys(accounts, "Country")),
    orders: keys(orders, "OrderID"),
    statuses,
    ofStatus,
    words: words.slice(0, 200),
    records: [
      ["Orders", "OrderID", keys(orders, "OrderID"), "AccountID,Currency,OrderDate,ShipCity,ShipName,Status,TotalAmount"],
      ["Accounts", "AccountID", keys(accounts, "AccountID"), "City,Country,CreditLimit,Industry,Name,Phone,Website"],
      ["Products", "ProductID", keys(products, "ProductID"), "Description,Discontinued,ProductName,ReleasedOn,UnitPrice"],
      ["Invoices", "InvoiceNo", keys(invoices, "InvoiceNo"), "Amount,DueDate,OrderID,Paid"],
      ["Shipments", "ShipmentID", keys(shipments, "ShipmentID"), "Carrier,OrderID,TrackingNo"],
    ],
    searched: [
      ["Accounts", "AccountID", ["Name", "Phone", "Website"]],
      ["Orders", "OrderID", ["ShipCity", "ShipCountry", "ShipName"]],
      ["Products", "ProductID", ["Description", "ProductName"]],
    ],
    wide: ["WideOrders", "OrderID", texts],
    totals: {
      Accounts: accounts.total,
      Orders: orders.total,
      Invoices: invoices.total,
      Products: products.total,
      Shipments: shipments.total,
      OrderLines: lines.total,
      WideOrders: wide.total,
    },
  };
}

export default function (known) {
  const n = exec.scenario.iterationInTest;
  let at = drawn(n, 0) % 100;
  const [kind, , act] = checking ? MIX[n % MIX.length] : MIX.find(([, share]) => (at -= share) < 0);
  try {
    act(kind, known, n);
    right.add(true);
  } catch (error) {
    right.add(false);
    wrong.add(1);
    console.error(`${kind} (action ${n}): ${error instanceof Wrong ? error.message : error.stack || error}`);
  }
}

export function handleSummary({ metrics, state }) {
  const value = (name, key) => (metrics[name] ? metrics[name].values[key] || 0 : 0);
  const sent = value("http_reqs", "count");
  const seconds = state.testRunDurationMs / 1000;
  const files = { [__ENV.PENSTOCK_LOAD_SENT]: `${sent}\n` };
  const bad = value("wrong_answers", "count");
  if (checking) {
    return { ...files, stdout: `checked: ${value("iterations", "count")} actions, ${sent} requests, ${bad} wrong\n` };
  }
  const cells = (...row) => row.map((cell, i) => (i ? String(cell).padStart(10) : String(cell).padEnd(18))).join("") + "\n";
  let out = cells("kind", "requests", "KB each", "p50 ms", "p95 ms", "p99 ms", "max ms");
  for (const kind of KINDS) {
    const time = metrics[`kind_${kind}`];
    if (!time) continue;
    const asked = value(`requests_${kind}`, "count");
    const ms = ["med", "p(95)", "p(99)", "max"].map((key) => time.values[key].toFixed(2));
    out += cells(kind, asked, (value(`bytes_${kind}`, "count") / asked / 1000).toFixed(1), ...ms);
  }
  const dropped = value("dropped_iterations", "count");
  const pace = (sent / seconds).toFixed(1);
  out += `\nactions ${value("iterations", "count")} at ${RATE} a second, `;
  out += `requests ${sent} (${pace} a second, setup included)\n`;
  out += `wrong answers ${bad}, actions dropped because all clients were waiting ${dropped}\n`;
  if (dropped) out += "Server or generator did not keep up: the percentiles look better than they are. Ask for less.\n";
  return { ...files, stdout: out };
}
