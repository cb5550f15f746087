"""The peers: DuckDB on the files as they are, and Polars in memory. Each call is a process of its own, so that its memory is its own."""

import json
import math
import resource
import sys
import time
from datetime import date
from decimal import Decimal, getcontext
from pathlib import Path

# Sums of DECIMAL(38, 12) without a rounding.
getcontext().prec = 100

MONEY = "DECIMAL(38,12)"
TYPES = {
    **dict.fromkeys(["BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "ConsumedQuantity", "PricingQuantity"], MONEY),
    **dict.fromkeys(["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"], "TIMESTAMP"),
}
COLUMNS = {
    "service": "ServiceName",
    "service_category": "ServiceCategory",
    "sub_account": "SubAccountId",
    "region": "RegionId",
    "resource": "ResourceId",
    "sku": "SkuId",
    "charge_category": "ChargeCategory",
    "pricing_category": "PricingCategory",
    "commitment_status": "CommitmentDiscountStatus",
    "billed_cost": "BilledCost",
    "effective_cost": "EffectiveCost",
    "contracted_cost": "ContractedCost",
    "list_cost": "ListCost",
}
GRAINS = {"month": "1mo", "day": "1d", "hour": "1h"}


def threads() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def connect(path: str = ":memory:"):
    import duckdb

    connection = duckdb.connect(path)
    connection.execute(f"SET threads = {threads()}")
    return connection


def write_parquet(folder: Path) -> None:
    """One Parquet file for each month, typed as providers type it."""
    connection = connect()
    for bill in sorted((folder / "csv.gz").glob("*.csv.gz")):
        target = folder / "parquet" / f"{bill.name.removesuffix('.csv.gz')}.parquet"
        typed = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in TYPES.items())
        rows = f"SELECT * REPLACE ({typed}) FROM read_csv('{bill}', all_varchar = true)"
        connection.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet)")


def load(source: str, database: str) -> dict:
    """What a plain load takes, without starting Python."""
    connection = connect(database)
    wall, cpu = time.perf_counter(), time.process_time()
    if source.endswith("parquet"):
        connection.execute(f"CREATE TABLE bill AS SELECT * FROM read_parquet('{source}')")
    elif source.endswith("json"):
        connection.execute(f"CREATE TABLE bill AS SELECT * FROM read_json('{source}', format = 'newline_delimited')")
    elif source.endswith("txt"):
        connection.execute(f"CREATE TABLE bill AS SELECT * FROM read_csv('{source}', all_varchar = true, delim = '\x01', header = false, quote = '')")
    else:
        connection.execute(f"CREATE TABLE bill AS SELECT * FROM read_csv('{source}', all_varchar = true)")
    connection.execute("CHECKPOINT")
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def measured(questions: list, runs: int, answer, rows_of, warm_up: int = 1) -> dict:
    """Times of every question in milliseconds, its rows and what their measures add up to; and the process's largest size."""
    found = []
    for question in questions:
        times, cpu = [], []
        for run in range(runs + warm_up):
            wall_at, cpu_at = time.perf_counter(), time.process_time()
            answered = answer(question["question"])
            if run >= warm_up:
                times.append((time.perf_counter() - wall_at) * 1000)
                cpu.append((time.process_time() - cpu_at) * 1000)
        rows = rows_of(answered)
        sums = sums_of(question["question"], rows)
        found.append({"name": question["name"], "wall": times, "cpu": cpu, "rows": len(rows), **sums})
    return {"questions": found, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def sums_of(question: dict, rows: list) -> dict:
    """What the rows add up to: each measure, and after it the measure of the compared period. The measures are the last columns."""
    width = len(question.get("measures", ["billed_cost"])) * (2 if question.get("compare") else 1)
    columns = [[row[at - width] for row in rows if row[at - width] is not None] for at in range(width)]
    exact = not any(isinstance(value, float) for column in columns for value in column)
    return {"exact": exact, "sums": [str(sum(column, Decimal(0)) if exact else math.fsum(column)) for column in columns]}


def column_sql(dimension: str) -> str:
    if dimension.startswith("tag:"):
        return f"json_extract_string(Tags, '$.\"{dimension[4:]}\"')"
    return f'"{COLUMNS[dimension]}"'


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def condition_sql(item: dict) -> str:
    column, values = column_sql(item["dimension"]), item.get("values", [])
    listed = ", ".join(quoted(value) for value in values)
    match item["operator"]:
        case "is":
            return f"{column} IN ({listed})"
        case "is_not":
            return f"({column} NOT IN ({listed}) OR {column} IS NULL)"
        case "contains":
            return f"contains(lower({column}), {quoted(values[0].lower())})"
    raise ValueError(item["operator"])


def within_sql(period: dict) -> str:
    return f"ChargePeriodStart >= '{period['from']}' AND ChargePeriodStart < '{period['to']}'"


def question_sql(question: dict, source: str) -> str:
    """The question as a person would write it in SQL."""
    measures = [COLUMNS[measure] for measure in question.get("measures", ["billed_cost"])]
    period, compare = question.get("period"), question.get("compare")
    where = [condition_sql(item) for item in question.get("filters", [])]
    sums = [f'sum("{measure}") AS "{measure}"' for measure in measures]
    if compare:
        before = compare["period"]
        where.append(f"(({within_sql(period)}) OR ({within_sql(before)}))")
        sums = [
            f'sum("{measure}") FILTER ({within_sql(span)}) AS "{measure}{suffix}"'
            for measure in measures
            for span, suffix in ((period, ""), (before, " before"))
        ]
    elif period:
        where.append(within_sql(period))
    keys = [f'{column_sql(dimension)} AS "{dimension}"' for dimension in question.get("by", [])]
    names = [f'"{dimension}"' for dimension in question.get("by", [])]
    top, grain = question.get("top"), question.get("grain")
    if grain:
        keys.insert(0, f"date_trunc('{grain}', ChargePeriodStart) AS period")
    filtered = f"SELECT * FROM {source}" + (f" WHERE {' AND '.join(where)}" if where else "")
    if top and grain:
        first = f'SELECT {", ".join(keys[1:])}, sum("{measures[0]}") AS ranked FROM filtered GROUP BY ALL ORDER BY ranked DESC, {", ".join(names)} LIMIT {top}'
        join = " AND ".join(f"{column_sql(dimension)} IS NOT DISTINCT FROM best.\"{dimension}\"" for dimension in question["by"])
        return (
            f"WITH filtered AS ({filtered}), best AS ({first}) SELECT {', '.join(keys)}, {', '.join(sums)} "
            f"FROM filtered JOIN best ON {join} GROUP BY ALL ORDER BY ALL"
        )
    order = ("period, " if grain else "") + f'"{measures[0]}" DESC' + "".join(f", {name}" for name in names)
    limit = f" LIMIT {top}" if top else ""
    group = " GROUP BY ALL" if keys else ""
    return f"SELECT {', '.join(keys + sums)} FROM ({filtered}){group} ORDER BY {order}{limit}"


def ask_duckdb(folder: str, questions: list, runs: int) -> dict:
    connection = connect()
    source = f"read_parquet('{folder}/parquet/*.parquet')"
    return measured(questions, runs, lambda question: connection.execute(question_sql(question, source)).fetchall(), list)


def ask_polars(folder: str, questions: list, runs: int) -> dict:
    import polars as pl

    frame = pl.read_parquet(f"{folder}/parquet/*.parquet")

    def column(dimension: str):
        if dimension.startswith("tag:"):
            return pl.col("Tags").str.json_path_match(f"$['{dimension[4:]}']").alias(dimension)
        return pl.col(COLUMNS[dimension]).alias(dimension)

    def within(period: dict):
        start = pl.col("ChargePeriodStart")
        return (start >= date.fromisoformat(period["from"])) & (start < date.fromisoformat(period["to"]))

    def condition(item: dict):
        values = item.get("values", [])
        match item["operator"]:
            case "is":
                return column(item["dimension"]).is_in(values)
            case "is_not":
                return ~column(item["dimension"]).is_in(values) | column(item["dimension"]).is_null()
            case "contains":
                return column(item["dimension"]).str.to_lowercase().str.contains(values[0].lower(), literal=True)
        raise ValueError(item["operator"])

    def answer(question: dict) -> pl.DataFrame:
        measures = [COLUMNS[measure] for measure in question.get("measures", ["billed_cost"])]
        period, compare = question.get("period"), question.get("compare")
        lazy = frame.lazy()
        for item in question.get("filters", []):
            lazy = lazy.filter(condition(item))
        sums = [pl.col(measure).sum() for measure in measures]
        if compare:
            before = compare["period"]
            lazy = lazy.filter(within(period) | within(before))
            sums = [
                pl.col(measure).filter(within(span)).sum().alias(measure + suffix)
                for measure in measures
                for span, suffix in ((period, ""), (before, " before"))
            ]
        elif period:
            lazy = lazy.filter(within(period))
        names, grain, top = question.get("by", []), question.get("grain"), question.get("top")
        keys = [column(name) for name in names]
        if grain:
            keys.insert(0, pl.col("ChargePeriodStart").dt.truncate(GRAINS[grain]).alias("period"))
        if not keys:
            return lazy.select(sums).collect()
        grouped = lazy.group_by(keys).agg(sums)
        ranked = {"by": [measures[0], *names], "descending": [True] + [False] * len(names), "nulls_last": True}
        if top and grain:
            best = grouped.group_by(names).agg(pl.col(measures[0]).sum()).sort(**ranked).head(top)
            grouped = grouped.join(best.select(names), on=names, how="semi", nulls_equal=True)
        elif top:
            grouped = grouped.sort(**ranked).head(top)
        return grouped.sort((["period"] if grain else []) + names).collect()

    return measured(questions, runs, answer, lambda frame: frame.rows())


def main() -> None:
    task, *rest = sys.argv[1:]
    if task == "parquet":
        write_parquet(Path(rest[0]))
    elif task == "load":
        print(json.dumps(load(rest[0], rest[1])))
    else:
        ask = {"duckdb": ask_duckdb, "polars": ask_polars}[task]
        print(json.dumps(ask(rest[0], json.loads(Path(rest[1]).read_text()), int(rest[2]))))


if __name__ == "__main__":
    main()
