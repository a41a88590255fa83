"""The report of a load as one page: a single file that needs no network, no script, and nothing beside it.

Rule: every figure is the report's own; `<data value=…>` holds it as the JSON does, its text is rounded for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, Final

from simulator.load.charts import Line, Linear, Log, bars_chart, lines_chart
from simulator.load.series import Event, Step
from simulator.load.tables import data, framed, table
from simulator.load.tally import AS_WANTED, Ending

STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The page loads nothing at all, wherever it is opened."""

STEPS: Final = {
    Step.MO_TO_ACK: ("Text to acknowledgement", "from when a text was due until its deliver_sm_resp"),
    Step.PAY_TO_CODE: ("Payment to code", "from when the first text was due until the code"),
    Step.CODE_TO_RECEIPT: ("Code to receipt", "from when the code was due to be sent back until the receipt"),
    Step.WHOLE: ("Whole dialogue", "from when the first text was due until the last answer, without thinking time"),
}

ENDINGS: Final = {
    Ending.DONE: "done",
    Ending.CANCELLED: "cancelled by the subscriber, as meant",
    Ending.ABANDONED: "code never answered, as meant",
    Ending.REFUSED: "refused: something else came instead of the code",
    Ending.NOT_PAID: "not paid: something else came instead of the receipt",
    Ending.PAID_UNASKED: "paid without a right code",
    Ending.NO_ANSWER: "no answer in time",
    Ending.NO_RECEIPT: "no receipt in time",
    Ending.NOT_TAKEN: "text not taken by the gateway",
}

PERCENTILES: Final = {
    "p50_ms": ("p50", "one"),
    "p90_ms": ("p90", "two"),
    "p99_ms": ("p99", "three"),
    "max_ms": ("max", "four"),
}
RATES: Final = {Event.DUE: "four", Event.STARTED: "two", Event.DONE: "one", Event.FAILED: "three"}

CHECKS: Final = {
    "done": "dialogues done",
    "failed": "dialogues failed, missed or open",
    "p99_ms": "p99 of whole dialogues, ms",
    "breaches": "breaches of SMPP by the gateway",
}


REASONS: Final = {
    "done": "nothing was done",
    "failed": "too many dialogues failed",
    "p99_ms": "the p99 is too high",
    "breaches": "the gateway breaks SMPP",
}
"""What the headline says of a check that did not pass."""


def page(report: Mapping[str, Any]) -> str:
    """The page of a complete report (`report.complete`)."""
    title = f"Load {'passed' if report['verdict']['passed'] else 'failed'}, {_moment(report)}"
    sections = (
        _verdict(report),
        _tiles(report),
        _rates(report),
        _latencies(report),
        _distributions(report),
        _outcomes(report),
        _operators(report),
        _unexpected(report),
        _circumstances(report),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, sections))
        + "\n</main>\n</body>\n</html>\n"
    )


def _verdict(report: Mapping[str, Any]) -> str:
    verdict = report["verdict"]
    passed = verdict["passed"]
    checks = "".join(
        f'<li class="{"good" if check["passed"] else "bad"}">{escape(CHECKS[check["name"]])}: '
        f"{data(check['value'])}, wanted {escape(check['limit'])}</li>"
        for check in verdict["checks"]
    )
    words = "passed" if passed else "failed"
    failing = [REASONS[check["name"]] for check in verdict["checks"] if not check["passed"]]
    by = f": {' and '.join(failing)}" if failing else ""
    asked = "flat out" if not _is_open_loop(report["settings"]) else "at a given rate"
    return (
        f'<header class="verdict {words}"><h1>Load <strong>{words}</strong>{by}</h1>'
        f'<p class="quiet">{_moment(report)} · {data(report["started"])} dialogues in '
        f"{data(report['took_s'])} s, {asked}</p><ul>{checks}</ul></header>"
    )


def _tiles(report: Mapping[str, Any]) -> str:
    whole = report["latency"][Step.WHOLE]
    tiles = (
        ("Done a second", report["done_per_s"], "/s"),
        ("Done", report["endings"][Ending.DONE], ""),
        ("Failed", report["failed"], ""),
        ("Missed or open", report["missed"] + report["open"], ""),
        ("Whole, p50", whole["p50_ms"], "ms"),
        ("Whole, p99", whole["p99_ms"], "ms"),
    )
    cells = "".join(
        f"<div><dt>{name}</dt><dd>{data(value)}{f' <small>{unit}</small>' if unit else ''}</dd></div>"
        for name, value, unit in tiles
    )
    return f'<dl class="tiles">{cells}</dl>'


def _rates(report: Mapping[str, Any]) -> str:
    points, width_s, ends_s = _points(report)
    if not points:
        return ""
    lines = [Line(event.value, look, [point[event] / width_s for point in points]) for event, look in RATES.items()]
    scale = Linear(max(value or 0.0 for line in lines for value in line.values))
    label = "Dialogues a second over time: due, started, done, failed. The table behind the chart has the numbers."
    chart = lines_chart(label, lines, scale, ends_s, report["warm_up"]["seconds"])
    rows = ([point["at_s"], *(point[event] for event in RATES)] for point in points)
    heads = ("from second", *(event.value for event in RATES))
    shaded = " The warm-up is shaded." if report["warm_up"]["seconds"] else ""
    note = f"per second; one point for {width_s:g} s.{shaded}"
    return "<h2>Rate over time</h2>" + _figure("Dialogues", note, chart, table(heads, rows), wide=True)


def _latencies(report: Mapping[str, Any]) -> str:
    points, _, ends_s = _points(report)
    figures = []
    for step, (name, meaning) in STEPS.items():
        summaries = [point["latency"].get(step) for point in points]
        values = [summary["max_ms"] for summary in summaries if summary]
        if not values:
            continue
        lines = [
            Line(percentile, look, [summary[key] if summary else None for summary in summaries])
            for key, (percentile, look) in PERCENTILES.items()
        ]
        low = min(value for line in lines for value in line.values if value is not None)
        label = f"{name}: p50, p90, p99 and the longest over time, in milliseconds."
        chart = lines_chart(label, lines, Log(max(low, 0.01), max(*values, 0.02)), ends_s, report["warm_up"]["seconds"])
        keys = ("count", *PERCENTILES)
        rows = [
            [point["at_s"], *(summary[key] for key in keys)]
            for point, summary in zip(points, summaries, strict=True)
            if summary
        ]
        figures.append(_figure(name, f"ms, {meaning}", chart, table(("from second", *keys), rows)))
    totals = [[STEPS[step][0], *report["latency"][step].values()] for step in STEPS if report["latency"][step]["count"]]
    if not totals:
        return ""
    body = table(("ms", *report["latency"][Step.WHOLE]), totals)
    return f'<h2>Latency</h2>{body}<h2>Latency over time</h2><div class="figures">{"".join(figures)}</div>'


def _distributions(report: Mapping[str, Any]) -> str:
    figures = []
    for step, (name, _) in STEPS.items():
        buckets = report["distribution"][step]
        if buckets:
            chart = bars_chart(f"{name}: how many took how long.", buckets)
            body = table(("up to ms", "count"), buckets)
            figures.append(_figure(name, "dialogues by ms" if step is Step.WHOLE else "answers by ms", chart, body))
    return f'<h2>Distribution</h2><div class="figures">{"".join(figures)}</div>' if figures else ""


def _outcomes(report: Mapping[str, Any]) -> str:
    counts = {words: (report["endings"][ending], ending in AS_WANTED) for ending, words in ENDINGS.items()}
    counts |= {"due and never started": (report["missed"], False), "still open at the end": (report["open"], False)}
    total = max(1, sum(count for count, _ in counts.values()))
    rows = "".join(
        f'<tr><th scope="row">{escape(words)}</th><td class="n">{data(count)}</td>'
        f'<td class="n">{count / total:.2%}</td><td class="meter">'
        f'<span class="{"good" if good else "bad"}" style="width:{count / total:.2%}"></span></td></tr>'
        for words, (count, good) in counts.items()
        if count
    )
    beside = {
        "texts delivered again": report["redelivered"],
        "codes that came twice": report["repeated"],
        "answers “still in processing”": report["pending"],
        "texts nobody waited for": report["stray"],
    }
    seen = ", ".join(f"{data(count)} {words}" for words, count in beside.items() if count)
    numbers = "".join(f'<th scope="col" class="n">{name}</th>' for name in ("dialogues", "share"))
    whole = framed(f'<th scope="col">outcome</th>{numbers}<td></td>', rows)
    return f"<h2>Outcomes</h2>{whole}" + (f"<p>Besides: {seen}.</p>" if seen else "")


def _operators(report: Mapping[str, Any]) -> str:
    operators = report["operators"]
    if len(operators) < 2:
        return ""
    keys = ("p50_ms", "p90_ms", "p99_ms", "max_ms")
    rows = [[name, one["done"], one["failed"], *(one["whole"][key] for key in keys)] for name, one in operators.items()]
    return "<h2>Operators</h2>" + table(("operator", "done", "failed", *keys), rows)


def _unexpected(report: Mapping[str, Any]) -> str:
    if not report["unexpected"]:
        return ""
    rows = [[text, count] for text, count in report["unexpected"].items()]
    return "<h2>Unexpected answers</h2><p>Their digits are shown as 0.</p>" + table(("text", "count"), rows)


def _circumstances(report: Mapping[str, Any]) -> str:
    settings = {name: value for name, value in report["settings"].items() if value not in (None, "", [], (), {})}
    machine = {
        **report["machine"],
        **report["versions"],
        "processor time of the simulator, s": report["simulator_cpu_s"],
    }
    both = [("Settings", settings), ("Machine and versions", machine)]
    tables = "".join(
        f"<h2>{title}</h2>{table(('name', 'value'), [[name, _words(value)] for name, value in values.items()])}"
        for title, values in both
    )
    reading = (
        "<h2>How to read this</h2><p>At a given rate a clock starts when a text was due, not when it could leave: "
        "a gateway that stands still is seen to do so. Percentiles are of what was answered, and at most 2 % too high; "
        "what was never answered stands under outcomes. What was due in a warm-up is in the charts over time, and "
        "nowhere else.</p>"
    )
    return tables + reading


def _moment(report: Mapping[str, Any]) -> str:
    return f"{datetime.fromisoformat(report['began_at']):%Y-%m-%d %H:%M:%S} UTC"


def _points(report: Mapping[str, Any]) -> tuple[list[dict[str, Any]], float, float]:
    series = report["series"]
    return series["points"], series["width_s"], len(series["points"]) * series["width_s"]


def _is_open_loop(settings: Mapping[str, Any]) -> bool:
    return bool(settings["rate_per_s"] or settings["steps"])


def _figure(name: str, note: str, chart: str, numbers: str, *, wide: bool = False) -> str:
    caption = f"<figcaption><h3>{escape(name)}</h3><small>{escape(note)}</small></figcaption>"
    behind = f"<details><summary>The numbers behind it</summary>{numbers}</details>"
    return f"<figure{' class=wide' if wide else ''}>{caption}{chart}{behind}</figure>"


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
