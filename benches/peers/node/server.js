// What one would build in a day instead of using Penstock: Express, pg and odata-v4-pg over the same tables.
//
// It is meant to be as fast as this way allows: named prepared statements, pooled connections, the count beside the
// page, one worker for each processor. odata-v4-pg makes SQL of $filter, $select, $orderby, $top and $skip. Not handled
// at all: $search, next links, entity tags, limits, rights, errors in OData's form, decimals beyond 15 digits.
//
//     DATABASE=postgres://... POOL=4 METADATA=FILE PORT=8080 WORKERS=2 node server.js

import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import express from 'express';
import odata from 'odata-v4-pg';
import pg from 'pg';

const SETS = {
  Accounts: 'accounts', Products: 'products', Orders: 'orders', OrderLines: 'order_lines', Invoices: 'invoices',
};
const EXPANDED = { 'Accounts/Orders': 'AccountId', 'Orders/OrderLines': 'OrderId' };
const DATE = 1082, INT8 = 20, NUMERIC = 1700;

pg.types.setTypeParser(DATE, (text) => text);
pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(NUMERIC, Number);

function run({ DATABASE, POOL, METADATA, PORT }) {
  const pool = new pg.Pool({ connectionString: DATABASE, max: Number(POOL) });
  const names = new Map();
  const rowsets = new Map();

  /** A statement that is prepared on each connection once. */
  async function ask(text, values) {
    if (!names.has(text)) names.set(text, `s${names.size}`);
    return (await pool.query({ name: names.get(text), text, values })).rows;
  }

  /** The table of a set, its columns under the names of the properties. */
  async function from(set) {
    if (!Object.hasOwn(SETS, set)) return undefined;
    if (!rowsets.has(set)) {
      const sql = 'SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position';
      const columns = (await pool.query(sql, [SETS[set]])).rows.map((row) => row.column_name);
      const property = (column) => column.replace(/(^|_)(.)/g, (_, __, letter) => letter.toUpperCase());
      const list = columns.map((column) => `${column} AS "${property(column)}"`).join(', ');
      rowsets.set(set, `(SELECT ${list} FROM ${SETS[set]}) AS "${set}"`);
    }
    return rowsets.get(set);
  }

  /** The order, with the key behind it in the direction of the last term. */
  function order(query) {
    const given = query.orderby && query.orderby !== '1' ? `${query.orderby}, ` : '';
    return `${given}"Id" ${/ DESC$/.test(query.orderby) ? 'DESC' : 'ASC'}`;
  }

  /** One statement for the children of all parents. */
  async function expand(set, parents, include) {
    const navigation = include.navigationProperty, key = EXPANDED[`${set}/${navigation}`];
    const few = `SELECT ${include.select} FROM ${await from(navigation)} WHERE "${key}" = parent`;
    const sql = `SELECT parent AS "of", child.* FROM unnest($1::int[]) AS parent,
      LATERAL (${few} ORDER BY ${order(include)} LIMIT ${include.limit}) AS child`;
    const children = new Map(parents.map((parent) => [parent.Id, []]));
    for (const { of, ...child } of await ask(sql, [[...children.keys()]])) children.get(of).push(child);
    for (const parent of parents) parent[navigation] = children.get(parent.Id);
  }

  function send(response, body) {
    response.setHeader('Content-Type', 'application/json;odata.metadata=minimal');
    response.setHeader('OData-Version', '4.0');
    response.end(JSON.stringify(body));
  }

  const app = express();
  app.disable('x-powered-by').disable('etag');
  const metadata = readFileSync(METADATA);
  app.get('/odata/\\$metadata', (_, response) => response.setHeader('Content-Type', 'application/xml').end(metadata));
  app.get('/odata/:path', async (request, response) => {
    const [, set, key] = /^(\w+)(?:\((\d+)\))?$/.exec(request.params.path) ?? [];
    const rowset = await from(set);
    if (!rowset) return response.status(404).end();
    const context = `http://${request.headers.host}/odata/$metadata#${set}`;
    // As it came: the parser decodes by itself, and refuses letters outside ASCII.
    const text = request.url.split('?')[1] ?? '';
    const query = odata.createQuery(text || '$top=2000');
    if (key) {
      const [row] = await ask(`SELECT ${query.select} FROM ${rowset} WHERE "Id" = $1`, [Number(key)]);
      return row ? send(response, { '@odata.context': `${context}/$entity`, ...row }) : response.status(404).end();
    }
    const body = { '@odata.context': context };
    const limit = Math.min(query.limit ?? 2000, 2000), skip = query.skip ? ` OFFSET ${query.skip}` : '';
    const chosen = `FROM ${rowset} WHERE ${query.where}`;
    const page = `SELECT ${query.select} ${chosen} ORDER BY ${order(query)} LIMIT ${limit}${skip}`;
    const counted = /\$count=true/.test(text) && ask(`SELECT count(*) AS n ${chosen}`, query.parameters);
    const [rows, count] = await Promise.all([limit ? ask(page, query.parameters) : [], counted]);
    if (count) body['@odata.count'] = count[0].n;
    for (const include of query.includes) if (rows.length) await expand(set, rows, include);
    body.value = rows;
    send(response, body);
  });
  app.listen(Number(PORT), '127.0.0.1');
}

if (cluster.isPrimary) {
  for (let worker = 0; worker < Number(process.env.WORKERS); worker += 1) cluster.fork();
  process.on('SIGTERM', () => process.exit());
} else {
  run(process.env);
}
