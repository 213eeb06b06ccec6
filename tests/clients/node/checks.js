// What the scripts of the JavaScript clients share: the promised rows, and a comparison that tells what it checked.
const fs = require("fs");
const { isDeepStrictEqual } = require("util");

const [root, user, password, dataFile] = process.argv.slice(2);
const data = JSON.parse(fs.readFileSync(dataFile, "utf8"));
let done = 0;

function short(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 120 ? text : `${text.slice(0, 117)}…`;
}

function same(what, found, wanted) {
  if (!isDeepStrictEqual(found, wanted)) {
    console.log(`DIFFERENT  ${what}\n  found  ${short(found)}\n  wanted ${short(wanted)}`);
    process.exit(1);
  }
  done += 1;
  console.log(`ok  ${what}: ${short(found)}`);
}

/** The promise must fail; gives the error. */
async function refused(what, promise) {
  const answer = await promise.then(
    (found) => ({ found }),
    (error) => ({ error })
  );
  if (!("error" in answer)) {
    console.log(`DIFFERENT  ${what}\n  found  ${short(answer.found)}\n  wanted a refusal`);
    process.exit(1);
  }
  done += 1;
  console.log(`ok  ${what}: refused, ${short(String(answer.error?.message ?? answer.error))}`);
  return answer.error;
}

function rows(set, condition = () => true) {
  return data[set].filter(condition);
}

/** As both sides are sorted in the same way, the way does not matter. */
function sorted(values) {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function keys(set, key, condition) {
  const found = sorted(rows(set, condition).map((row) => row[key]));
  if (found.length === 0) throw new Error(`no row of ${set} is promised, so nothing would be checked`);
  return found;
}

/** Runs the checks of one client. */
function run(main) {
  main().then(
    () => console.log(`${done} checks passed`),
    (error) => {
      console.log(`FAILED  ${error?.stack ?? short(error)}`);
      process.exit(1);
    }
  );
}

const accounts = Object.fromEntries(data.Accounts.map((row) => [row.AccountID, row]));
const basic = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
module.exports = { root, user, password, basic, data, accounts, same, refused, rows, keys, sorted, run };
