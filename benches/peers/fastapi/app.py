"""What one would build in a day instead of using Penstock: FastAPI, SQLAlchemy and odata-query over the same tables.

It is meant to be as fast as this way allows: an asynchronous driver with prepared statements, pooled connections
without transactions around reads, columns instead of objects, orjson, uvloop, one worker for each processor. odata-query
knows `$filter`; the other options are read by hand, for what the workloads ask. Not handled at all: `$search`, next
links, entity tags, limits, rights, errors in OData's form.

    DATABASE=postgresql+asyncpg://... POOL=4 METADATA=FILE uvicorn app:app --workers 2
"""

import contextlib
import decimal
import os
import pathlib
import re

import fastapi
import orjson
import sqlalchemy as sa
from odata_query.sqlalchemy import apply_odata_core
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(
    os.environ["DATABASE"], pool_size=int(os.environ["POOL"]), max_overflow=0, isolation_level="AUTOCOMMIT"
)
tables = sa.MetaData()
metadata = pathlib.Path(os.environ["METADATA"]).read_bytes()
SETS = {name.title().replace("_", ""): name for name in ["accounts", "products", "orders", "order_lines", "invoices"]}
EXPANSION = re.compile(r"(\w+)\(([^)]*)\)")
EXPANDED = {("Accounts", "Orders"): "AccountId", ("Orders", "OrderLines"): "OrderId"}


@sa.event.listens_for(tables, "column_reflect")
def name_property(_inspector, _table, column):
    column["key"] = column["name"].title().replace("_", "")


@contextlib.asynccontextmanager
async def lifespan(_app):
    async with engine.connect() as connection:
        await connection.run_sync(tables.reflect)
    yield
    await engine.dispose()


app = fastapi.FastAPI(lifespan=lifespan, openapi_url=None)


def table_of(name):
    if name not in SETS:
        raise fastapi.HTTPException(404)
    return tables.tables[SETS[name]]


def plain(value):
    return float(value) if isinstance(value, decimal.Decimal) else str(value)


def answer(body, status=200):
    content = orjson.dumps(body, default=plain, option=orjson.OPT_UTC_Z)
    headers = {"OData-Version": "4.0"}
    return fastapi.Response(content, status, headers, "application/json;odata.metadata=minimal")


def ordering(table, text):
    """The columns of `$orderby`, and the key behind them in the direction of the last one."""
    columns, direction = [], "asc"
    for term in filter(None, (text or "").split(",")):
        name, _, direction = term.strip().partition(" ")
        columns.append(table.c[name].desc() if direction == "desc" else table.c[name])
    return [*columns, table.c.Id.desc() if direction == "desc" else table.c.Id]


def properties(table, select):
    return [name.strip() for name in select.split(",")] if select else [column.key for column in table.c]


async def expand(connection, name, parents, text):
    """One statement for the children of all parents, with the first few of each parent where `$top` says so."""
    for navigation, options in EXPANSION.findall(text):
        options = dict(option.split("=", 1) for option in options.split(";"))
        table, key = table_of(navigation), EXPANDED[name, navigation]
        names = properties(table, options.get("$select"))
        parent = table_of(name)
        child = sa.select(*(table.c[name] for name in names)).where(table.c[key] == parent.c.Id)
        child = child.order_by(*ordering(table, options.get("$orderby"))).limit(int(options["$top"])).lateral("child")
        children = {parent["Id"]: [] for parent in parents}
        statement = sa.select(parent.c.Id, child).join(child, sa.true()).where(parent.c.Id.in_(children))
        for parent_id, *row in await connection.execute(statement):
            children[parent_id].append(dict(zip(names, row)))
        for parent in parents:
            parent[navigation] = children[parent["Id"]]


@app.get("/odata/$metadata")
async def get_metadata():
    return fastapi.Response(metadata, media_type="application/xml")


@app.get("/odata/{name}({key:int})")
async def record(request: fastapi.Request, name: str, key: int):
    table = table_of(name)
    names = properties(table, request.query_params.get("$select"))
    statement = sa.select(*(table.c[name] for name in names)).where(table.c.Id == key)
    async with engine.connect() as connection:
        row = (await connection.execute(statement)).first()
    if row is None:
        raise fastapi.HTTPException(404)
    return answer({"@odata.context": f"{request.base_url}odata/$metadata#{name}/$entity", **dict(zip(names, row))})


@app.get("/odata/{name}")
async def page(request: fastapi.Request, name: str):
    table, options = table_of(name), request.query_params
    names = properties(table, options.get("$select"))
    statement, counting = sa.select(*(table.c[name] for name in names)), sa.select(sa.func.count()).select_from(table)
    if "$filter" in options:
        statement = apply_odata_core(statement, options["$filter"])
        counting = counting.where(statement.whereclause)
    top = min(int(options.get("$top", 2000)), 2000)
    statement = statement.order_by(*ordering(table, options.get("$orderby"))).limit(top)
    if "$skip" in options:
        statement = statement.offset(int(options["$skip"]))
    body = {"@odata.context": f"{request.base_url}odata/$metadata#{name}"}
    async with engine.connect() as connection:
        if options.get("$count") == "true":
            body["@odata.count"] = await connection.scalar(counting)
        rows = await connection.execute(statement) if top else []
        body["value"] = [dict(zip(names, row)) for row in rows]
        if "$expand" in options:
            await expand(connection, name, body["value"], options["$expand"])
    return answer(body)
