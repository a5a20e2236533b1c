"""Writes the dashboard of Grafana: rows of panels, each a title, a unit, and queries of Prometheus with their legends.

    dashboard.py > ../chart/files/dashboard.json
"""

import json

RATE = "[$__rate_interval]"

# What a query selects, for the word SELECTED; further labels follow after a comma.
SELECTED = 'job=~"$job",instance=~"$instance"'

# Codes that are not the caller's fault.
FAULTS = "Unknown|DeadlineExceeded|Internal|Unavailable|DataLoss"


def rate(metric, by, labels=""):
    return f"sum by ({by}) (rate({metric}{{SELECTED{',' if labels else ''}{labels}}}{RATE}))"


def total(metric, by):
    return f"sum by ({by}) ({metric}{{SELECTED}})"


def quantile(q, metric, by=""):
    by = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, {rate(metric + '_bucket', by)})"


SENDS = 'grpc_service="smsmux.v1.MessageService",grpc_method=~"Send.*"'

ROWS = {
    "Overview": [
        ("Replicas", "short", [("count by (version, commit) (smsmux_build_info{SELECTED})", "{{version}} {{commit}}")]),
        ("Calls", "reqps", [(rate("grpc_server_handled_total", "grpc_code"), "{{grpc_code}}")]),
        ("Calls that failed by no fault of the caller", "percentunit", [(
            f"""sum(rate(grpc_server_handled_total{{SELECTED,grpc_code=~"{FAULTS}"}}{RATE}) or vector(0))"""
            f" / sum(rate(grpc_server_handled_total{{SELECTED}}{RATE}))",
            "failed",
        )]),
        ("Sends", "reqps", [(rate("grpc_server_handled_total", "grpc_method, grpc_code", SENDS), "{{grpc_method}} {{grpc_code}}")]),
        ("Duration of sends", "s", [
            (f"histogram_quantile({q}, {rate('grpc_server_handling_seconds_bucket', 'le', SENDS)})", f"{q}")
            for q in (0.5, 0.99)
        ]),
        ("Recipients accepted", "reqps", [(rate("smsmux_recipients_accepted_total", "account"), "{{account}}")]),
        ("Segments accepted", "reqps", [(rate("smsmux_segments_accepted_total", "account"), "{{account}}")]),
        ("Duration by method, 0.99", "s", [(quantile(0.99, "grpc_server_handling_seconds", "grpc_method"), "{{grpc_method}}")]),
    ],
    "Load": [
        ("Calls in flight", "short", [(total("smsmux_calls_in_flight", "instance"), "{{instance}}")]),
        ("Calls that wait for their account", "short", [(total("smsmux_calls_waiting", "account"), "{{account}}")]),
        ("Calls rejected, too many in flight", "reqps", [(rate("smsmux_calls_shed_total", "instance"), "{{instance}}")]),
        ("Connections that failed", "cps", [(rate("smsmux_connections_failed_total", "cause"), "{{cause}}")]),
        ("Requests rejected before a method", "reqps", [(rate("smsmux_requests_rejected_total", "cause"), "{{cause}}")]),
    ],
    "Vendors": [
        ("Requests by outcome", "reqps", [(rate("smsmux_vendor_requests_total", "account, outcome"), "{{account}} {{outcome}}")]),
        ("Duration of requests, 0.99", "s", [(quantile(0.99, "smsmux_vendor_request_seconds", "account"), "{{account}}")]),
        ("Circuit breaker: 0 closed, 1 half open, 2 open", "short", [
            ("max by (account) (smsmux_breaker_state{SELECTED})", "{{account}}"),
        ]),
        ("Connections", "short", [(total("smsmux_vendor_connections", "account, protocol, state"), "{{account}} {{protocol}} {{state}}")]),
        ("Handshakes", "cps", [(rate("smsmux_vendor_handshakes_total", "account, result"), "{{account}} {{result}}")]),
        ("Attempts by whether a byte left", "reqps", [(rate("smsmux_vendor_attempts_total", "account, left"), "{{account}} {{left}}")]),
        ("Requests that wait for a connection", "short", [(total("smsmux_vendor_requests_waiting", "account"), "{{account}}")]),
        ("Logins renewed", "cps", [(rate("smsmux_sessions_renewed_total", "account"), "{{account}}")]),
        ("Pushes", "reqps", [(rate("smsmux_pushes_total", "account, result"), "{{account}} {{result}}")]),
    ],
    "Store": [
        ("Claims by answer", "ops", [(rate("smsmux_store_claims_total", "answer"), "{{answer}}")]),
        ("Duration of commits", "s", [(quantile(q, "smsmux_store_commit_seconds"), f"{q}") for q in (0.5, 0.99)]),
        ("Operations in a commit, mean", "short", [(
            f"sum(rate(smsmux_store_batch_sum{{SELECTED}}{RATE})) / sum(rate(smsmux_store_batch_count{{SELECTED}}{RATE}))",
            "operations",
        )]),
        ("Operations that wait", "short", [(total("smsmux_store_queue", "instance"), "{{instance}}")]),
        # Replicas on one store all count the same.
        ("Unknown outcomes by age", "short", [("max by (age) (smsmux_store_unknown{SELECTED})", "{{age}}")]),
        ("Open messages by age", "short", [("max by (age) (smsmux_store_open{SELECTED})", "{{age}}")]),
        ("Lag of the purge", "s", [("max(smsmux_store_purge_lag_seconds{SELECTED})", "lag")]),
    ],
    "Events": [
        ("Events recorded", "ops", [(f"max(deriv(smsmux_events_recorded{{SELECTED}}{RATE}))", "events")]),
        ("Streams of events", "short", [(total("smsmux_event_watchers", "instance"), "{{instance}}")]),
        ("Age of events when sent, 0.99", "s", [(quantile(0.99, "smsmux_event_delivery_seconds"), "0.99")]),
        ("Webhook attempts", "reqps", [(rate("smsmux_event_webhook_attempts_total", "result"), "{{result}}")]),
        ("Webhooks by state", "short", [(total("smsmux_event_webhooks", "state"), "{{state}}")]),
        ("Oldest event that a webhook waits for", "s", [("max(smsmux_event_webhook_lag_seconds{SELECTED})", "lag")]),
    ],
    "Process": [
        ("CPU", "percentunit", [(rate("process_cpu_seconds_total", "instance"), "{{instance}}")]),
        ("Resident memory", "bytes", [(total("process_resident_memory_bytes", "instance"), "{{instance}}")]),
        ("Open files, of those permitted", "percentunit", [("process_open_fds{SELECTED} / process_max_fds{SELECTED}", "{{instance}}")]),
        ("Uptime", "s", [("time() - process_start_time_seconds{SELECTED}", "{{instance}}")]),
        ("Age of the configuration", "s", [
            ("time() - smsmux_config_last_reload_success_timestamp_seconds{SELECTED}", "{{instance}}"),
        ]),
        ("Last configuration in use: 1 yes, 0 rejected", "short", [
            ("min by (instance) (smsmux_config_last_reload_successful{SELECTED})", "{{instance}}"),
        ]),
        ("Certificate expires in", "s", [
            ("min by (certificate) (smsmux_certificate_expiry_timestamp_seconds{SELECTED}) - time()", "certificate {{certificate}}"),
        ]),
        ("Log lines dropped", "cps", [(rate("smsmux_log_lines_dropped_total", "instance"), "{{instance}}")]),
        ("Spans lost", "cps", [(rate("smsmux_spans_lost_total", "cause"), "{{cause}}")]),
    ],
}

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, COLUMNS = 8, 7, 3


def panels():
    number, y = 0, 0
    for row, members in ROWS.items():
        number += 1
        yield {"id": number, "type": "row", "title": row, "collapsed": False, "panels": [], "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}}
        y += 1
        for place, (title, unit, queries) in enumerate(members):
            number += 1
            yield {
                "id": number,
                "type": "timeseries",
                "title": title,
                "datasource": SOURCE,
                "gridPos": {"x": place % COLUMNS * WIDTH, "y": y + place // COLUMNS * HEIGHT, "w": WIDTH, "h": HEIGHT},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 10}}, "overrides": []},
                "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
                "targets": [
                    {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": query.replace("SELECTED", SELECTED), "legendFormat": legend}
                    for index, (query, legend) in enumerate(queries)
                ],
            }
        y += (len(members) + COLUMNS - 1) // COLUMNS * HEIGHT


def variable(name, query):
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "sort": 1,
    }


DASHBOARD = {
    "uid": "smsmux",
    "title": "smsmux",
    "tags": ["smsmux", "grpc", "sms"],
    "schemaVersion": 39,
    "editable": True,
    "graphTooltip": 1,
    "refresh": "30s",
    "time": {"from": "now-3h", "to": "now"},
    "templating": {
        "list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus", "current": {}},
            variable("job", "label_values(smsmux_build_info, job)"),
            variable("instance", 'label_values(smsmux_build_info{job=~"$job"}, instance)'),
        ],
    },
    "panels": list(panels()),
}

print(json.dumps(DASHBOARD, indent=1))
